#!/usr/bin/env python3
"""Draws images of stripes in noise, labelled by their direction, for vit/tiny.yaml.

Usage: make_images.py images.safetensors [NUMBER]      (default: 512; needs the standard library alone)
"""

import array
import json
import math
import random
import struct
import sys

CHANNELS, HEIGHT, WIDTH = 3, 28, 28
DIRECTIONS = 4


def image(label, numbers):
    angle = math.pi * label / DIRECTIONS
    across, down = math.cos(angle), math.sin(angle)
    wave, phase = numbers.uniform(0.6, 1.2), numbers.uniform(0, 2 * math.pi)
    for _ in range(CHANNELS):
        for y in range(HEIGHT):
            for x in range(WIDTH):
                yield math.sin(wave * (across * x + down * y) + phase) + numbers.gauss(0, 0.5)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 512
    numbers = random.Random(1)
    labels = [numbers.randrange(DIRECTIONS) for _ in range(count)]
    pixels = array.array("f")
    for label in labels:
        pixels.extend(image(label, numbers))
    if sys.byteorder == "big":
        pixels.byteswap()
    label_bytes = struct.pack(f"<{count}q", *labels)
    begin = len(label_bytes)
    header = json.dumps({
        "labels": {"dtype": "I64", "shape": [count], "data_offsets": [0, begin]},
        "pixel_values": {"dtype": "F32", "shape": [count, CHANNELS, HEIGHT, WIDTH],
                         "data_offsets": [begin, begin + 4 * len(pixels)]},
    })  # fmt: skip
    header += " " * (-len(header) % 8)
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<q", len(header)) + header.encode())
        file.write(label_bytes + pixels.tobytes())


if __name__ == "__main__":
    main()
