"""Plans of Aceso as chains of profiled operators: what the published operator tables say about
every operator of a stage, as the plan splits and recomputes it, summed to what a stage costs."""

import csv
import os

from rows import Row, RowSet

LAYER = (
    "enc-1st-layernorm",
    "enc-attention-qkv",
    "enc-attention-score",
    "enc-attention-softmax",
    "enc-attention-dropout",
    "enc-attention-context",
    "enc-attention-dense",
    "enc-post-attention-dropout",
    "enc-2nd-layernorm",
    "enc-MLP-GEMM-1",
    "enc-MLP-gelu",
    "enc-MLP-GEMM-2",
    "enc-post-MLP-dropout",
)
WITH_WEIGHTS = {
    "enc-attention-qkv",
    "enc-attention-dense",
    "enc-MLP-GEMM-1",
    "enc-MLP-GEMM-2",
    "gpt-post-process",
}
# Nothing in backward reads what these make.
OUTPUT_NOT_KEPT = {"enc-attention-score", "enc-attention-dense", "enc-MLP-GEMM-2"}
MIB = 2**20
STATE_BYTES = 18  # per parameter: fp16 weight, fp32 gradient, weight and moments
WEIGHT_BYTES = 2
WORKSPACE_SHARE = 0.5  # of the largest that backward reserves: it is not all in use at once
DEVICES_PER_NODE = 8
NOT_RUN = 1e6  # milliseconds that the tables print for sizes nobody timed


