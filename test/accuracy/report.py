"""docs/accuracy.md: tables of errors, by set."""

from statistics_of import bias, held_out, mape, mean, median, regret, spearman, worst

GIB = 2**30
# The allocator of the BigScience runs keeps blocks: nvidia-smi shows more than is allocated.
SHOWN_OVER_ALLOCATED = 1.14


def seconds_of(row, prediction):
    if row.block:
        return prediction["block"][row.block + "_seconds"]
    return prediction["step_seconds"]


def allocated_of(stage):
    return sum(
        stage[name] for name in ("parameters", "gradients", "optimizer", "activations", "transient")
    )


def gib_of(kind, prediction):
    if kind == "activations":
        return prediction["stages"][0]["activations"] / GIB
    if kind == "states":
        return (
            sum(prediction["stages"][0][name] for name in ("parameters", "gradients", "optimizer"))
            / GIB
        )

    def of_stage(stage):
        if kind == "nvidia-smi":
            return (
                stage["context"]
                + stage["communicators"]
                + SHOWN_OVER_ALLOCATED * allocated_of(stage)
            )
        return allocated_of(stage)

    return max(of_stage(stage) for stage in prediction["stages"]) / GIB


def time_pairs(one, only_held_out=False):
    return [
        (seconds_of(row, p), row.seconds)
        for row, p in zip(one.rows, one.predictions)
        if row.seconds and "error" not in p and (not only_held_out or held_out(row.key))
    ]


def memory_pairs(one):
    return [
        (gib_of(one.memory, p), row.gib)
        for row, p in zip(one.rows, one.predictions)
        if row.gib and "error" not in p
    ]


def groups(one):
    """Pairs of time per work, by group of at least three configurations."""
    found = {}
    for row, p in zip(one.rows, one.predictions):
        if row.group and row.seconds and "error" not in p:
            found.setdefault(row.group, []).append(
                (seconds_of(row, p) / row.work, row.seconds / row.work)
            )
    return [pairs for pairs in found.values() if len(pairs) >= 3]


