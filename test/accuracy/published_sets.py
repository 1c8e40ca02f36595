"""The published tables, row by row as configurations. What a table does not say and a reader has to
assume stands here, beside the row it is assumed for; constants stand in profiles and runtimes."""

import csv
import os

from operator_chains import aceso
from rows import Row, RowSet, Skipped, gpt, llama, padded

LLAMA = {
    "8B": (32, 4096, 14336, 32, 8, 128256),
    "70B": (80, 8192, 28672, 64, 8, 128256),
    "405B": (126, 16384, 53248, 128, 8, 128256),
}


def read(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return [(f"{name}:{i + 2}", row) for i, row in enumerate(csv.DictReader(file))]


def vtrain_single(folder):
    rows = RowSet(
        "vtrain_single",
        "vtrain_single.csv",
        "GPT on 2-8 A100 of one node, every split",
        "6: ceiling of products, host price, straggler, update, no dropout, unpadded vocabulary at "
        "tensor 1",
        "vTrain 8.4 %; one constant MFU 58 %",
        7,
        regret_goal=6,
    )
    for key, r in read(folder, rows.file):
        tensor, pipeline = int(r["tp"]), int(r["pp"])
        vocabulary = 50257 if tensor == 1 else padded(50257, tensor)
        rows.rows.append(
            Row(
                key,
                gpt(int(r["layers"]), int(r["hidden"]), int(r["heads"]), vocabulary, 1024),
                "a100_80gb_sxm_vtrain",
                "deepspeed_megatron",
                int(r["gpus"]),
                dict(pipeline=pipeline, tensor=tensor, recompute="full"),
                int(r["global_batch"]),
                int(r["micro_batch"]),
                1024,
                "fp16",
                seconds=float(r["iteration_time_s"]),
                group=f"{r['hidden']}-{r['layers']}-{r['gpus']}-{r['global_batch']}",
            )
        )
    return rows


def korthikanti_layer(folder):
    rows = RowSet(
        "korthikanti layer",
        "korthikanti_per_layer_22B.csv",
        "one layer of GPT-22B, forward and backward",
        "1: weight gradients at 0.95",
        "Calculon 3.65 % (whole steps of another table)",
        7,
    )
    kinds = {
        "Baseline no recompute": {},
        "Sequence Parallelism": dict(sequence_parallel="true"),
        "Baseline with (full-layer) recompute": dict(recompute="full"),
        "Selective Recompute": dict(recompute="selective"),
        "Selective + Sequence": dict(recompute="selective", sequence_parallel="true"),
    }
    for key, r in read(folder, rows.file):
        for part in ("forward", "backward"):
            rows.rows.append(
                Row(
                    f"{key}:{part}",
                    gpt(4, 6144, 64, 51200, 2048),
                    "a100_80gb_sxm",
                    "megatron_2022",
                    8,
                    dict(tensor=8, **kinds[r["experiment"]]),
                    4,
                    4,
                    2048,
                    "fp16",
                    seconds=float(r[f"{part}_ms"]) / 1e3,
                    block=part,
                )
            )
    return rows


def korthikanti_memory(folder):
    """Activations of the first stage, of models whose splits the paper lists in its Table 3."""
    activations = RowSet(
        "korthikanti activations",
        "korthikanti_memory.csv",
        "activations of the first stage, 22B-1T, by recomputation",
        "none",
        "-",
        None,
        memory="activations",
        memory_goal=1,
        memory_others="Calculon 2.1 %",
    )
    states = RowSet(
        "korthikanti states",
        "korthikanti_memory.csv",
        "weights, gradients and optimizer of the first stage",
        "none",
        "-",
        None,
        memory="states",
        memory_goal=None,
        memory_others="Calculon 8.5 %",
    )
    models = {  # layers, hidden, heads, stages, chunks, micro-batch
        "GPT-22B": (48, 6144, 64, 1, 1, 4),
        "GPT-175B": (96, 12288, 96, 8, 3, 1),
        "GPT-530B": (105, 20480, 128, 35, 3, 1),
        "GPT-1T": (128, 25600, 160, 64, 1, 1),
    }
    kinds = {
        "none": {},
        "seq": dict(sequence_parallel="true"),
        "sel": dict(recompute="selective"),
        "seqsel": dict(sequence_parallel="true", recompute="selective"),
        "full": dict(recompute="full"),
    }
    whole = {}
    for key, r in read(folder, activations.file):
        layers, hidden, heads, stages, chunks, micro = models[r["model"]]
        strategy = dict(pipeline=stages, tensor=8, **kinds[r["config"]])
        if chunks > 1:
            strategy["virtual_stages"] = chunks
        row = dict(
            model=gpt(layers, hidden, heads, 51200, 2048),
            hardware="a100_80gb_sxm",
            runtime="megatron_2022",
            devices=8 * stages,
            strategy=strategy,
            global_batch=micro * stages * 8,
            micro_batch=micro,
            sequence=2048,
            precision="fp16",
        )
        if r["activation_gib"]:
            gib = float(r["activation_gib"])
            if r["config"] == "none":
                whole[r["model"]] = gib
            states.rows.append(Row(key, **row, gib=float(r["params_optimizer_gib"])))
        else:
            gib = float(r["activation_pct_of_baseline"]) / 100 * whole[r["model"]]
        activations.rows.append(Row(key, **row, gib=gib))
    return [activations, states]


def nemo(folder):
    rows = RowSet(
        "NeMo dense fp8",
        "nemo_megatron_bridge_perf.csv",
        "Llama-3 8B-405B on H100, B200, GB200 (recomputation and overlap not said)",
        "4: one fp8 ceiling per device, share of tensor traffic hidden",
        "-",
        None,
    )
    devices = {"H100": "h100_80gb_sxm", "B200": "b200_180gb_sxm", "GB200": "gb200"}
    for key, r in read(folder, rows.file):
        reason = None
        if "LLAMA3" not in r["model"] or r["ep"] not in ("", "1"):
            reason = "mixture of experts, or another block"
        elif r["gpu_type"] not in devices:
            reason = "no profile of this device"
        elif r["precision"] not in ("FP8", "FP8-CS"):
            reason = "MXFP8 and NVFP4: no such precision"
        elif "LoRA" in r["framework"]:
            reason = "LoRA: no weight gradients"
        elif "fsdp" in r["zero_stage"] or not r["derived_iteration_time_s"] or not r["dp"]:
            reason = "Megatron-FSDP, or no step time"
        if reason:
            rows.skipped.append(Skipped(key, reason))
            continue
        config = [
            int(r[name])
            for name in ("layers", "hidden", "ffn", "heads", "kv_heads", "vocab", "seq")
        ]
        strategy = dict(tensor=int(r["tp"]), pipeline=int(r["pp"]), zero=1)
        if strategy["tensor"] > 1:
            strategy["sequence_parallel"] = "true"
        if r["vp"] and int(r["vp"]) > 1 and strategy["pipeline"] > 1:
            strategy["virtual_stages"] = int(r["vp"])
        if r["cp"] and int(r["cp"]) > 1:
            strategy["context"] = int(r["cp"])
        rows.rows.append(
            Row(
                key,
                llama(*config),
                devices[r["gpu_type"]],
                "nemo",
                int(r["gpus"]),
                strategy,
                int(r["global_batch"]),
                int(r["micro_batch"]),
                config[-1],
                "fp8",
                # One NVLink domain, with as much of the network per device as the profile's node.
                devices_per_node=64 if r["gpu_type"] == "GB200" else 8,
                set_keys=("inter_node.gb_per_s_per_node=3200",) if r["gpu_type"] == "GB200" else (),
                seconds=float(r["derived_iteration_time_s"]),
            )
        )
    return rows


def megatron_sc21(folder):
    one = RowSet(
        "sc21 table 1",
        "megatron_sc21_table1.csv",
        "GPT 1.7B-1T on 32-3072 A100",
        "none (interleave assumed: two layers a chunk, or one)",
        "-",
        7,
    )
    two = RowSet(
        "sc21 table 2",
        "megatron_sc21_table2.csv",
        "175B and 530B on 384-2240 A100, PTD-P rows",
        "none (interleave not used)",
        "-",
        7,
    )
    sharded = RowSet(
        "sc21 table 2 ZeRO 3",
        "megatron_sc21_table2.csv",
        "175B and 530B on 384-2240 A100, DeepSpeed ZeRO 3 rows",
        "2: GB/s per device tensor by tensor, slowdown beside it",
        "-",
        7,
    )
    for table in (one, two):
        for key, r in read(folder, table.file):
            rows = sharded if r["zero_stage"] == "3" else table
            pipeline = int(r["pp"])
            strategy = dict(pipeline=pipeline, tensor=int(r["tp"]), recompute="full")
            per_stage = int(r["layers"]) // pipeline
            if rows is sharded:
                strategy["zero"] = 3
            if rows is one and pipeline > 1:
                strategy["virtual_stages"] = (
                    max(1, per_stage // 2) if per_stage % 2 == 0 else per_stage
                )
            rows.rows.append(
                Row(
                    key,
                    gpt(int(r["layers"]), int(r["hidden"]), int(r["heads"]), 51200, 2048),
                    "a100_80gb_sxm",
                    "deepspeed_zero3" if rows is sharded else "megatron_2021",
                    int(r["gpus"]),
                    strategy,
                    int(r["global_batch"]),
                    int(r["micro_batch"]),
                    2048,
                    "fp16",
                    seconds=float(r["derived_iteration_time_s"]),
                )
            )
    return [one, two, sharded]


def megascale(folder):
    rows = RowSet(
        "megascale",
        "megascale_llama3_papers.csv",
        "GPT-175B on 256-12288 A100, Megatron-LM rows",
        "none (bf16 gradients summed in 4 bytes assumed)",
        "-",
        7,
    )
    for key, r in read(folder, rows.file):
        if r["source_id"] != "megascale_t2" or r["framework"] != "Megatron-LM":
            rows.skipped.append(
                Skipped(key, "another system's attention and block, or no step time")
            )
            continue
        rows.rows.append(
            Row(
                key,
                gpt(96, 12288, 128, 64000, 2048),
                "a100_80gb_sxm",
                "megatron_2022",
                int(r["gpus"]),
                dict(
                    pipeline=8,
                    tensor=8,
                    virtual_stages=6,
                    recompute="selective",
                    sequence_parallel="true",
                ),
                int(r["global_batch"]),
                1,
                2048,
                "bf16",
                seconds=float(r["iteration_time_s"]),
            )
        )
    return rows


def simumax_b200(folder):
    rows = RowSet(
        "simumax B200",
        "simumax_b200_measured.csv",
        "Llama-3 70B and 405B (few layers), 4k-131k tokens, on 8 B200",
        "6: sustained share of products, host price; four of memory",
        "SimuMax 5.3 % on these rows",
        7,
        memory="allocated",
        memory_goal=1,
        memory_others="SimuMax 0.36 %",
    )
    for key, r in read(folder, rows.file):
        if "llama" not in r["model"]:
            rows.skipped.append(Skipped(key, "mixture of experts"))
            continue
        tensor, context, sequence = int(r["tp"]), int(r["cp"]), int(r["seq"])
        strategy = dict(pipeline=int(r["pp"]), tensor=tensor, zero=1)
        if tensor > 1:
            strategy["sequence_parallel"] = "true"
        if context > 1:
            strategy["context"] = context
        key_values = int(r["kv_heads"])
        rows.rows.append(
            Row(
                key,
                llama(
                    int(r["layers"]),
                    int(r["hidden"]),
                    int(r["ffn"]),
                    int(r["heads"]),
                    key_values,
                    int(r["vocab"]),
                    sequence,
                ),
                "b200_180gb_sxm",
                "megatron_core_blocking",
                8,
                strategy,
                int(r["global_batch"]),
                int(r["micro_batch"]),
                sequence,
                "bf16",
                seconds=float(r["iteration_time_s"]),
                gib=float(r["peak_mem_gib"]),
                group=f"{r['model']}-{sequence}-{r['grad_accum']}",
                work=int(r["global_batch"]),
            )
        )
    return rows


def simumax_pcie(folder):
    rows = RowSet(
        "simumax A100-PCIe",
        "simumax_a100_pcie.csv",
        "Llama-3 70B of 12 layers on 8 A100-PCIe",
        "6: bus of groups, sustained share (12 layers assumed)",
        "SimuMax 1.5 %",
        7,
    )
    for key, r in read(folder, rows.file):
        if r["model"] != "llama3 70b":
            rows.skipped.append(Skipped(key, "mixture of experts, or no rate printed"))
            continue
        split = r["parallelism"]
        tensor = int(split[2])
        pipeline = int(split[5]) if "pp" in split else 1
        micro_batches = int(r["micro_batches"])
        data = 8 // tensor // pipeline
        batch = data * micro_batches
        flops = llama_flops(12, 8192, 28672, 64, 8, 128256, 4096) * batch
        strategy = dict(pipeline=pipeline, tensor=tensor, zero=1)
        if tensor > 1:
            strategy["sequence_parallel"] = "true"
        rows.rows.append(
            Row(
                key,
                llama(12, 8192, 28672, 64, 8, 128256, 4096),
                "a100_80gb_pcie",
                "megatron_core_blocking",
                8,
                strategy,
                batch,
                1,
                4096,
                "bf16",
                seconds=flops / (8 * float(r["actual_tflops_per_gpu_chart"]) * 1e12),
                group=f"{micro_batches}",
                work=batch,
            )
        )
    return rows


def llama_flops(layers, hidden, width, heads, key_value_heads, vocabulary, sequence):
    """Forward and backward of one sample, causal attention counted in full."""
    head = hidden // heads
    per_token = (
        layers
        * (
            2 * hidden * head * (2 * heads + 2 * key_value_heads)
            + 6 * hidden * width
            + 4 * sequence * hidden
        )
        + 2 * hidden * vocabulary
    )
    return 3 * sequence * per_token


def torchtitan_row(key, size, config, r):
    layers, hidden, width, heads, key_values, vocabulary = config
    precision = "fp8" if "float8" in r["precision"] else "bf16"
    recompute = r["recompute"]
    strategy = dict(tensor=int(r["tp"]), zero=3)
    if "op" in recompute or "default" in recompute:
        strategy["recompute"] = "op"
    elif recompute == "full":
        strategy["recompute"] = "full"
    if int(r["tp"]) > 1:
        strategy["sequence_parallel"] = "true"
    return layers, hidden, width, heads, key_values, vocabulary, precision, strategy


def torchtitan_h100(folder):
    rows = RowSet(
        "torchtitan H100, H200",
        "torchtitan_llama3.csv",
        "Llama-3 8B-405B, FSDP, 8-512 devices",
        "6: ceilings of products (16 bit, fp8, row-wise), fp8 width, share of asynchronous traffic, eager bytes",
        "-",
        7,
        memory="reserved",
        memory_goal=3,
    )
    for key, r in read(folder, rows.file):
        size = r["model"].split("-")[-1]
        note = r["note"]
        if "Interleaved" in note:
            rows.skipped.append(Skipped(key, "the number of chunks is not said"))
            continue
        if "config default" in r["recompute"]:
            hardware = "h200_141gb_sxm"
        else:
            hardware = "h100_96gb_500w"
        config = LLAMA[size]
        layers, hidden, width, heads, key_values, vocabulary, precision, strategy = torchtitan_row(
            key, size, config, r
        )
        pipeline = int(r["pp"] or 1)
        if pipeline > 1:
            strategy["pipeline"] = pipeline
        context = int(r["cp"] or 1)
        if context > 1:
            strategy["context"] = context
        runtime = "fsdp"
        if hardware == "h200_141gb_sxm":
            runtime = "fsdp_compiled_loss"
        if "eager" in note:
            runtime = "fsdp_eager"
        elif "async" in note.lower():
            runtime = "fsdp_async"
        set_keys = ()
        if size == "405B":
            runtime = runtime.replace("fsdp", "fsdp_fp8_gather")
        if "rowwise" in r["precision"]:
            runtime = runtime.replace("fsdp", "fsdp_rowwise")
            set_keys = ("device.product.fp8.ceiling=0.355",)
        sequence = int(r["seq"])
        # Pipelines cut the local batch into as many micro-batches as they have stages.
        local = int(r["global_batch"]) * int(r["tp"]) * pipeline * context // int(r["gpus"])
        micro = int(r["micro_batch"] or local // pipeline)
        rows.rows.append(
            Row(
                key,
                llama(layers, hidden, width, heads, key_values, vocabulary, sequence),
                hardware,
                runtime,
                int(r["gpus"]),
                strategy,
                int(r["global_batch"]),
                micro,
                sequence,
                precision,
                set_keys=set_keys,
                seconds=float(r["derived_iteration_time_s"]),
                gib=float(r["peak_mem_gib"]) if r["peak_mem_gib"] else None,
            )
        )
    return rows


def community(folder):
    titan = RowSet(
        "torchtitan A100",
        "fsdp_zero_community.csv",
        "Llama 8B-70B, FSDP on 64 A100",
        "1: slowdown by gathers",
        "-",
        7,
    )
    large = RowSet(
        "torchtitan H100 405B",
        "fsdp_zero_community.csv",
        "Llama-3 405B, FSDP x tensor on 128 H100",
        "none",
        "-",
        7,
    )
    fms = RowSet(
        "fms FSDP1",
        "fsdp_zero_community.csv",
        "Llama-2 7B-70B, FSDP1 on 96-128 A100, H100",
        "1: ceiling of the H100's 16-bit products, between these and the weak scaling",
        "-",
        7,
    )
    gist = RowSet(
        "DeepSpeed gist",
        "fsdp_zero_community.csv",
        "LLaMA-7B in Hugging Face eager, ZeRO 2 and 3 on 8 A800 (its kernels not said)",
        "none",
        "-",
        None,
        memory="allocated",
    )
    for key, r in read(folder, titan.file):
        source = r["source_id"]
        sets = dict(torchtitan_a100=titan, torchtitan_h100=large, fms_fsdp=fms).get(source, gist)
        if not r["layers"]:
            sets.skipped.append(Skipped(key, "the sizes of Llama-2 34B are not published"))
            continue
        if "offload" in r["zero_stage"]:
            gist.skipped.append(
                Skipped(key, "states in host memory: no runtime moves them")
            )
            continue
        if not r["derived_iteration_time_s"] and r["status"] != "OOM":
            sets.skipped.append(Skipped(key, "no step time"))
            continue
        config = [
            int(r[name])
            for name in ("layers", "hidden", "ffn", "heads", "kv_heads", "vocab", "seq")
        ]
        recompute = {
            "selective op": "op",
            "full": "full",
            "none": "none",
            "full (HF grad ckpt)": "full",
            "selective layer": "layer",
            "selective": "selective",
        }[r["recompute"]]
        every_second = None
        if recompute in ("layer", "selective"):
            recompute, every_second = "full", dict(recompute="none")
        strategy = dict(zero=3, recompute=recompute)
        gpus = int(r["gpus"])
        runtime, set_keys = "fsdp_eager", ()
        hardware = "a100_80gb_sxm"
        precision = "bf16"
        if sets is large:
            hardware, runtime = "h100_96gb_500w", "fsdp_fp8_gather"
            strategy.update(tensor=8, sequence_parallel="true")
            precision = "fp8" if "float8" in r["precision"] else "bf16"
            if "async" in r["precision"]:
                runtime = "fsdp_fp8_gather_async"
        if sets is gist:
            hardware, runtime = "a800_80gb_sxm", "deepspeed_eager"
            strategy["zero"] = int(r["zero_stage"])
        if sets is fms:
            runtime = "fsdp1"
            hardware = "h100_80gb_sxm" if "H100" in r["gpu_type"] else "a100_80gb_sxm"
            gigabits = int(r["interconnect"].split()[0])  # "400 Gb/s per node"
            set_keys = (f"inter_node.gb_per_s_per_node={gigabits / 8:g}",)
            if r["zero_stage"] == "hsdp":
                strategy["shard_group"] = 8
        sets.rows.append(
            Row(
                key,
                llama(*config),
                hardware,
                runtime,
                gpus,
                strategy,
                int(r["global_batch"]),
                int(r["micro_batch"]),
                config[-1],
                precision,
                set_keys=set_keys,
                every_second=every_second,
                seconds=float(r["derived_iteration_time_s"] or 0) or None,
                gib=float(r["peak_mem_gib"]) if r["peak_mem_gib"] else None,
                out_of_memory=True if r["status"] == "OOM" else False if sets is titan else None,
            )
        )
    return [titan, large, fms, gist]


def bigscience(folder):
    rows = RowSet(
        "BigScience",
        "bigscience_a100_part.csv",
        "GPT 176B-200B on 8-384 A100, Omni-Path",
        "3: bus of eight ranks, share of the network, misaligned heads; 2 of memory",
        "-",
        7,
        memory="nvidia-smi",
        memory_goal=4,
    )
    for key, r in read(folder, rows.file):
        tensor, data, pipeline = int(r["tp"]), int(r["dp"]), int(r["pp"])
        gpus = int(r["gpus"])
        if gpus != tensor * data * pipeline:
            data = gpus // tensor // pipeline  # one row prints 8 where 320 devices leave 4
        if gpus != tensor * data * pipeline or (r["status"] != "OOM" and not r["iteration_time_s"]):
            rows.skipped.append(Skipped(key, "no step time"))
            continue
        hidden = int(r["hidden"])
        heads = int(r["heads"] or 96)  # not printed on ten rows; their neighbours have 96
        micro, batch = int(r["micro_batch"]), int(r["global_batch"])
        batch = batch // (data * micro) * (data * micro)
        oom = r["status"] == "OOM"
        layers = int(r["layers"])
        parameters = 12 * layers * hidden**2 + 250880 * hidden
        rows.rows.append(
            Row(
                key,
                gpt(layers, hidden, heads, 250880, 2048),
                "a100_80gb_sxm_omnipath",
                "deepspeed_pipeline",
                gpus,
                dict(pipeline=pipeline, tensor=tensor, zero=1, recompute="full"),
                batch,
                micro,
                2048,
                "bf16" if r["precision"] == "bf16" else "fp16",
                seconds=(
                    None if oom else float(r["iteration_time_s"]) * batch / int(r["global_batch"])
                ),
                gib=float(r["peak_mem_gib"]) if r["peak_mem_gib"] else None,
                out_of_memory=oom,
                group=f"{gpus}-{r['precision'][:4]}",
                work=batch * parameters,
            )
        )
    return rows


def internevo(folder):
    rows = RowSet(
        "InternEvo 7B",
        "internevo_7b_part.csv",
        "InternLM 7B on 8-1024 A100, RoCE",
        "3: host per step, slowdown by gradients, owner broadcast",
        "-",
        7,
    )
    for key, r in read(folder, rows.file):
        if not r["derived_iteration_time_s"]:
            rows.skipped.append(Skipped(key, "memory without layers and batch"))
            continue
        strategy = dict(tensor=int(r["tp"]), zero=1, recompute=r["recompute"])
        data = int(r["dp"])
        if "=" in r["zero_stage"]:
            shards = int(r["zero_stage"].split("=")[1].split()[0])
            if shards < data:
                strategy["shard_group"] = shards
        rows.rows.append(
            Row(
                key,
                llama(32, 4096, 11008, 32, 32, 103168, 2048),
                "a100_80gb_sxm_roce",
                "internevo",
                int(r["gpus"]),
                strategy,
                int(r["global_batch"]),
                int(r["micro_batch"]),
                2048,
                "bf16",
                seconds=float(r["derived_iteration_time_s"]),
            )
        )
    return rows


def weak_scaling(folder):
    rows = RowSet(
        "Megatron H100 weak scaling",
        "megatron_h100_weak_scaling.csv",
        "GPT 1.7B-462B on 48-6144 H100 (micro-batch, recomputation, interleave not said)",
        "that ceiling (micro-batch 2, no recomputation, two layers a chunk assumed; traffic hidden "
        "as in NeMo)",
        "-",
        None,
    )
    for key, r in read(folder, rows.file):
        layers, hidden, heads = int(r["layers"]), int(r["hidden"]), int(r["heads"])
        pipeline, tensor, batch, gpus = (
            int(r["pp"]),
            int(r["tp"]),
            int(r["global_batch"]),
            int(r["gpus"]),
        )
        micro = 2 if batch // 48 % 2 == 0 and pipeline == 1 else 1
        flops = (
            72
            * batch
            * 4096
            * layers
            * hidden**2
            * (1 + 4096 / 6 / hidden + 131072 / 12 / layers / hidden)
        )
        strategy = dict(pipeline=pipeline, tensor=tensor, zero=1)
        if tensor > 1:
            strategy["sequence_parallel"] = "true"
        per_stage = layers // pipeline
        if pipeline > 1 and batch // 48 // micro % pipeline == 0:
            strategy["virtual_stages"] = per_stage // 2 if per_stage % 2 == 0 else per_stage
        rows.rows.append(
            Row(
                key,
                gpt(layers, hidden, heads, 131072, 4096, 0.0),
                "h100_80gb_sxm",
                "megatron_core_overlapped",
                gpus,
                strategy,
                batch,
                micro,
                4096,
                "bf16",
                seconds=flops / gpus / float(r["tflops_per_gpu"]) / 1e12,
            )
        )
    return rows


def bigscience_v100(folder):
    rows = RowSet(
        "BigScience V100", "bigscience_v100.csv", "GPT 1.3B-104B on V100", "none", "-", None
    )
    reason = "layers and hidden sizes are not printed"
    rows.skipped = [Skipped(key, reason) for key, _ in read(folder, rows.file)]
    return rows


def all_sets(folder):
    return [
        vtrain_single(folder),
        korthikanti_layer(folder),
        *korthikanti_memory(folder),
        *megatron_sc21(folder),
        megascale(folder),
        simumax_b200(folder),
        simumax_pcie(folder),
        *community(folder)[:1],
        torchtitan_h100(folder),
        *community(folder)[1:],
        nemo(folder),
        bigscience(folder),
        internevo(folder),
        weak_scaling(folder),
        *aceso(folder),
        bigscience_v100(folder),
    ]
