#!/usr/bin/env bash
# The same plan, byte for byte, in every run, with any number of threads, by any build:
# determinism_test.sh RUNS SOURCE_TREE GALVATRON [GALVATRON...]
#
# Small cases run RUNS times and large ones a tenth as often, with 1, 2 and 8 threads by turns; of
# further programs once with each. Fails on the first plan that differs, and shows where.
set -euo pipefail
runs=$1
tree=$2
shift 2
programs=("$@")
for index in "${!programs[@]}"; do programs[index]=$(realpath "${programs[index]}"); done
cd "$tree"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/llama_70b.yaml" <<END
family: llama
name: llama-70b
sequence_length: 4096
vocabulary: 32000
positions: 4096
hidden: 8192
layers: 80
heads: 64
key_value_heads: 8
mlp_width: 28672
END

same() {  # NAME PROGRAM THREADS ARGUMENTS...: the plan is that of the first run
  local first="$work/$1.yaml" now="$work/now.yaml"
  "$2" plan "${@:4}" --threads "$3" -o "$now" > /dev/null
  [ -e "$first" ] || cp "$now" "$first"
  cmp -s "$first" "$now" && return
  echo "FAILED: $1: another plan by $2 with $3 threads"
  diff "$first" "$now" | head -20
  exit 1
}

case_of() {  # COUNT NAME ARGUMENTS...
  local count=$1 name=$2 run program
  shift 2
  local threads=(1 2 8)
  for ((run = 0; run < count; run++)); do
    same "$name" "${programs[0]}" "${threads[run % 3]}" "$@"
  done
  for program in "${programs[@]:1}"; do
    for run in 0 1 2; do same "$name" "$program" "${threads[run]}" "$@"; done
  done
  echo "$name: equal plans in $count runs and by ${#programs[@]} programs"
}

small() { case_of "$runs" "$@"; }
large() { case_of $((runs / 10 + 3)) "$@"; }

for family in bert gpt2 llama swin t5 vit; do
  small "$family-tiny" --model "examples/$family/tiny.yaml" --hardware cpu_local --global-batch 16 \
    --memory-budget 290MiB
done
small user-model --model examples/user_model/model.yaml --hardware cpu_local --global-batch 8:24:8
small gpt2-exact --model examples/gpt2/tiny.yaml --hardware cpu_local --global-batch 16 --gap 0 \
  --memory-budget 275MiB
large t5-large --model examples/t5/t5_large_48.yaml --hardware a100_80gb_sxm --nodes 4 \
  --global-batch 64 --memory-budget 8GiB
large swin-huge --model examples/swin/swin_huge_32.yaml --hardware h100_80gb_sxm --nodes 2 \
  --global-batch 64 --memory-budget 10GiB
large llama-70b --model "$work/llama_70b.yaml" --hardware h100_80gb_sxm --nodes 128 \
  --global-batch 1024
large llama-70b-pipeline --model "$work/llama_70b.yaml" --hardware h100_80gb_sxm --nodes 128 \
  --global-batch 1024 --memory-budget 40GiB --only pipeline=2,4,8,16,32 --gap 0
large t5-large-pipeline --model examples/t5/t5_large_48.yaml --hardware a100_80gb_sxm --nodes 4 \
  --global-batch 64 --memory-budget 8GiB --only pipeline=2,4
