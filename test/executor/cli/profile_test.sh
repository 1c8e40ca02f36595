#!/usr/bin/env bash
# What is measured can be planned with: hardware on two ranks, a model, a plan with both, its run.
# profile_test.sh BUILD_FOLDER SOURCE_TREE
set -euo pipefail
build=$(realpath "$1")
galvatron=$build/galvatron
galvatron_exec=$build/galvatron-exec
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=examples/gpt2/tiny.yaml

fail() {
  echo "$*" >&2
  exit 1
}

# Runs a command that must end with CODE and say TEXT.
refused() {  # CODE TEXT COMMAND...
  local code=0
  local expected=$1 text=$2
  shift 2
  "$@" > "$work/out" 2>&1 || code=$?
  [ "$code" = "$expected" ] || fail "$*: ended with $code, not $expected: $(cat "$work/out")"
  grep -qF -- "$text" "$work/out" || fail "$*: does not say \"$text\": $(cat "$work/out")"
}

echo "== profile hardware"
hardware() {
  "$galvatron_exec" profile hardware --local 2 --sizes 4KiB:64KiB --seconds-per-point 0.01 "$@"
}
hardware -o "$work/hardware.yaml" --progress 2> "$work/notes"
progress=$(tr '\r' '\n' < "$work/notes" | grep -o '[0-9]*/[0-9]*  [0-9]* %' | tail -1)
[[ "$progress" =~ ^([0-9]+)/([0-9]+)\ \ 100\ %$ && ${BASH_REMATCH[1]} = "${BASH_REMATCH[2]}" ]] ||
  fail "the progress does not end at its end: $progress"
[ ! -e "$work/hardware.yaml.partial" ] || fail "the partial file is left behind"
[ "$(grep -c 'collective:' "$work/hardware.yaml")" = 5 ] || fail "not every collective is there"
overlap=$(sed -n '/^overlap:/,/^[a-z_]*:$/p' "$work/hardware.yaml")
for collective in all_reduce all_gather reduce_scatter all_to_all send; do
  grep -q "^  $collective:" <<< "$overlap" || fail "no overlap of $collective: $overlap"
done
[ "$(grep -c 'compute_slowdown: [12]' <<< "$overlap")" = 6 ] || fail "slowdowns are missing: $overlap"
refused 2 "--precision tf32 needs --device cuda" hardware --precision tf32 -o "$work/x.yaml"
refused 2 "--precision must be fp32, tf32, bf16 or fp16, got fp8" \
  hardware --precision fp8 -o "$work/x.yaml"
refused 2 "--transport nccl needs --device cuda" hardware --transport nccl -o "$work/x.yaml"
refused 2 "--sizes must be LO:HI like 4KiB:512MiB, got 4KiB" \
  "$galvatron_exec" profile hardware --local 2 --sizes 4KiB -o "$work/x.yaml"

echo "== a measurement goes on where it stopped"
sed '/collective: send/,$d' "$work/hardware.yaml" > "$work/again.yaml.partial"
hardware -o "$work/again.yaml" 2> "$work/notes"
grep -q "going on with what" "$work/notes" || fail "it begins anew: $(cat "$work/notes")"
diff <(sed '/collective: send/,$d' "$work/hardware.yaml" | grep median_us) \
  <(sed '/collective: send/,$d' "$work/again.yaml" | grep median_us) ||
  fail "what was measured is not kept"
grep -q "collective: send" "$work/again.yaml" || fail "what was missing is not measured"

sed 's/name: CPU process/name: another device/' "$work/hardware.yaml" > "$work/other.yaml.partial"
hardware -o "$work/other.yaml" 2> "$work/notes"
! grep -q "going on with what" "$work/notes" || fail "it goes on from another device"
grep -q "name: CPU process" "$work/other.yaml" || fail "it keeps another device's name"

echo "== profile model"
"$galvatron_exec" profile model --model $model --tensor 1,2 --micro-batch 1,2,4,8 \
  --seconds-per-point 0.05 -o "$work/profile.yaml"
refused 2 "--precision must be fp32 or bf16, got fp8" \
  "$galvatron_exec" profile model --model $model --precision fp8 -o "$work/x.yaml"

echo "== plan with both"
inputs=(--hardware "$work/hardware.yaml" --profile "$work/profile.yaml")
"$galvatron" plan --model $model "${inputs[@]}" --global-batch 8 -o "$work/plan.yaml" > "$work/out"
"$galvatron" check "$work/plan.yaml"
"$galvatron" explain "$work/plan.yaml" > /dev/null
grep -q "^  profile:" "$work/plan.yaml" || fail "the plan does not keep the profile"
"$galvatron_exec" train "$work/plan.yaml" --local --data text:/usr/share/common-licenses/GPL-3 \
  --steps 6 --log "$work/run.jsonl" --profile-steps 4:6 --trace "$work/trace.json" > /dev/null
"$galvatron" explain "$work/plan.yaml" --measured "$work/run.jsonl" --trace "$work/trace.json" \
  > "$work/out"
for row in "step " "tensors of stage 0 " "  parameters " "  activations " "forward of stage 0 " \
  "update of stage 0 "; do
  grep -q "^$row.*%$" "$work/out" || fail "nothing stands beside \"$row\": $(cat "$work/out")"
done
"$galvatron_exec" profile --from-run "$work/run.jsonl" --plan "$work/plan.yaml" \
  -o "$work/refitted.yaml"
"$galvatron" estimate --model $model --hardware "$work/refitted.yaml" --global-batch 8 \
  --strategy zero=0 --micro-batch 4 > /dev/null

echo "== beyond what was measured"
"$galvatron" estimate --model $model "${inputs[@]}" --global-batch 64 --strategy zero=0 \
  --micro-batch 32 > /dev/null 2> "$work/notes"
grep -q "the model profile does not reach gpt2_block at tensor 1, 32 samples: scaled from tensor 1, \
8 samples" "$work/notes" || fail "it does not say so: $(cat "$work/notes")"
grep -q "the hardware profile measured all_reduce over 2 ranks up to" "$work/notes" ||
  fail "it does not say so: $(cat "$work/notes")"

echo "== a profile of another model"
refused 3 "layers must hold a layer type of the model, have none" \
  "$galvatron" plan --model examples/bert/tiny.yaml "${inputs[@]}" --global-batch 8
refused 3 "identity is not that of the model's gpt2_block of 64 tokens" \
  "$galvatron" plan --model $model --sequence 64 "${inputs[@]}" --global-batch 8
