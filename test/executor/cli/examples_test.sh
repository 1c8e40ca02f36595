#!/usr/bin/env bash
# Every tiny example is planned and trains: examples_test.sh GALVATRON GALVATRON_EXEC SOURCE_TREE
set -euo pipefail
galvatron=$1
galvatron_exec=$2
cd "$3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Plans MODEL for two CPU processes and trains it on DATA; the mean loss of the last three steps is
# below that of the first three.
train() {  # MODEL DATA STEPS
  echo "== $1"
  "$galvatron" plan --model "$1" --hardware cpu_local --devices-per-node 2 --global-batch 16 \
    -o "$work/plan.yaml" > /dev/null
  rm -f "$work/log.jsonl"
  "$galvatron_exec" train "$work/plan.yaml" --local --data "$2" --steps "$3" --log "$work/log.jsonl"
  python3 - "$work/log.jsonl" <<'EOF'
import json, sys
losses = [json.loads(line)["loss"] for line in open(sys.argv[1])]
first, last = sum(losses[:3]) / 3, sum(losses[-3:]) / 3
sys.exit(0 if last < first else f"the loss does not fall: {first:.3f}, then {last:.3f}")
EOF
}

text=text:/usr/share/common-licenses/GPL-3
train examples/gpt2/tiny.yaml $text 10
train examples/llama/tiny.yaml $text 10
train examples/bert/tiny.yaml $text 10
python3 examples/vit/make_images.py "$work/images.safetensors" 64
train examples/vit/tiny.yaml "$work/images.safetensors" 12
