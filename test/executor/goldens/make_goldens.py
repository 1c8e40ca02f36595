#!/usr/bin/env python3
"""Trains tiny models with Hugging Face transformers and saves what the executor must reproduce.

Usage: make_goldens.py [FOLDER]             rewrites all goldens (default: in the folder of this script)
       make_goldens.py check NAME EXPORT    loads what galvatron-exec exported for model NAME into transformers
Needs transformers 4.57.6 and torch 2.11.0; runs on one CPU thread in a minute.

Every model is trained twice from the same weights, in float32 (saved) and in float64 (not saved). A golden whose
updated parameters depend on rounding more than a reader may deviate is refused instead of written.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

TRANSFORMERS_VERSION = "4.57.6"
TORCH_VERSION = "2.11.0"
STEPS = 10
GLOBAL_BATCH = 8
ROWS = 20  # not a multiple of the batch: the third batch wraps around inside
LEARNING_RATE = 1e-3
IGNORED = -100
# ||w32 - w64|| <= LIMIT ||w64 - w0|| per tensor; readers are held to 1e-3.
ROUNDING_LIMIT = 5e-4

RUNS = {
    "": {"weight_decay": 0.0, "clip_grad_norm": None},
    "_clipped": {"weight_decay": 0.1, "clip_grad_norm": 1.0},
}


def gpt2(**sizes):
    return transformers.GPT2Config(
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        initializer_range=0.1,
        bos_token_id=0,
        eos_token_id=0,
        **sizes,
    )


def llama(**sizes):
    return transformers.LlamaConfig(
        initializer_range=0.1, bos_token_id=0, eos_token_id=0, **sizes
    )


def bert(**sizes):
    return transformers.BertConfig(
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.1,
        **sizes,
    )


def labels(classes):
    return {
        "id2label": {number: f"class {number}" for number in range(classes)},
        "label2id": {f"class {number}": number for number in range(classes)},
    }


def vit(classes, **sizes):
    return transformers.ViTConfig(initializer_range=0.1, **labels(classes), **sizes)


def swin(classes, **sizes):
    return transformers.SwinConfig(
        initializer_range=0.1, drop_path_rate=0.0, **labels(classes), **sizes
    )


def t5(**sizes):
    return transformers.T5Config(dropout_rate=0.0, decoder_start_token_id=0, **sizes)


CAUSAL = transformers.AutoModelForCausalLM
MASKED = transformers.BertForMaskedLM
PAIRS = transformers.BertForPreTraining
IMAGES = transformers.ViTForImageClassification
PAIRED_SEQUENCES = transformers.T5ForConditionalGeneration
WINDOWS = transformers.SwinForImageClassification

# name -> (class, configuration, sequence length, seed, runs)
MODELS = {
    "gpt2_regular": (
        CAUSAL, gpt2(vocab_size=128, n_positions=32, n_embd=32, n_layer=4, n_head=4),
        16, 101, [""],
    ),
    "gpt2_irregular": (
        CAUSAL, gpt2(vocab_size=131, n_positions=29, n_embd=36, n_layer=5, n_head=6, n_inner=84,
             layer_norm_epsilon=1e-4, tie_word_embeddings=False),
        24, 102, ["", "_clipped"],
    ),
    "llama_regular": (
        CAUSAL, llama(vocab_size=128, max_position_embeddings=32, hidden_size=32, intermediate_size=64,
              num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=4,
              tie_word_embeddings=True),
        16, 103, [""],
    ),
    "llama_irregular": (
        CAUSAL, llama(vocab_size=97, max_position_embeddings=512, hidden_size=36, intermediate_size=50,
              num_hidden_layers=5, num_attention_heads=6, num_key_value_heads=2, head_dim=8,
              rms_norm_eps=1e-4, rope_theta=1000.0, tie_word_embeddings=False,
              # With these numbers the four frequencies of a head of 8 are, in order: kept, blended, and twice divided.
              rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                            "high_freq_factor": 4.0, "original_max_position_embeddings": 64}),
        24, 104, ["", "_clipped"],
    ),
    "bert_regular": (
        MASKED,
        bert(vocab_size=128, max_position_embeddings=32, hidden_size=32, intermediate_size=128, num_hidden_layers=4,
             num_attention_heads=4),
        16, 105, [""],
    ),
    "bert_irregular": (
        MASKED,
        bert(vocab_size=131, max_position_embeddings=29, hidden_size=36, intermediate_size=84, num_hidden_layers=5,
             num_attention_heads=6, type_vocab_size=3, layer_norm_eps=1e-4, pad_token_id=3, hidden_act="gelu_new",
             tie_word_embeddings=False),
        24, 106, ["", "_clipped"],
    ),
    "bert_pretraining": (
        PAIRS,
        bert(vocab_size=97, max_position_embeddings=24, hidden_size=36, intermediate_size=84, num_hidden_layers=3,
             num_attention_heads=6),
        24, 107, ["_clipped"],
    ),
    "vit_regular": (
        IMAGES,
        vit(10, image_size=16, patch_size=4, hidden_size=32, intermediate_size=128, num_hidden_layers=4,
            num_attention_heads=4),
        17, 108, [""],
    ),
    "vit_irregular": (
        IMAGES,
        # The patches leave 2 rows and 4 columns of pixels out.
        vit(7, image_size=(20, 28), patch_size=6, hidden_size=36, intermediate_size=84, num_hidden_layers=5,
            num_attention_heads=6, layer_norm_eps=1e-4, qkv_bias=False),
        13, 109, ["", "_clipped"],
    ),
    # The sequence length is the encoder's; the decoder's is target_length's.
    "t5_regular": (
        PAIRED_SEQUENCES,
        t5(vocab_size=128, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
           relative_attention_num_buckets=8, relative_attention_max_distance=12),
        16, 113, [""],
    ),
    "t5_irregular": (
        PAIRED_SEQUENCES,
        t5(vocab_size=131, d_model=36, d_kv=5, d_ff=50, num_layers=3, num_decoder_layers=2, num_heads=6,
           relative_attention_num_buckets=9, relative_attention_max_distance=11, layer_norm_epsilon=1e-4,
           feed_forward_proj="gated-gelu", tie_word_embeddings=False, pad_token_id=3),
        18, 111, ["", "_clipped"],
    ),
    "swin_regular": (
        WINDOWS,
        swin(4, image_size=16, patch_size=2, num_channels=1, embed_dim=16, depths=[2, 2], num_heads=[4, 4],
             window_size=4),
        64, 110, [""],
    ),
    "swin_irregular": (
        WINDOWS,
        # Grids of 10 x 11, 5 x 6 and 3 x 3 tokens: patches, windows and mergings fill up, the last depth does not shift.
        swin(5, image_size=(19, 31), patch_size=(2, 3), embed_dim=12, depths=[2, 3, 1], num_heads=[2, 6, 12],
             window_size=3, mlp_ratio=2.5, layer_norm_eps=1e-4, hidden_act="gelu_new"),
        110, 111, ["", "_clipped"],
    ),
}  # fmt: skip


def make_model(kind, config, seed):
    """Random weights; one-dimensional parameters (norms, biases) and Swin's tables of zeros too, so that exchanging two
    of them shows."""
    torch.manual_seed(seed)
    make = getattr(kind, "from_config", None) or kind._from_config
    model = make(config, attn_implementation="eager")
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1 or not parameter.any():
                parameter.add_(0.1 * torch.randn(parameter.shape))
    return model


def make_data(kind, config, sequence, seed):
    generator = torch.Generator().manual_seed(seed)
    if kind in (IMAGES, WINDOWS):
        return image_data(config, generator)
    if kind is PAIRED_SEQUENCES:
        return paired_data(config, sequence, generator)
    data = token_data(config, sequence, generator)
    return data if kind is CAUSAL else masked_data(kind, config, data, generator)


def target_length(sequence):
    return sequence * 2 // 3


def paired_data(config, sequence, generator):
    """The target is every other token of the source; two sources end in padding, all targets but row 5's early."""
    data = token_data(config, sequence, generator)
    tokens, length = data["input_ids"], target_length(sequence)
    labels = torch.full((ROWS, length), IGNORED)
    every_other = tokens[:, ::2]
    for row in range(ROWS):
        kept = length if row == 5 else 2 + row % (every_other.shape[1] - 2)
        kept = min(kept, every_other.shape[1])
        labels[row, :kept] = every_other[row, :kept]
    labels[3, 1:] = IGNORED
    seen = torch.ones_like(tokens)
    for row, first in ((2, sequence - 5), (9, 7)):
        seen[row, first:] = 0
    tokens = tokens.masked_fill(seen == 0, config.pad_token_id)
    return {"input_ids": tokens, "attention_mask": seen, "labels": labels}


