#!/usr/bin/env python3
"""Training steps of two models in plain PyTorch on one GPU: what galvatron-exec is compared with.

Written as its users write it: scaled_dot_product_attention, one product for query, key and value,
fused AdamW, gradients accumulated over micro-batches. Tokens are random. Prints one JSON object per
configuration.

    pytorch_baseline.py --model gpt2-1.5b --precision autocast --batch 16 --micro-batch 4 8
"""

import argparse
import dataclasses
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass(frozen=True)
class Config:
    family: str
    layers: int
    hidden: int
    heads: int
    mlp_width: int
    vocabulary: int
    sequence: int

    @property
    def head_size(self):
        return self.hidden // self.heads


MODELS = {
    # The vocabulary of 50257 padded to a multiple of 128, as is usual.
    "gpt2-1.5b": Config("gpt2", 48, 1600, 25, 6400, 50304, 1024),
    "llama-1.3b": Config("llama", 24, 2048, 16, 5504, 32000, 2048),
    "gpt2-tiny": Config("gpt2", 2, 64, 4, 256, 512, 128),
    "llama-tiny": Config("llama", 2, 64, 4, 176, 512, 128),
}


class Attention(nn.Module):
    def __init__(self, config, bias):
        super().__init__()
        self.config = config
        self.project_in = nn.Linear(config.hidden, 3 * config.hidden, bias=bias)
        self.project_out = nn.Linear(config.hidden, config.hidden, bias=bias)

    def forward(self, x, rotation):
        samples, tokens, _ = x.shape
        shape = (samples, tokens, self.config.heads, self.config.head_size)
        query, key, value = (
            part.view(shape).transpose(1, 2) for part in self.project_in(x).chunk(3, dim=-1)
        )
        if rotation is not None:
            query, key = rotate(query, rotation), rotate(key, rotation)
        heads = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.project_out(heads.transpose(1, 2).reshape(samples, tokens, -1))


def rotate(heads, rotation):
    cosine, sine = rotation
    first, second = heads.chunk(2, dim=-1)
    turned = torch.cat((-second, first), dim=-1)
    return heads * cosine.to(heads.dtype) + turned * sine.to(heads.dtype)


class Gpt2Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm_1 = nn.LayerNorm(config.hidden)
        self.attention = Attention(config, bias=True)
        self.norm_2 = nn.LayerNorm(config.hidden)
        self.up = nn.Linear(config.hidden, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.hidden)

    def forward(self, x, rotation):
        x = x + self.attention(self.norm_1(x), rotation)
        return x + self.down(F.gelu(self.up(self.norm_2(x)), approximate="tanh"))


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm_1 = nn.RMSNorm(config.hidden, eps=1e-5)
        self.attention = Attention(config, bias=False)
        self.norm_2 = nn.RMSNorm(config.hidden, eps=1e-5)
        self.gate = nn.Linear(config.hidden, config.mlp_width, bias=False)
        self.up = nn.Linear(config.hidden, config.mlp_width, bias=False)
        self.down = nn.Linear(config.mlp_width, config.hidden, bias=False)

    def forward(self, x, rotation):
        x = x + self.attention(self.norm_1(x), rotation)
        rows = self.norm_2(x)
        return x + self.down(F.silu(self.gate(rows)) * self.up(rows))


class LanguageModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        gpt2 = config.family == "gpt2"
        self.words = nn.Embedding(config.vocabulary, config.hidden)
        self.positions = nn.Embedding(config.sequence, config.hidden) if gpt2 else None
        block = Gpt2Block if gpt2 else LlamaBlock
        self.blocks = nn.ModuleList(block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.hidden) if gpt2 else nn.RMSNorm(config.hidden, eps=1e-5)
        self.head = nn.Linear(config.hidden, config.vocabulary, bias=False)
        if gpt2:
            self.head.weight = self.words.weight
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def rotation(self, device):
        if self.positions is not None:
            return None
        exponents = torch.arange(0, self.config.head_size, 2, device=device) / self.config.head_size
        angles = torch.outer(
            torch.arange(self.config.sequence, device=device).float(), 10000.0**-exponents
        )
        both = torch.cat((angles, angles), dim=-1)
        return both.cos(), both.sin()

    def forward(self, tokens, targets):
        x = self.words(tokens)
        if self.positions is not None:
            x = x + self.positions.weight
        rotation = self.rotation(tokens.device)
        for block in self.blocks:
            x = block(x, rotation)
        return self.loss(x, targets)

    def loss(self, x, targets):
        logits = self.head(self.norm(x))
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))