def read(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def device_of(name):
    """A10G-24GB in one table is A10G-24GB-PCIe in another."""
    return name.split("-")[0]


class Profiles:
    def __init__(self, folder):
        self.operators = {
            (device_of(r["gpu"]), r["size"], int(r["micro_batch"]), int(r["tp"]), r["op"]): r
            for r in read(folder, "aceso_op_profiles.csv")
            if r["model"] == "gpt" and r["algo"] == "0"
        }
        self.sends, self.reductions = {}, {}
        for r in read(folder, "aceso_comm_profiles.csv"):
            if r["collective"] == "all_reduce" and float(r["time_ms"] or NOT_RUN) < NOT_RUN:
                times = self.reductions.setdefault((device_of(r["gpu"]), int(r["gpus"])), {})
                times[float(r["size_MB"])] = float(r["time_ms"]) / 1e3
            if r["collective"].startswith("p2p"):
                rates = self.sends.setdefault((device_of(r["gpu"]), r["collective"]), {})
                rates[float(r["size_MB"])] = float(r["busbw_or_bw_GBps"])

    def reduce_seconds(self, device, ranks, mib):
        sizes = self.reductions[device, ranks]
        return sizes[max(sizes)] * mib / max(sizes)

    def send_seconds(self, device, mib, crosses_nodes):
        rates = self.sends[device, "p2p_inter_node" if crosses_nodes else "p2p_intra_node"]
        size = min((s for s in rates if s >= mib), default=max(rates))
        return mib * MIB / (rates[size] * 1e9)

    def backward_us(self, device, size, micro_batch, tensor, name):
        """Where a product's backward lasts no longer than its forward, the table holds one of its
        two products: the other takes as long."""
        found = float(self.operators[device, size, micro_batch, tensor, name]["bwd_us"])
        alone = self.operators[device, size, micro_batch, 1, name]
        forward, backward = float(alone["fwd_us"]), float(alone["bwd_us"])
        if name in WITH_WEIGHTS and backward < 1.5 * forward:
            found += backward / tensor
        return found


def expanded(runs):
    """"1x2 0x3" as [1, 1, 0, 0, 0]."""
    values = []
    for run in runs.split():
        value, count = run.split("x")
        values += [int(value)] * int(count)
    return values


def stage_of(profiles, device, size, micro_batch, names, splits):
    """Of one micro-batch; `splits`: by operator tensor degree, data degree and recomputation."""
    stage = dict(forward=0.0, backward=0.0, sync=0.0, states=0.0, kept=0.0, transient=0.0)
    run_goes_on = input_is_kept = False
    for name, (tensor, data, recomputes) in zip(names, splits):
        place = (device, size, micro_batch // data, tensor, name)
        operator = profiles.operators[place]
        forward = float(operator["fwd_us"]) / 1e6
        stage["forward"] += forward
        stage["backward"] += profiles.backward_us(*place) / 1e6
        weights = float(operator["weights_MB"])
        stage["states"] += weights * MIB / WEIGHT_BYTES * STATE_BYTES
        if data > 1:
            stage["sync"] += profiles.reduce_seconds(device, data, weights)
        reserved = float(operator["bwd_reserved_MB"]) * MIB
        stage["transient"] = max(stage["transient"], WORKSPACE_SHARE * reserved)
        if recomputes:
            stage["backward"] += forward
            if not run_goes_on and not input_is_kept:
                stage["kept"] += float(operator["in_MB"]) * MIB
        elif name not in OUTPUT_NOT_KEPT:
            stage["kept"] += float(operator["act_MB"]) * MIB
        run_goes_on = recomputes
        input_is_kept = not recomputes and name not in OUTPUT_NOT_KEPT
    return stage


def chain_of(profiles, r):
    """The stages of a plan, as galvatron_price_rows takes them."""
    device, size = device_of(r["gpu"]), r["model"].split("-")[1]
    micro_batch = int(r["micro_batch"])
    names = ("encoder-embedding", *LAYER * int(r["layers"]), "final-layernorm", "gpt-post-process")
    columns = ("tp_per_op", "dp_per_op", "recompute_per_op")
    stages = []
    first_operator = first_device = 0
    for devices, *runs in zip(*(r[name].split("|") for name in ("gpus_per_stage", *columns))):
        splits = list(zip(*(expanded(column) for column in runs)))
        own = names[first_operator : first_operator + len(splits)]
        stage = stage_of(profiles, device, size, micro_batch, own, splits)
        stage["send"] = 0.0
        if stages:
            tensor, data, _ = splits[0]
            taken = profiles.operators[device, size, micro_batch // data, tensor, own[0]]
            crosses = first_device % DEVICES_PER_NODE == 0
            stages[-1]["send"] = profiles.send_seconds(device, float(taken["in_MB"]), crosses)
        stages.append(stage)
        first_operator += len(splits)
        first_device += int(devices)
    if first_operator != len(names):
        raise ValueError(f"{r['config']} names {first_operator} operators of {len(names)}")
    return dict(micro_batches=int(r["global_batch"]) // micro_batch, stages=stages), first_device


def aceso(folder):
    """Two sets: on up to 16 devices, and on more."""

    def rows_on(devices, goal):
        return RowSet(
            f"Aceso chain, {devices} devices",
            "mist_aceso_runtime_summary.csv",
            f"GPT 1.3B-40B cut between operators on {devices} A100, A10G, L4, by the published "
            "times of every operator (`aceso_op_profiles.csv`): a test of the pipeline's laws",
            "none",
            "Aceso 5.0 %, memory 11.7 %",
            goal,
            bias_goal=None,
            memory="allocated",
            memory_goal=5 if goal else None,
            memory_others="Aceso 11.7 %",
        )

    few, many = rows_on("2-16", 9), rows_on("32-64", None)
    profiles = Profiles(folder)
    for number, r in enumerate(read(folder, few.file)):
        chain, devices = chain_of(profiles, r)
        rows = few if devices <= 16 else many
        logs_all = int(r["ranks_logged"]) == devices and r["max_allocated_MB"]
        rows.rows.append(
            Row(
                f"{few.file}:{number + 2}",
                chain=chain,
                devices=devices,
                seconds=float(r["iteration_s_max"]),
                gib=float(r["max_allocated_MB"]) / 1024 if logs_all else None,
                group=f"{r['gpu']}-{r['model']}-{devices}",
            )
        )
    return [few, many]
