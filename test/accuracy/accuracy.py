"""Prices every published row with the planner and writes docs/accuracy.md: see run.sh."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace

import report
from published_sets import all_sets
from variants import runtime_text

GIB = 2**30


def halfway(one, other):
    """Of a plan whose layers are by turns those of two plans of one stage: every part is their
    mean, as layers add up."""
    (one_stage,), (other_stage,) = one["stages"], other["stages"]
    return {
        "step_seconds": (one["step_seconds"] + other["step_seconds"]) / 2,
        "stages": [{name: (one_stage[name] + other_stage[name]) / 2 for name in one_stage}],
    }


class Pricer:
    """Turns rows into requests of galvatron_price_rows and back."""

    def __init__(self, program, profiles, folder):
        self.program, self.profiles, self.folder = program, profiles, folder
        self.files = {}

    def file(self, text, ending):
        if text not in self.files:
            path = os.path.join(self.folder, f"{len(self.files)}{ending}")
            with open(path, "w") as file:
                file.write(text)
            self.files[text] = path
        return self.files[text]

    def request(self, row):
        if row.chain:
            return json.dumps({"chain": row.chain})
        per_node = min(row.devices_per_node, row.devices)
        return json.dumps(
            {
                "model": self.file(json.dumps(row.model), ".json"),
                "hardware": os.path.join(self.profiles, row.hardware + ".yaml"),
                "set": list(row.set_keys),
                "runtime": self.file(runtime_text(self.profiles, row.runtime), ".yaml"),
                "nodes": -(-row.devices // per_node),
                "devices_per_node": per_node,
                "sequence": row.sequence,
                "precision": row.precision,
                "global_batch": row.global_batch,
                "micro_batch": row.micro_batch,
                "strategy": ",".join(f"{axis}={value}" for axis, value in row.strategy.items()),
            }
        )

    def answers(self, rows):
        text = "".join(self.request(row) + "\n" for row in rows)
        done = subprocess.run(
            [self.program], input=text, capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def price(self, rows):
        predictions = self.answers(rows)
        for index, row in enumerate(rows):
            if row.every_second:
                strategy = {**row.strategy, **row.every_second}
                other = self.answers([replace(row, strategy=strategy)])[0]
                predictions[index] = halfway(predictions[index], other)
        return predictions


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--profiles", required=True)
    arguments.add_argument("--measurements", required=True)
    arguments.add_argument("--output", required=True)
    arguments.add_argument("--rows", help="also write every row with its prediction, as JSON lines")
    arguments.add_argument("--only", help="of the sets whose name contains this")
    options = arguments.parse_args()
    sets = [s for s in all_sets(options.measurements) if (options.only or "") in s.name]
    with tempfile.TemporaryDirectory() as folder:
        pricer = Pricer(options.program, options.profiles, folder)
        for one in sets:
            one.predictions = pricer.price(one.rows)
    if options.rows:
        with open(options.rows, "w") as file:
            for one in sets:
                for row, prediction in zip(one.rows, one.predictions):
                    print(
                        json.dumps({"set": one.name, **row.__dict__, "prediction": prediction}),
                        file=file,
                    )
    text = report.markdown(sets)
    temporary = options.output + ".new"
    with open(temporary, "w") as file:
        file.write(text)
    os.replace(temporary, options.output)
    failed = [
        row.key + ": " + p["error"]
        for s in sets
        for row, p in zip(s.rows, s.predictions)
        if "error" in p
    ]
    for line in failed:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