def flops_per_token(model):
    """2 per weight of a product, and of a causal attention half of 4 per query, key and element;
    three times that for forward and backward."""
    config = model.config
    products = sum(m.weight.numel() for m in model.modules() if isinstance(m, nn.Linear))
    attention = config.layers * 2 * config.sequence * config.hidden
    return 3 * (2 * products + attention)


class Training:
    def __init__(self, arguments, config):
        self.arguments = arguments
        torch.manual_seed(1)
        with torch.device("cuda"):
            self.model = LanguageModel(config)
        if arguments.precision == "bf16":
            self.model.bfloat16()
        self.flops_per_token = flops_per_token(self.model)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, fused=True)
        self.loss_of = torch.compile(self.model) if arguments.compile == "model" else self.model
        if arguments.compile == "blocks":
            for block in self.model.blocks:
                block.compile()
            self.model.loss = torch.compile(self.model.loss)
        shape = (arguments.batch, config.sequence)
        self.tokens = torch.randint(config.vocabulary, shape, device="cuda")
        self.targets = torch.randint(config.vocabulary, shape, device="cuda")

    def step(self, micro_batch):
        parts = self.arguments.batch // micro_batch
        autocast = self.arguments.precision == "autocast"
        total = 0.0
        for tokens, targets in zip(
            self.tokens.split(micro_batch), self.targets.split(micro_batch), strict=True
        ):
            with torch.autocast("cuda", torch.bfloat16, enabled=autocast):
                loss = self.loss_of(tokens, targets) / parts
            loss.backward()
            total += loss.detach()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total


def measure(training, micro_batch, arguments):
    """Seconds of each measured step, and the last loss."""
    for _ in range(arguments.warmup):
        training.step(micro_batch)
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    seconds = []
    started = time.perf_counter()
    while len(seconds) < arguments.steps and (
        not seconds or time.perf_counter() - started < arguments.most_seconds
    ):
        begin = time.perf_counter()
        loss = training.step(micro_batch)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return seconds, loss.item()


def report(training, micro_batch, arguments):
    config = MODELS[arguments.model]
    line = {
        "program": f"pytorch {torch.__version__}",
        "model": arguments.model,
        "precision": arguments.precision,
        "compiled": arguments.compile,
        "device": torch.cuda.get_device_name(),
        "batch": arguments.batch,
        "micro_batch": micro_batch,
    }
    try:
        seconds, loss = measure(training, micro_batch, arguments)
    except torch.cuda.OutOfMemoryError:
        training.optimizer.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()
        return {**line, "out_of_memory": True}
    tokens_per_second = arguments.batch * config.sequence / statistics.median(seconds)
    return {
        **line,
        "steps": len(seconds),
        "step_seconds": statistics.median(seconds),
        "step_seconds_range": [min(seconds), max(seconds)],
        "tokens_per_second": tokens_per_second,
        "mfu": tokens_per_second * training.flops_per_token / (arguments.peak_tflops * 1e12),
        "peak_memory_bytes": torch.cuda.max_memory_allocated(),
        "loss": loss,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="gpt2-1.5b")
    parser.add_argument(
        "--precision",
        choices=("autocast", "bf16"),
        default="autocast",
        help="fp32 parameters under bf16 autocast, or parameters and moments in bf16",
    )
    parser.add_argument(
        "--compile",
        nargs="?",
        choices=("model", "blocks"),
        const="model",
        help="torch.compile the model, or each block and the loss: nearly as fast, compiled sooner",
    )
    parser.add_argument("--batch", type=int, default=8, help="samples of a step")
    parser.add_argument("--micro-batch", type=int, nargs="+", default=[8])
    parser.add_argument("--warmup", type=int, default=2, help="steps before the measured ones")
    parser.add_argument("--steps", type=int, default=10, help="measured steps")
    parser.add_argument("--most-seconds", type=float, default=12, help="of the measured steps")
    parser.add_argument("--peak-tflops", type=float, default=989.4, help="dense bf16")
    arguments = parser.parse_args()
    if any(arguments.batch % micro_batch for micro_batch in arguments.micro_batch):
        parser.error("every --micro-batch must divide --batch")
    training = Training(arguments, MODELS[arguments.model])
    for micro_batch in arguments.micro_batch:
        print(json.dumps(report(training, micro_batch, arguments)), flush=True)


if __name__ == "__main__":
    main()
