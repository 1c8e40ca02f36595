"""Measures, plans, runs and compares; closed_loop.sh calls it.

A plan's step time is the median over the steps of all its runs, which alternate with those of the
other plans. Beside it stands the median of each run's fastest step: the turns of other processes
only ever add to one, so where the two differ the machine was busy.
"""

import argparse
import pathlib
import statistics
import sys

import memory_loop
from loop_run import predicted, run, train
from statistics_of import spearman

GLOBAL_BATCH = 8
ROUNDS = 3
STEPS = 6
WARM_UP_STEPS = 2  # of each run: first touches of memory

# Name, strategy, samples per data rank.
PLANS = (
    ("data", "zero=0", 4),
    ("data, 4 micro-batches", "zero=0", 1),
    ("data, full recompute", "zero=0,recompute=full", 4),
    ("tensor", "tensor=2", 8),
    ("tensor, sequence parallel", "tensor=2,sequence_parallel=true", 4),
    ("pipeline, 2 micro-batches", "pipeline=2", 4),
    ("pipeline, 8 micro-batches", "pipeline=2", 1),
    ("pipeline, full recompute", "pipeline=2,recompute=full", 4),
    ("ZeRO 2", "zero=2", 2),
    ("ZeRO 3", "zero=3", 4),
    ("ZeRO 3, 4 micro-batches", "zero=3", 1),
)

GOALS = {"largest error": 15, "mean error": 15, "rank correlation": 0.8, "chosen behind": 5,
         "memory error": 3}


class Loop:
    """One model from its profile to the comparison."""

    def __init__(self, arguments, model, data):
        self.build = arguments.build
        self.work = arguments.work
        self.model = arguments.models / f"{model}.yaml"
        self.data = data
        self.profile = self.work / f"{model}_profile.yaml"
        self.plans = {}  # name to file
        self.fastest = {}  # name to the fastest step of each run
        self.steps = {}  # name to all steps
        self.peaks = {}  # name to measured bytes by stage

    def planner(self, command, *more, **kind):
        return run([self.build / "galvatron", command, "--model", self.model, "--hardware",
             self.work / "hardware.yaml", "--profile", self.profile, "--precision", "fp32",
             "--global-batch", GLOBAL_BATCH, *more], **kind)

    def measure_model(self):
        run([self.build / "galvatron-exec", "profile", "model", "--model", self.model, "--tensor",
             "1,2", "--micro-batch", "1,2,4,8", "-o", self.profile], measured=True)

    def plan(self):
        chosen = self.work / "chosen.yaml"
        self.planner("plan", "-o", chosen)
        self.plans = {"chosen": chosen}
        for number, (name, strategy, micro_batch) in enumerate(PLANS):
            file = self.work / f"plan{number}.yaml"
            priced = self.planner("estimate", "--strategy", strategy, "--micro-batch", micro_batch,
                                  "-o", file, may_refuse=True)
            if priced is not None:
                self.plans[name] = file

    def train(self):
        """Every plan in every round, so that a busy minute of the machine hits all of them."""
        for _ in range(ROUNDS):
            for name, file in self.plans.items():
                lines = train(self.build, file, self.data, "--steps", STEPS,
                              log=self.work / "log.jsonl", measured=True)
                seconds = [line["step_seconds"] for line in lines[WARM_UP_STEPS:]]
                self.steps.setdefault(name, []).extend(seconds)
                self.fastest.setdefault(name, []).append(min(seconds))
                self.peaks[name] = lines[-1]["stage_peak_memory_bytes"]

    def compare(self):
        """Prints the table and returns what the goals are about."""
        print(f"\n{self.model.stem}: step time in ms of {ROUNDS} runs, largest stage in MiB")
        print(f"  {'plan':<28}{'predicted':>10}{'measured':>10}{'error':>9}{'fastest':>11}"
              f"{'predicted':>12}{'counted':>10}{'error':>9}")
        told, seen, memory_errors = {}, {}, []
        for name in self.plans:
            told[name], stages = predicted(self.build, self.plans[name])
            seen[name] = statistics.median(self.steps[name])
            errors = [abs(a / b - 1) * 100 for a, b in zip(stages, self.peaks[name])]
            memory_errors += errors
            print(f"  {name:<28}{1e3 * told[name]:>10.1f}{1e3 * seen[name]:>10.1f}"
                  f"{100 * (told[name] / seen[name] - 1):>+8.1f}%"
                  f"{1e3 * statistics.median(self.fastest[name]):>11.1f}{max(stages) / 2**20:>12.2f}"
                  f"{max(self.peaks[name]) / 2**20:>10.2f}{max(errors):>8.2f}%")
        errors = [abs(told[name] / seen[name] - 1) * 100 for name in told]
        fastest = min(seen.values())
        found = {
            "largest error": max(errors),
            "mean error": statistics.mean(errors),
            "rank correlation": spearman([(told[name], seen[name]) for name in told]),
            "chosen behind": 100 * (seen["chosen"] / fastest - 1),
            "memory error": max(memory_errors),
        }
        print(f"  slowest over fastest plan: {max(seen.values()) / fastest:.2f}")
        return found


def misses(goal, value):
    return value < GOALS[goal] if goal == "rank correlation" else value > GOALS[goal]


def time_loops(arguments, data):
    """Goals that were missed, by the step time and the memory of two ranks."""
    run([arguments.build / "galvatron-exec", "profile", "hardware", "--local", 2, "-o",
         arguments.work / "hardware.yaml"], measured=True)
    missed = []
    for name, source in data.items():
        loop = Loop(arguments, name, source)
        loop.measure_model()
        loop.plan()
        loop.train()
        for goal, value in loop.compare().items():
            verdict = "missed" if misses(goal, value) else "reached"
            print(f"  {goal}: {value:.2f} (goal {GOALS[goal]}, {verdict})")
            if verdict == "missed":
                missed.append(f"{name}: {goal}")
    return missed


def memory_loops(arguments, data):
    """Goals that were missed; a step that communicates something unplanned ends the script."""
    missed = []
    for name, source in data.items():
        for ranks in arguments.memory:
            error = memory_loop.MemoryLoop(
                build=arguments.build, work=arguments.work, data=source, ranks=ranks,
                model=arguments.models / f"{name}.yaml").check()
            print(f"  largest error of memory: {error:.2f} % (goal {memory_loop.GOAL})")
            if error > memory_loop.GOAL:
                missed.append(f"{name}: memory of {ranks} ranks")
    return missed


def ranks_of(text):
    ranks = [int(word) for word in text.split(",")]
    unknown = [str(count) for count in ranks if count not in memory_loop.PLANS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there are plans for {sorted(memory_loop.PLANS)}, not "
                                         f"for {', '.join(unknown)}")
    return ranks


def main():
    parser = argparse.ArgumentParser()
    for name in ("build", "work", "models", "images", "sequences", "text"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    parser.add_argument("--memory", type=ranks_of, metavar="RANKS",
                        help="only memory and ledger, on so many ranks, such as 2,4,8")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    data = {"gpt2": f"text:{arguments.text}", "bert": f"text:{arguments.text}",
            "t5": str(arguments.sequences), "swin": str(arguments.images)}
    unknown = set(arguments.names) - set(data)
    if unknown:
        parser.error(f"no model {', '.join(sorted(unknown))}, expected {', '.join(data)}")
    chosen = {name: data[name] for name in arguments.names or data}
    loops = memory_loops if arguments.memory else time_loops
    missed = loops(arguments, chosen)
    if missed:
        sys.exit("goals missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
