#!/usr/bin/env python3
"""Random plans of another hand against the bound of the search.

    random_layerwise_plans.py GALVATRON SOURCE_TREE COUNT [SEED]

Knows the plan file (docs/plan_format.md) and nothing of the planner's code. For several models it
lets `galvatron plan` find a plan, takes model, job and inputs from that file, and writes plans of
its own: any stages, micro-batches, schedule and strategy per layer. Half of them are made up, half
are the found plan with a few changes, which come closest to the bound. `galvatron check --json`
prices each. One that fits and has a shorter closed form than the certified lower bound is a
failure. Plans that break a rule of the format are refused by `check` (exit 3) and counted apart.

A certificate speaks of the plans whose memory fits by the search's own sum, which is never less
than the peak (docs/decisions.md 7). Plans that fit by their peak alone and are faster than the
bound are no failures; they are counted, with how much faster they are.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

# Model, and what else `plan` is told. Budgets: ample, and such that much does not fit.
CASES = [
    ("gpt2/tiny", "--hardware cpu_local --global-batch 16"),
    ("gpt2/tiny", "--hardware cpu_local --global-batch 16 --memory-budget 268MiB"),
    ("llama/tiny", "--hardware cpu_local --global-batch 24 --memory-budget 266MiB"),
    ("bert/tiny", "--hardware cpu_local --global-batch 16 --devices-per-node 8 --memory-budget 280MiB"),
    ("vit/tiny", "--hardware cpu_local --global-batch 32 --nodes 2 --set inter_node.gb_per_s_per_node=1"),
    ("llama/llama2_7b", "--hardware h100_80gb_sxm --global-batch 64 --memory-budget 60GiB"),
]
MEMORY = ["parameters", "gradients", "optimizer", "activations", "transient", "context",
          "communicators", "reserve"]
ROUNDING = 1e-7  # of times that the search counts in picoseconds


def divisors(number):
    return [n for n in range(1, number + 1) if number % n == 0]


def sections_of(text):
    """Top-level keys of a plan file with the lines that belong to them."""
    sections = {}
    for line in text.splitlines():
        if line and not line[0].isspace() and not line.startswith(("#", "-")):
            key = line.split(":")[0]
            sections[key] = []
        sections[key].append(line)
    return sections


class Template:
    def __init__(self, galvatron, model, options, folder):
        self.path = os.path.join(folder, "found.yaml")
        command = [galvatron, "plan", "--model", f"examples/{model}.yaml", "--gap", "0", "--json",
                   "-o", self.path] + options.split()
        self.found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        with open(self.path, encoding="utf-8") as file:
            self.sections = sections_of(file.read())
        self.devices = self.found["devices"]
        self.layers = len(self.found["strategies"])
        self.bound = self.found["certificate"]["lower_bound_seconds"]

    def plan_of_the_search(self):
        keys = ("tensor", "data", "order", "zero", "sequence_parallel", "recompute")
        return {"micro_batches": self.found["micro_batches"], "schedule": self.found["schedule"],
                "cuts": [stage["layers"][0] for stage in self.found["stages"][1:]],
                "strategies": [{key: layer[key] for key in keys}
                               for layer in self.found["strategies"]]}

    def text_of(self, plan):
        job = []
        for line in self.sections["job"]:
            key = line.strip().split(":")[0]
            job.append(f"  {key}: {plan[key]}" if key in ("micro_batches", "schedule") else line)
        lines = ["version: 1"] + self.sections["model"] + job + [f"devices: {self.devices}"]
        lines += stage_lines(plan, self.devices) + prediction_lines(len(plan["cuts"]) + 1)
        return "\n".join(lines + self.sections["inputs"]) + "\n"


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def stage_lines(plan, devices):
    lines = ["stages:"]
    ends = plan["cuts"] + [len(plan["strategies"])]
    share = devices // len(ends)
    first = 0
    for stage, end in enumerate(ends):
        lines.append(f"  - devices: [{stage * share}, {(stage + 1) * share - 1}]")
        lines.append("    runs:")
        for layer in range(first, end):
            lines.append(f"      - layers: [{layer}, {layer}]")
            for key, value in plan["strategies"][layer].items():
                lines.append(f"        {key}: {text(value)}")
        first = end
    return lines


def prediction_lines(stages):
    """Nothing is predicted: what a plan costs is what `check` is asked."""
    lines = ["predicted:", "  step_seconds: 0", "  closed_form_seconds: 0", "  stages:"]
    for _ in range(stages):
        lines += ["    - seconds_per_micro_batch: 0", "      memory_bytes:"]
        lines += [f"        {part}: 0" for part in MEMORY]
    return lines


def random_strategy(dice, devices):
    tensor = dice.choice(divisors(devices))
    data = devices // tensor
    both = tensor > 1 and data > 1
    return {"tensor": tensor, "data": data,
            "order": dice.choice(["tensor_inner", "data_inner"]) if both else "tensor_inner",
            "zero": dice.randrange(4) if data > 1 else 0,
            "sequence_parallel": tensor > 1 and dice.random() < 0.5,
            "recompute": dice.choice(["none", "none", "selective", "full"])}


def agree(strategies):
    """Embedding and head may share a table: then they split and shard it alike."""
    for key in ("tensor", "data", "order", "zero"):
        strategies[-1][key] = strategies[0][key]
    if strategies[-1]["tensor"] == 1:
        strategies[-1]["sequence_parallel"] = False


def made_up(dice, template):
    stages = dice.choice([n for n in divisors(template.devices) if n <= template.layers])
    devices = template.devices // stages
    base = random_strategy(dice, devices)
    variety = dice.random()
    strategies = [random_strategy(dice, devices) if dice.random() < variety else dict(base)
                  for _ in range(template.layers)]
    strategies[0]["recompute"] = "none"
    agree(strategies)
    return {"micro_batches": dice.choice(divisors(template.found["global_batch"])),
            "schedule": dice.choice(["1f1b", "1f1b", "gpipe"]),
            "cuts": sorted(dice.sample(range(1, template.layers), stages - 1)),
            "strategies": strategies}


def changed(dice, template):
    plan = template.plan_of_the_search()
    devices = template.devices // (len(plan["cuts"]) + 1)
    for _ in range(dice.randint(1, 3)):
        what = dice.randrange(6)
        if what == 0:
            plan["micro_batches"] = dice.choice(divisors(template.found["global_batch"]))
        elif what == 1 and plan["cuts"]:
            plan["cuts"] = sorted(dice.sample(range(1, template.layers), len(plan["cuts"])))
        else:
            first = dice.randrange(template.layers)
            strategy = random_strategy(dice, devices)
            axes = list(strategy) if what < 4 else [dice.choice(["zero", "recompute", "order"])]
            for layer in range(first, min(template.layers, first + dice.choice([1, 1, 2, 99]))):
                plan["strategies"][layer].update({axis: strategy[axis] for axis in axes})
    plan["strategies"][0]["recompute"] = "none"
    agree(plan["strategies"])
    return plan


def price_of(galvatron, path):
    """None where the plan is refused."""
    answer = subprocess.run([galvatron, "check", path, "--json"], capture_output=True, text=True)
    if answer.returncode == 3:
        return None
    if answer.returncode not in (0, 1):
        raise RuntimeError(f"check ended with {answer.returncode}: {answer.stdout}{answer.stderr}")
    return json.loads(answer.stdout)["priced"]


def main():
    galvatron, tree, count = os.path.realpath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    dice = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    os.chdir(tree)
    failures = priced = fitting = refused = outside = 0
    closest = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plan.yaml")
        templates = [Template(galvatron, model, options, folder) for model, options in CASES]
        while priced < count and refused < count:
            case = (priced + refused) % len(templates)
            template = templates[case]
            plan = (made_up if dice.random() < 0.5 else changed)(dice, template)
            with open(path, "w", encoding="utf-8") as file:
                file.write(template.text_of(plan))
            price = price_of(galvatron, path)
            if price is None:
                refused += 1
                continue
            priced += 1
            if not price["fits"]:
                continue
            fitting += 1
            closest = min(closest, price["closed_form_seconds"] / template.bound)
            if price["closed_form_seconds"] >= template.bound * (1 - ROUNDING):
                continue
            if price["peak_bytes_bound"] > template.found["budget_bytes"]:
                outside += 1
                continue
            failures += 1
            print(f"FAILED: this plan for {CASES[case]} takes {price['closed_form_seconds']} s, "
                  f"below the bound of {template.bound} s:\n{template.text_of(plan)}")
    print(f"{priced} plans priced, {fitting} of them fit, {refused} refused; "
          f"{outside} are faster than the bound but fit by their peak alone; "
          f"the fastest takes {closest:.6f} of its bound")
    if priced < count or fitting < count / 3:
        failures += 1
        print("FAILED: too few plans were priced or fit")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
