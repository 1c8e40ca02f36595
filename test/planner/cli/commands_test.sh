#!/usr/bin/env bash
# The program as its user meets it: commands_test.sh GALVATRON SOURCE_TREE
set -uo pipefail
galvatron=$1
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# expect CODE TEXT COMMAND...: ends with CODE, and TEXT stands in what it prints.
expect() {
  local code=$1 text=$2
  shift 2
  local output status=0
  output=$("$@" 2>&1) || status=$?
  [ "$status" -eq "$code" ] || fail "expected exit $code, got $status: $*"$'\n'"$output"
  [[ "$output" == *"$text"* ]] || fail "expected '$text' from: $*"$'\n'"$output"
}

tiny=(--model examples/gpt2/tiny.yaml --hardware hardware_profiles/cpu_local.yaml --global-batch 16)

expect 0 "Example:" "$galvatron" --help
for command in plan estimate show check diff; do
  expect 0 "Example:" "$galvatron" $command --help
done

# A plan, and what is done with it.
expect 0 "samples/s" "$galvatron" plan "${tiny[@]}"
expect 0 "samples/s" "$galvatron" plan "${tiny[@]}" -o "$work/plan.yaml"
expect 0 "gpt2_block" "$galvatron" show "$work/plan.yaml"
expect 0 '"step_seconds"' "$galvatron" show "$work/plan.yaml" --json
expect 0 "update" "$galvatron" show "$work/plan.yaml" --rank 3
expect 2 "--rank must be from 0 to 3, got 4" "$galvatron" show "$work/plan.yaml" --rank 4
expect 0 "the plan holds" "$galvatron" check "$work/plan.yaml"
expect 0 "the plans are equal" "$galvatron" diff "$work/plan.yaml" "$work/plan.yaml"

# One strategy for all layers, priced and saved, whether it fits or not.
expect 0 "tensor 2, data 2, ZeRO 3" "$galvatron" estimate "${tiny[@]}" \
  --strategy tensor=2,zero=3 --micro-batch 4 -o "$work/estimate.yaml"
expect 0 "does not fit" "$galvatron" estimate "${tiny[@]}" --memory-budget 1MiB \
  --strategy tensor=2,zero=3 --micro-batch 4
expect 1 "tensor" "$galvatron" diff "$work/plan.yaml" "$work/estimate.yaml"
expect 2 "tensor must divide num_heads (4), got 3" "$galvatron" estimate "${tiny[@]}" \
  --devices-per-node 3 --strategy tensor=3 --micro-batch 16
expect 2 "unknown axis tensr" "$galvatron" estimate "${tiny[@]}" --strategy tensr=2

# A tampered plan is found out.
sed -E 's/^( *)step_seconds: .*/\1step_seconds: 1e-9/' "$work/plan.yaml" > "$work/tampered.yaml"
cmp -s "$work/plan.yaml" "$work/tampered.yaml" && fail "nothing was tampered with"
expect 1 "" "$galvatron" check "$work/tampered.yaml"

# The same plan, byte for byte, whatever the threads.
for threads in 1 2 8; do
  "$galvatron" plan "${tiny[@]}" --memory-budget 275MiB --threads $threads \
    -o "$work/threads$threads.yaml" > /dev/null || fail "plan with $threads threads"
done
cmp "$work/threads1.yaml" "$work/threads2.yaml" || fail "2 threads gave another plan"
cmp "$work/threads1.yaml" "$work/threads8.yaml" || fail "8 threads gave another plan"

# The bound is proved again from the plan's own numbers, and only from those.
expect 0 "the certificate holds" "$galvatron" check "$work/plan.yaml" --certificate
expect 0 "prices prove" "$galvatron" check "$work/threads1.yaml" --certificate
expect 0 '"proved_seconds"' "$galvatron" check "$work/threads1.yaml" --certificate --json
sed -E 's/^( *bound_ps): .*/\1: 1000000000000000/' "$work/threads1.yaml" > "$work/raised.yaml"
cmp -s "$work/threads1.yaml" "$work/raised.yaml" && fail "nothing was raised"
expect 1 ", the proof says 1000 s" "$galvatron" check "$work/raised.yaml" --certificate
sed '/^  pairs:/,$d' "$work/threads1.yaml" > "$work/without_pairs.yaml"
echo "  pairs: []" >> "$work/without_pairs.yaml"
expect 1 "the prices prove" "$galvatron" check "$work/without_pairs.yaml" --certificate
sed 's/hbm_gb_per_s: 6$/hbm_gb_per_s: 7/' hardware_profiles/cpu_local.yaml > "$work/hbm.yaml"
expect 1 "the proof is for hardware" "$galvatron" check "$work/threads1.yaml" --certificate \
  --hardware "$work/hbm.yaml"
expect 1 "the plan holds no proof of its lower bound" "$galvatron" check "$work/estimate.yaml" \
  --certificate

# Restrictions hold.
expect 0 '"pipeline": 4' "$galvatron" plan "${tiny[@]}" --only pipeline=4 --json
expect 0 "gpipe" "$galvatron" plan "${tiny[@]}" --only pipeline=2 --only schedule=gpipe
expect 2 "did you mean \`tensor\`?" "$galvatron" plan "${tiny[@]}" --only tensr=1
expect 0 '"global_batch"' "$galvatron" plan --model examples/gpt2/tiny.yaml --hardware cpu_local \
  --global-batch 8:24:8 --json

