#!/usr/bin/env bash
# Every plan that is found passes a check: found_plans_test.sh GALVATRON SOURCE_TREE
#
# Models by clusters by budgets; where nothing fits, the search must say so (exit 4).
set -uo pipefail
galvatron=$1
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0
failures=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

try() {  # MODEL HARDWARE BATCH BUDGET ARGUMENTS...
  local status=0
  rm -f "$work/plan.yaml"
  "$galvatron" plan --model "examples/$1.yaml" --hardware "$2" --global-batch "$3" \
    --memory-budget "$4" "${@:5}" -o "$work/plan.yaml" > "$work/output" 2>&1 || status=$?
  [ "$status" -eq 4 ] && return
  [ "$status" -eq 0 ] || { fail "exit $status: $*"; cat "$work/output"; return; }
  found=$((found + 1))
  "$galvatron" check "$work/plan.yaml" > "$work/output" 2>&1 || { fail "$*"; cat "$work/output"; }
}

for model in bert/tiny gpt2/tiny llama/tiny swin/tiny t5/tiny vit/tiny user_model/model; do
  for budget in 262MiB 270MiB 300MiB; do try "$model" cpu_local 24 "$budget"; done
  try "$model" cpu_local 24 4GiB --only pipeline=2,4 --only schedule=gpipe --gap 0
done
try bert/bert_huge_32 a100_80gb_sxm 64 12GiB
try gpt2/gpt2_1.5b h100_80gb_sxm 128 20GiB --nodes 2
try llama/llama2_7b h100_80gb_sxm 256 40GiB --nodes 4
try swin/swin_huge_32 a100_80gb_sxm 64 16GiB
try t5/t5_large_48 a100_80gb_sxm 64 16GiB
try vit/vit_huge_32 h100_80gb_sxm 128 12GiB --nodes 2

echo "$found plans hold"
[ "$found" -ge 20 ] || fail "only $found plans were found"
exit $((failures > 0))
