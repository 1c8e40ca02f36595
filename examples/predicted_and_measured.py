"""Prints what a plan predicted beside what its training run measured.

    galvatron show plan.yaml --json | python3 predicted_and_measured.py train.jsonl
"""

import json
import os
import statistics
import sys

WARM_UP_STEPS = 5  # first touches of memory and lazy initialisation, not the price of a step
MIB = 2**20

# What the executor cannot count in live tensors: its runtime, buffers of the transport, slack.
UNCOUNTED = ("context", "communicators", "reserve")


def predicted_tensor_bytes(stage):
    return stage["peak_bytes"] - sum(stage["memory"][category] for category in UNCOUNTED)


def row(name, predicted, measured, unit):
    print(f"  {name:<24}{predicted:>12.2f}{measured:>12.2f} {unit}")


def main():
    plan = json.load(sys.stdin)
    with open(sys.argv[1], encoding="utf-8") as log:
        steps = [json.loads(line) for line in log]
    ranks = 1 + max(stage["devices"][1] for stage in plan["stages"])
    measured_seconds = statistics.median(step["step_seconds"] for step in steps[WARM_UP_STEPS:])

    print(f"{ranks} ranks on {len(os.sched_getaffinity(0))} cores, {len(steps)} steps,", end=" ")
    print(f"loss {steps[0]['loss']:.3f} -> {steps[-1]['loss']:.3f}")
    print(f"  {'':<24}{'predicted':>12}{'measured':>12}")
    row("step time", 1e3 * plan["step_seconds"], 1e3 * measured_seconds, "ms")
    counted = steps[-1]["stage_peak_memory_bytes"]
    for index, stage in enumerate(plan["stages"]):
        row(f"peak tensors, stage {index}", predicted_tensor_bytes(stage) / MIB,
            counted[index] / MIB, "MiB")


if __name__ == "__main__":
    main()
