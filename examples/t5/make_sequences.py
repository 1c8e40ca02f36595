#!/usr/bin/env python3
"""Writes sequences and what a T5 shall make of them: the same turned around.

Usage: make_sequences.py FILE.safetensors [ROWS]
Tensors as Hugging Face names its inputs: input_ids and attention_mask [ROWS, 48], labels [ROWS, 40], -100 behind
the end. A sequence is 8 to 39 tokens between 2 and 63, and 1 for its end; 0 is padding. Standard library only.
"""

import json
import random
import struct
import sys

SOURCE, TARGET, VOCABULARY = 48, 40, 64
PADDING, END, IGNORED = 0, 1, -100


def padded(tokens, length, value):
    return tokens + [value] * (length - len(tokens))


def row():
    """A stretch of counting up or down, which is easier to learn than noise."""
    length, first, step = random.randint(8, 39), random.randrange(62), random.choice((-1, 1))
    tokens = [2 + (first + step * i) % (VOCABULARY - 2) for i in range(length)]
    return (
        padded(tokens + [END], SOURCE, PADDING),
        padded([1] * (length + 1), SOURCE, 0),
        padded(tokens[::-1] + [END], TARGET, IGNORED),
    )


def write(path, tensors):
    header, data = {}, b""
    for name, rows in tensors.items():
        block = b"".join(struct.pack(f"<{len(values)}q", *values) for values in rows)
        header[name] = {"dtype": "I64", "shape": [len(rows), len(rows[0])], "data_offsets": [len(data), len(data) + len(block)]}
        data += block
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    random.seed(0)
    rows = [row() for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 256)]
    write(sys.argv[1], dict(zip(("input_ids", "attention_mask", "labels"), zip(*rows))))


if __name__ == "__main__":
    main()
