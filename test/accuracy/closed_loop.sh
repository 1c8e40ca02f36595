#!/usr/bin/env bash
# The whole loop on two CPU ranks: measures the machine and four models, plans with what was
# measured, runs the plan and eight others, and compares. Exits with 1 where a goal is missed:
# closed_loop.sh BUILD_FOLDER [MODEL...]      of gpt2, bert, t5, swin; default: all
#
# Needs a quiet machine of two cores. Where it is not, RUN_WITH='chrt -r 1' runs what is measured
# before everything else.
#
# closed_loop.sh BUILD_FOLDER --memory 2,4,8 [MODEL...]
#
# measures no time: memory, and what is communicated entry by entry, of plans that mix pipeline,
# tensor, ZeRO and recomputation on so many ranks (2, 4 and 8 have plans). Any machine will do.
set -euo pipefail
build=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 examples/vit/make_images.py "$work/images.safetensors" 128
python3 examples/t5/make_sequences.py "$work/sequences.safetensors" 128
python3 test/accuracy/closed_loop.py --build "$build" --work "$work" \
  --models test/accuracy/closed_loop --images "$work/images.safetensors" \
  --sequences "$work/sequences.safetensors" --text /usr/share/common-licenses/GPL-3 "$@"