# Mistakes are answered with what was expected.
expect 2 "did you mean \`plan\`?" "$galvatron" plann
expect 2 "did you mean \`--global-batch\`?" "$galvatron" plan "${tiny[@]}" --global-bach 16
expect 2 "did you mean \`cpu_local\`?" "$galvatron" plan --model examples/gpt2/tiny.yaml \
  --hardware cpu_locl --global-batch 16
expect 2 "--memory-budget must be a size like 16GiB, got lots" "$galvatron" plan "${tiny[@]}" \
  --memory-budget lots
expect 2 "did you mean" "$galvatron" plan "${tiny[@]}" --set intra_node.gb_per_s_per_devic=5
sed 's/^heads/heds/' examples/gpt2/tiny.yaml > "$work/typo.yaml"
expect 3 "did you mean \`heads\`?" "$galvatron" plan --model "$work/typo.yaml" \
  --hardware cpu_local --global-batch 16
expect 3 '{"error":{"code":' "$galvatron" plan --model "$work/typo.yaml" --hardware cpu_local \
  --global-batch 16 --json
expect 3 "" "$galvatron" show /nonexistent.yaml
expect 3 "" "$galvatron" plan --model "$work" --hardware cpu_local --global-batch 16

# Nothing fits, and out of time.
expect 4 "no plan fits in 1.00 MiB" "$galvatron" plan "${tiny[@]}" --memory-budget 1MiB
expect 5 "stopped before any plan was found" "$galvatron" plan "${tiny[@]}" --time-limit 0s

# Ctrl-C: the best plan so far, if there is one, and exit code 130.
cat > "$work/large.yaml" <<EOF
family: gpt2
name: large
sequence_length: 2048
positions: 2048
vocabulary: 50257
hidden: 12288
layers: 96
heads: 96
EOF
expect 130 "" timeout --preserve-status --signal=INT 1 "$galvatron" plan --model "$work/large.yaml" \
  --hardware a100_80gb_sxm --nodes 384 --global-batch 1536 --gap 0 -o "$work/interrupted.yaml"
[ ! -e "$work/interrupted.yaml" ] || expect 0 "the plan holds" "$galvatron" check "$work/interrupted.yaml"

# A runtime's name is a name, also where the program of that name lies.
(cd "$(dirname "$galvatron")" && "$galvatron" plan --model "$OLDPWD/examples/gpt2/tiny.yaml" \
  --hardware cpu_local --global-batch 16 > /dev/null) || fail "beside the program"

# A published profile: its own space, its own price.
bert=(--model examples/bert/bert_huge_32.yaml --hardware rtx_titan_8_published)
published=("${bert[@]}" --memory-budget 12GiB --global-batch 8:248:8)
expect 0 "by the published cost model" "$galvatron" plan "${published[@]}" -o "$work/published.yaml"
expect 0 "free boundaries and any batch: +" "$galvatron" plan "${published[@]}" --gap 0
expect 0 '"step_seconds": 1.35979226418' "$galvatron" plan "${published[@]}" --json
expect 0 "tensor 2, data 2, data inner" "$galvatron" show "$work/published.yaml"
expect 0 "the plan holds" "$galvatron" check "$work/published.yaml"
expect 1 "the plan holds no proof" "$galvatron" check "$work/published.yaml" --certificate
expect 0 "the plans are equal" "$galvatron" diff "$work/published.yaml" "$work/published.yaml"
sed -E 's/^( *)time_factor: .*/\1time_factor: 1/' hardware_profiles/rtx_titan_8_published.yaml \
  > "$work/faster.yaml"
expect 1 "priced again" "$galvatron" check "$work/published.yaml" --hardware "$work/faster.yaml"
expect 0 '"pipeline": 1' "$galvatron" plan "${published[@]}" --only pipeline=1 --only zero=0 --json
expect 4 "pipeline 8: stage 0 needs at least" "$galvatron" plan "${bert[@]}" \
  --memory-budget 2GiB --global-batch 8
expect 3 "no published constants for the model gpt2-tiny" "$galvatron" plan \
  --model examples/gpt2/tiny.yaml --hardware rtx_titan_8_published --global-batch 8
expect 3 "the published constants are for 512 tokens in layer 1, the model has 256" \
  "$galvatron" plan "${published[@]}" --sequence 256
cp hardware_profiles/runtimes/galvatron.yaml "$work/runtime.yaml"
expect 2 "--threads, --runtime, --clip-grad-norm have no meaning under the published cost model" \
  "$galvatron" plan "${published[@]}" --threads 2 --runtime "$work/runtime.yaml" \
  --clip-grad-norm 1
expect 2 "--gap has no meaning" "$galvatron" plan "${published[@]}" --gap 0.01
expect 2 "no strategy with these values" "$galvatron" plan "${published[@]}" --only pipeline=3
expect 2 "no axis recompute" "$galvatron" plan "${published[@]}" --only recompute=full
expect 2 "must be multiples of 8 under a published profile, got 12" "$galvatron" plan \
  "${bert[@]}" --global-batch 12
expect 2 "has no rate for bf16" "$galvatron" plan "${published[@]}" --precision bf16
expect 2 "is a published profile" "$galvatron" estimate --model examples/bert/bert_huge_32.yaml \
  --hardware rtx_titan_8_published --global-batch 8 --strategy tensor=2

# No colour where nobody looks.
"$galvatron" show "$work/plan.yaml" | grep -q $'\x1b' && fail "escape codes in a pipe"

[ "$failures" -eq 0 ] && echo "all commands behave"
exit $((failures > 0))