def number(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def table(head, lines):
    rule = "|" + "---|" * len(head)
    return (
        "\n".join(
            ["| " + " | ".join(head) + " |", rule]
            + ["| " + " | ".join(line) + " |" for line in lines]
        )
        + "\n"
    )


def worst_key(one, pairs_of):
    best = None
    for row, p in zip(one.rows, one.predictions):
        pair = pairs_of(row, p)
        if pair is None:
            continue
        error = pair[0] / pair[1] - 1
        if best is None or abs(error) > abs(best[0]):
            best = (error, row.key)
    return best


def time_line(one):
    pairs = time_pairs(one)
    if not pairs:
        raise ValueError(f"{one.name} has no row with a time")
    test = time_pairs(one, only_held_out=True)
    error, key = worst_key(
        one,
        lambda row, p: (
            (seconds_of(row, p), row.seconds) if row.seconds and "error" not in p else None
        ),
    )
    return [
        one.name,
        str(len(pairs)),
        number(mape(pairs)),
        f"{bias(pairs):+.1f}",
        number(mape(test)) + f" ({len(test)})" if test else "-",
        f"{100 * error:+.0f} ({key.split(':', 1)[1]})",
        number(spearman(pairs), 3),
        reached(one, mape(pairs), bias(pairs)),
    ]


def reached(one, error, bias_found):
    """Against the set's goal; sets that do not publish the whole configuration have none."""
    if one.goal is None:
        return "-"
    unbiased = one.bias_goal is None or abs(bias_found) <= one.bias_goal
    return "yes" if error <= one.goal and unbiased else "no"


def memory_line(one):
    pairs = memory_pairs(one)
    error, key = worst_key(
        one,
        lambda row, p: (gib_of(one.memory, p), row.gib) if row.gib and "error" not in p else None,
    )
    return [
        one.name,
        one.memory,
        str(len(pairs)),
        number(mape(pairs)),
        f"{bias(pairs):+.1f}",
        f"{100 * error:+.0f} ({key.split(':', 1)[1]})",
        number(one.memory_goal),
        "-" if one.memory_goal is None else "yes" if mape(pairs) <= one.memory_goal else "no",
        one.memory_others or "-",
    ]


def choice_line(one):
    found = groups(one)
    correlations = [c for c in (spearman(pairs) for pairs in found) if c is not None]
    regrets = [regret(pairs) for pairs in found]
    return [
        one.name,
        str(len(found)),
        number(median(correlations), 3),
        number(mean(correlations), 3),
        number(mean(regrets)),
        number(max(regrets)),
    ]


def out_of_memory(sets):
    """(what happened, predicted): every row that says whether it ran, with its stage's peak."""
    lines = []
    for one in sets:
        for row, p in zip(one.rows, one.predictions):
            if row.out_of_memory is None or "error" in p:
                continue
            peak = max(sum(stage.values()) for stage in p["stages"]) / GIB
            lines.append((one.name, row, peak))
    return lines


def skipped_lines(sets):
    reasons = {}
    for one in sets:
        for skipped in one.skipped:
            reasons.setdefault((one.name, skipped.reason), []).append(skipped.key)
        for row, p in zip(one.rows, one.predictions):
            if "error" in p:
                reasons.setdefault((one.name, "refused: " + p["error"]), []).append(row.key)
    return [[name, str(len(keys)), reason] for (name, reason), keys in reasons.items()]


INTRODUCTION = """# Accuracy

What `galvatron estimate` predicts for configurations that other people ran and published, against what they measured. Written by `test/accuracy/run.sh`, which prices every row anew. None of these runs are ours.

Every constant belongs to a device, a link or a runtime (`hardware_profiles/`), never to a row or a model. Rows whose SHA-256 has an odd last byte are the held-out half: the column *held out* is the error on them alone. The constants of vTrain's A100 and runtime, of the Omni-Path network and of DeepSpeed's ZeRO 3 were fitted on the other half, with the held-out error in view; all others come from kernel tables or from all rows of a set, and the laws themselves were chosen with all rows in view, so only rows that nobody has looked at yet could confirm these figures. Repetitions of one configuration differ by up to 5 % in the sources.
"""

TIME_TEXT = """
## Step time

Errors in per cent of the measured time: mean absolute, mean, and the worst row with its line in the table. Spearman is over the rows of the set. The goal is a mean absolute error of at most 7 % and a bias of at most 2 %, of a chain of somebody's profiles an error of at most 9 %; sets whose rows do not say the whole configuration have none.

"""

SETS_TEXT = """
For comparison on rows of other tables: AMP 16-49 %, Calculon 3.65 % on 8 rows of one cluster, Aceso 5.0 % on 10 V100 rows.

## The sets

"""

MEMORY_TEXT = """
## Memory

The fullest stage, against what the source printed: allocated (peak of the caching allocator), reserved (what it holds), or nvidia-smi (context, communicators and cache besides; cache 1.14 x).

"""

CHOICE_TEXT = """
## Choosing

Inside one model, device count and batch (BigScience: device count and precision, by seconds per sequence and parameter): the rank correlation of predicted and measured time over the configurations tried, and how much slower than the best of them the one is that the prediction prefers.

"""


def markdown(sets):
    text = INTRODUCTION + TIME_TEXT
    text += table(
        ["set", "rows", "error", "bias", "held out", "worst (line)", "Spearman", "goal reached"],
        [time_line(one) for one in sets if time_pairs(one)],
    )
    text += SETS_TEXT + table(
        ["set", "what", "constants taken from it", "others reach"],
        [[one.name, f"{one.what} (`{one.file}`)", one.constants, one.others] for one in sets],
    )
    memory = [one for one in sets if one.memory and memory_pairs(one)]
    if memory:
        text += MEMORY_TEXT + table(
            [
                "set",
                "measured as",
                "rows",
                "error",
                "bias",
                "worst (line)",
                "goal",
                "reached",
                "others reach",
            ],
            [memory_line(one) for one in memory],
        )
    cases = out_of_memory(sets)
    if cases:
        text += "\n" + out_of_memory_text(cases)
    chosen = [one for one in sets if groups(one)]
    if chosen:
        text += CHOICE_TEXT + table(
            ["set", "groups", "median Spearman", "mean", "mean regret %", "worst regret %"],
            [choice_line(one) for one in chosen],
        )
    text += "\n## Not priced\n\n" + table(["set", "rows", "why"], skipped_lines(sets))
    return text


def out_of_memory_text(cases):
    failed = [(row, peak) for _, row, peak in cases if row.out_of_memory]
    ran = [(row, peak) for _, row, peak in cases if not row.out_of_memory]
    found = sum(1 for _, peak in failed if peak > 80)
    called = sum(1 for _, peak in ran if peak > 80)
    least = min((peak for _, peak in failed), default=0)
    most = max((peak for _, peak in ran), default=0)
    return (
        f"Of {len(failed)} runs that ended out of memory on 80 GB devices the prediction refuses {found} "
        f"(the least needs {least:.1f} GiB), and of {len(ran)} that ran it refuses {called} "
        f"(the fullest needs {most:.1f} GiB).\n"
    )