def image_data(config, generator):
    """A brighter spot per class, in noise."""
    height, width = config.image_size if isinstance(config.image_size, tuple) else [config.image_size] * 2
    labels = torch.randint(0, config.num_labels, (ROWS,), generator=generator)
    pixels = torch.randn((ROWS, config.num_channels, height, width), generator=generator)
    for row, label in enumerate(labels.tolist()):
        pixels[row, label % config.num_channels, 2 * label : 2 * label + 4, label : label + 6] += 2
    return {"pixel_values": pixels, "labels": labels}


def masked_data(kind, config, data, generator):
    """A fifth of the tokens are targets and mostly masked by the last id, row 3 has one; two rows end in padding."""
    tokens = data["input_ids"]
    targets = torch.rand(tokens.shape, generator=generator) < 0.2
    targets[3] = False
    targets[3, 2] = True
    masked = targets & (torch.rand(tokens.shape, generator=generator) < 0.8)
    types = (torch.arange(tokens.shape[1]) >= tokens.shape[1] // 2).long().expand_as(tokens).clone()
    types[0] = config.type_vocab_size - 1
    seen = torch.ones_like(tokens)
    for row, first in ((2, tokens.shape[1] - 5), (9, 7)):
        seen[row, first:] = 0
    labels = tokens.masked_fill(~targets | (seen == 0), IGNORED)
    tokens = tokens.masked_fill(masked, config.vocab_size - 1).masked_fill(seen == 0, config.pad_token_id)
    result = {"input_ids": tokens, "labels": labels, "token_type_ids": types, "attention_mask": seen}
    if kind is PAIRS:
        result["next_sentence_label"] = torch.randint(0, 2, (ROWS,), generator=generator)
        result["next_sentence_label"][6] = IGNORED
    return result


def token_data(config, sequence, generator):
    """Noisy arithmetic sequences; a seventh of the targets ignored, row 3 almost all, row 5 to its end."""

    def integers(high, shape):
        return torch.randint(0, high, shape, generator=generator)

    start = integers(config.vocab_size, (ROWS, 1))
    stride = 1 + integers(5, (ROWS, 1))
    input_ids = (start + stride * torch.arange(sequence)) % config.vocab_size
    noisy = torch.rand((ROWS, sequence), generator=generator) < 0.2
    input_ids = torch.where(noisy, integers(config.vocab_size, (ROWS, sequence)), input_ids)
    ignored = torch.rand((ROWS, sequence), generator=generator) < 1 / 7
    ignored[3, 2:] = True
    ignored[5, sequence // 2 :] = True
    return {"input_ids": input_ids, "labels": input_ids.masked_fill(ignored, IGNORED)}


def reference_loss(model, batch):
    return model(**batch).loss


def written_out_loss(model, batch):
    """What reference_loss computes, without the causal models' rounding of the logits to float32."""
    if not isinstance(model, (transformers.GPT2LMHeadModel, transformers.LlamaForCausalLM)):
        return model(**batch).loss
    logits = model(input_ids=batch["input_ids"]).logits[:, :-1]
    targets = batch["labels"][:, 1:]
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def train(model, data, run, loss_of):
    """The loss is the mean over the non-ignored targets of the whole batch, which is given at once."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8,
        weight_decay=run["weight_decay"],
    )  # fmt: skip
    limit = run["clip_grad_norm"]
    losses, norms = [], []
    for step in range(STEPS):
        rows = [(step * GLOBAL_BATCH + i) % ROWS for i in range(GLOBAL_BATCH)]
        batch = {name: values[rows] for name, values in data.items()}
        if "pixel_values" in batch:
            batch["pixel_values"] = batch["pixel_values"].to(model.dtype)
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(
            model.parameters(), float("inf") if limit is None else limit
        )
        optimizer.step()
        losses.append(loss.item())
        norms.append(norm.item())
    return {"losses": losses, "grad_norms": norms}


def compared(model):
    """The parameters in float64 without the key biases, key.bias or the middle third of c_attn.bias: softmax does
    not see a shift common to all keys, so their gradient and hence their update is rounding noise."""
    result = {}
    for name, value in model.named_parameters():
        if name.endswith(".key.bias"):
            continue
        value = value.detach().clone().double()
        if name.endswith("attn.c_attn.bias"):
            query, _, last = value.chunk(3)
            value = torch.cat((query, last))
        result[name] = value
    return result


def largest_rounding(initial, single, double):
    """Largest ||w32 - w64|| / ||w64 - w0|| over the tensors."""
    ratios = [(single[name] - double[name]).norm() / (double[name] - initial[name]).norm() for name in initial]
    return max(ratios).item()


def save_weights(model, path, keep_config):
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        shutil.copy(Path(folder, "model.safetensors"), path)
        if keep_config:
            shutil.copy(Path(folder, "config.json"), path.parent / "config.json")


def make_golden(folder, name):
    kind, config, sequence, seed, runs = MODELS[name]
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    data = make_data(kind, config, sequence, seed)
    save_file(data, folder / "data.safetensors")
    save_weights(make_model(kind, config, seed), folder / "model.safetensors", keep_config=True)
    for suffix in runs:
        run = RUNS[suffix]
        model = make_model(kind, config, seed)
        exact = make_model(kind, config, seed).double()
        initial = compared(model)
        expected = train(model, data, run, reference_loss)
        exact_losses = train(exact, data, run, written_out_loss)["losses"]
        rounding = largest_rounding(initial, compared(model), compared(exact))
        loss_rounding = max(abs(a - b) for a, b in zip(expected["losses"], exact_losses))
        print(f"{name}{suffix}: loss {expected['losses'][0]:.4f} -> {expected['losses'][-1]:.4f},"
              f" gradient norm {min(expected['grad_norms']):.3f}..{max(expected['grad_norms']):.3f},"
              f" rounding of parameters {rounding:.1e}, of losses {loss_rounding:.1e}")  # fmt: skip
        if rounding > ROUNDING_LIMIT:
            sys.exit(f"{name}{suffix}: rounding alone moves a tensor by {rounding:.1e}; take another seed")
        save_weights(model, folder / f"final{suffix}.safetensors", keep_config=False)
        lengths = {"sequence": sequence}
        if kind is PAIRED_SEQUENCES:
            lengths["target_sequence"] = target_length(sequence)
        document = {"global_batch": GLOBAL_BATCH, **lengths, "learning_rate": LEARNING_RATE,
                    "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **run, **expected}  # fmt: skip
        (folder / f"expected{suffix}.json").write_text(json.dumps(document, indent=2) + "\n")


def check_export(name, path):
    """transformers finds every tensor that it expects in the export, and none besides; prints the first batch's loss."""
    kind, config, sequence, seed, _ = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        config.save_pretrained(folder)
        shutil.copy(path, Path(folder, "model.safetensors"))
        model, found = kind.from_pretrained(folder, attn_implementation="eager", output_loading_info=True)
    missing = set(found["missing_keys"]) - {name for name, _ in model.named_buffers()}
    if missing or found["unexpected_keys"] or found["mismatched_keys"]:
        sys.exit(f"{path}: {found}")
    data = make_data(kind, config, sequence, seed)
    batch = {key: values[:GLOBAL_BATCH] for key, values in data.items()}
    print(f"{name}: loss {reference_loss(model, batch).item():.6f}")


def main():
    found = (transformers.__version__, torch.__version__.split("+")[0])
    if found != (TRANSFORMERS_VERSION, TORCH_VERSION):
        sys.exit(f"needs transformers {TRANSFORMERS_VERSION} and torch {TORCH_VERSION}, found {found}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if len(sys.argv) == 4 and sys.argv[1] == "check":
        return check_export(*sys.argv[2:])
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for name in MODELS:
        make_golden(folder, name)


if __name__ == "__main__":
    main()
