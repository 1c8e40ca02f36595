"""Memory and communication of plans that mix axes, on more ranks than a laptop has cores.

Neither depends on how fast the machine is, so that nothing is measured first: each plan is priced
with the profile of any CPU and trained for two steps. The executor counts its tensors, and compares
what it communicates with the plan, entry by entry.
"""

import dataclasses

from loop_run import largest_peak, predicted, run, train

GLOBAL_BATCH = 8
STEPS = 2  # the first has no moments of the optimizer yet
GOAL = 3  # per cent
HARDLY_MORE = 1.01  # so that layers differ in what they do to save memory

# By number of ranks: strategy of all layers, samples per data rank.
PLANS = {
    2: (
        ("pipeline=2,recompute=selective", 2),
        ("tensor=2,sequence_parallel=true,recompute=full", 4),
        ("zero=1", 1),
        ("zero=2,recompute=full", 1),
        ("zero=3", 2),
    ),
    4: (
        ("pipeline=2,tensor=2,sequence_parallel=true", 2),
        ("pipeline=2,tensor=2,recompute=full,schedule=gpipe", 2),
        ("pipeline=2,zero=3", 1),
        ("pipeline=2,zero=3,recompute=full", 2),
        ("pipeline=4,recompute=selective", 1),
        ("tensor=2,zero=3,recompute=selective", 2),
        ("tensor=4,sequence_parallel=true", 4),
        ("zero=3,recompute=full", 1),
    ),
    8: (
        ("pipeline=2,tensor=2,zero=3", 1),
        ("pipeline=2,tensor=2,zero=3,sequence_parallel=true,recompute=full", 2),
        ("pipeline=2,tensor=4,sequence_parallel=true,recompute=selective", 2),
        ("pipeline=2,zero=3,recompute=full", 1),
        ("pipeline=4,tensor=2,recompute=full", 2),
        ("pipeline=4,zero=2", 1),
        ("tensor=2,zero=3,sequence_parallel=true,recompute=full", 2),
        ("tensor=4,zero=3,order=data_inner", 2),
        ("zero=3", 1),
    ),
}


@dataclasses.dataclass
class MemoryLoop:
    """One model on a number of ranks, from the pricing of its plans to the comparison."""

    build: object  # folder of the programs
    work: object  # folder for files that nobody keeps
    model: object
    data: str
    ranks: int

    def options(self):
        return ["--model", self.model, "--hardware", "cpu_local", "--nodes", 1,
                "--devices-per-node", self.ranks, "--precision", "fp32", "--global-batch",
                GLOBAL_BATCH]

    def plans(self):
        """Name and file of each, the search's own for hardly more memory than the leanest last."""
        made = []
        for number, (strategy, micro_batch) in enumerate(PLANS[self.ranks]):
            file = self.work / f"memory{number}.yaml"
            if run([self.build / "galvatron", "estimate", *self.options(), "--strategy", strategy,
                    "--micro-batch", micro_batch, "-o", file], may_refuse=True) is not None:
                made.append((strategy, file))
        budget = int(HARDLY_MORE * min(largest_peak(self.build, file) for _, file in made))
        chosen = self.work / "memory_chosen.yaml"
        run([self.build / "galvatron", "plan", *self.options(), "--memory-budget", budget, "-o",
             chosen])
        return made + [("chosen within 1.01 of the leanest", chosen)]

    def check(self):
        """Prints a line per plan; the largest error of memory in per cent."""
        print(f"\n{self.model.stem} on {self.ranks} ranks: largest stage in MiB, communications of "
              f"all ranks in a step\n  {'plan':<68}{'predicted':>10}{'counted':>10}{'error':>9}"
              f"{'ledger':>9}")
        errors = []
        for name, plan in self.plans():
            log = train(self.build, plan, self.data, "--steps", STEPS, "--check-ledger",
                        log=self.work / "log.jsonl")
            counted = log[-1]["stage_peak_memory_bytes"]
            _, told = predicted(self.build, plan)
            errors.append(max(abs(a / b - 1) * 100 for a, b in zip(told, counted)))
            print(f"  {name:<68}{max(told) / 2**20:>10.2f}{max(counted) / 2**20:>10.2f}"
                  f"{errors[-1]:>8.2f}%{log[-1]['ledger_entries']:>9}", flush=True)
        return max(errors)
