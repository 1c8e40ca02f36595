"""Runtimes of single publications: a shipped runtime with the flags that the publication names."""

import os

HIDDEN_BY_USER_BUFFERS = (
    "traffic: {",
    "traffic: {hidden_tensor_share: 0.5, hidden_send_share: 0.8, ",
)
# Fused with the products, so that no whole output waits to be scattered.
ASYNCHRONOUS = (
    ("traffic: {", "traffic: {hidden_tensor_share: 0.35, "),
    ("unscattered_bytes: 4", "unscattered_bytes: 0"),
)
IN_16_BIT = ("fp8_activations: true", "fp8_activations: false")
GATHERS_FP8 = ("fp8_activations: true", "fp8_activations: true, fp8_parameters: true")

# name: (runtime, ((text in it, text instead), ...))
VARIANTS = {
    # SimuMax ran Megatron-core "without communication overlap".
    "megatron_core_blocking": (
        "megatron_core",
        (
            ("tensor_backward: overlapped", "tensor_backward: blocking"),
            ("gradient_sync: overlapped", "gradient_sync: blocking"),
            ("gather: overlapped", "gather: blocking"),
        ),
    ),
    # NeMo: user buffers hide half of the tensor traffic and most sends; fused casts to fp8.
    "nemo": (
        "megatron_core",
        (
            HIDDEN_BY_USER_BUFFERS,
            ("kernels: {", "kernels: {fp8_cast_bytes: 2, "),
        ),
    ),
    # As run on thousands of H100: `--tp-comm-overlap` is what hides NeMo's tensor traffic.
    "megatron_core_overlapped": ("megatron_core", (HIDDEN_BY_USER_BUFFERS,)),
    # Asynchronous tensor parallelism hides a share of every collective.
    "fsdp_async": ("fsdp", ASYNCHRONOUS),
    # Scales by row keep collectives in 16 bit.
    "fsdp_rowwise": ("fsdp", (IN_16_BIT,)),
    "fsdp_rowwise_async": ("fsdp", (IN_16_BIT, *ASYNCHRONOUS)),
    # torchtitan's own configuration of the 405B model gathers parameters in fp8.
    "fsdp_fp8_gather": ("fsdp", (GATHERS_FP8,)),
    "fsdp_fp8_gather_async": ("fsdp", (GATHERS_FP8, *ASYNCHRONOUS)),
    # FSDP 1 of the fms runs reduces gradients in 16 bit, and is not compiled. It wraps blocks:
    # embedding and head are one unit, complete when backward has ended.
    "fsdp1": (
        "fsdp_eager",
        (
            ("moments: 8, reduced: 4", "moments: 8, reduced: 2"),
            ("traffic: {", "traffic: {table_gradients: at_the_end, "),
        ),
    ),
    # DeepSpeed of 2024 on Hugging Face's eager blocks: ZeRO 2 and 3 with 16-bit gradients.
    "deepspeed_eager": (
        "fsdp_eager",
        (
            ("moments: 8, reduced: 4", "moments: 8, reduced: 2"),
            ("zero: [0, 3]", "zero: [0, 2, 3]"),
        ),
    ),
    # Later torchtitan compiles the loss with the model.
    "fsdp_compiled_loss": ("fsdp", (("loss_bytes_per_logit: 14", "loss_bytes_per_logit: 6"),)),
}


def runtime_text(profiles, name):
    base, changes = VARIANTS.get(name, (name, ()))
    with open(os.path.join(profiles, "runtimes", base + ".yaml")) as file:
        text = file.read()
    for old, new in changes:
        if old not in text:
            raise ValueError(f'runtime {base} has no "{old}" to change for {name}')
        text = text.replace(old, new)
    return text
