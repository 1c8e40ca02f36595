#!/usr/bin/env bash
# Every tiny example is planned and trains, and a user's own model under a plan as in one process:
# examples_test.sh BUILD_FOLDER SOURCE_TREE
set -euo pipefail
build=$(realpath "$1")
galvatron=$build/galvatron
galvatron_exec=$build/galvatron-exec
cd "$2"
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
python3 examples/t5/make_sequences.py "$work/sequences.safetensors" 64
train examples/t5/tiny.yaml "$work/sequences.safetensors" 12
train examples/swin/tiny.yaml "$work/images.safetensors" 12

echo "== examples/user_model"
changed=$(git diff --no-index --numstat examples/user_model/single.cc examples/user_model/parallel.cc |
  awk '{print $1 + $2}') || true  # git diff says by its status that the files differ
[ "$changed" -lt 10 ] || { echo "parallel.cc differs from single.cc in $changed lines"; exit 1; }
"$galvatron" plan --model examples/user_model/model.yaml --hardware cpu_local --devices-per-node 4 \
  --global-batch 16 --only tensor=2 -o "$work/plan.yaml" > /dev/null
"$build/user_model_single" examples/user_model/model.yaml $text "$work/single.jsonl"
mpirun --oversubscribe -n 4 "$build/user_model_parallel" "$work/plan.yaml" $text "$work/parallel.jsonl"
python3 - "$work/single.jsonl" "$work/parallel.jsonl" <<'EOF'
import json, sys
single, parallel = ([json.loads(line)["loss"] for line in open(path)] for path in sys.argv[1:])
difference = max(abs(one - other) / one for one, other in zip(single, parallel))
print(f"largest relative difference of the losses: {difference:.1e}")
good = len(single) == len(parallel) and difference < 1e-5 and single[-1] < single[0]
sys.exit(0 if good else "the losses differ or do not fall")
EOF
