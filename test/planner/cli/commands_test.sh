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
for command in plan estimate sweep show check diff explain import; do
  expect 0 "Example:" "$galvatron" $command --help
done

# A plan, and what is done with it.
expect 0 "samples/s" "$galvatron" plan "${tiny[@]}"
expect 0 "samples/s" "$galvatron" plan "${tiny[@]}" -o "$work/plan.yaml"
expect 0 "gpt2_block" "$galvatron" show "$work/plan.yaml"
expect 0 '"step_seconds"' "$galvatron" show "$work/plan.yaml" --json
expect 0 "update" "$galvatron" show "$work/plan.yaml" --rank 3
expect 0 "gpt2_block" "$galvatron" show "$work/plan.yaml" --trace "$work/predicted.json"
expect 0 "stage 0 (rank 0)" cat "$work/predicted.json"
expect 2 "--rank must be from 0 to 3, got 4" "$galvatron" show "$work/plan.yaml" --rank 4
expect 0 "the plan holds" "$galvatron" check "$work/plan.yaml"
expect 0 "the plans are equal" "$galvatron" diff "$work/plan.yaml" "$work/plan.yaml"

# What is priced only: saved with the plan, never chosen.
a100=(--model examples/llama/llama2_7b.yaml --hardware a100_80gb_sxm --global-batch 64)
expect 0 '"virtual_stages": 2' "$galvatron" estimate "${a100[@]}" \
  --strategy pipeline=8,virtual_stages=2 --micro-batch 1 --json -o "$work/chunks.yaml"
expect 0 "the plan holds" "$galvatron" check "$work/chunks.yaml"
expect 0 '"context": 2' "$galvatron" estimate "${a100[@]}" --strategy context=2 --micro-batch 2 --json
expect 0 '"recompute": "op"' "$galvatron" estimate "${a100[@]}" \
  --strategy recompute=op,zero=3,shard_group=4 --micro-batch 2 --json
expect 0 '"precision": "fp16"' "$galvatron" estimate "${a100[@]}" --precision fp16 \
  --strategy tensor=2 --micro-batch 1 --json
expect 2 "galvatron estimate prices fp16 and fp8" "$galvatron" plan "${a100[@]}" --precision fp16
expect 2 "priced by galvatron estimate, never chosen" "$galvatron" plan "${a100[@]}" --only recompute=op

# Other systems have what their space says.
expect 0 '"step_seconds"' "$galvatron" estimate "${a100[@]}" --runtime megatron_2021 \
  --strategy tensor=8,recompute=full --micro-batch 8 --json
expect 2 "zero must be one of 0 under megatron_2021, got 3" "$galvatron" estimate "${a100[@]}" \
  --runtime megatron_2021 --strategy zero=3 --micro-batch 8
expect 2 "context must be 1 under megatron_2021, got 2" "$galvatron" estimate "${a100[@]}" \
  --runtime megatron_2021 --strategy context=2 --micro-batch 8
expect 2 "runtime internevo trains in bf16, not in fp16" "$galvatron" estimate "${a100[@]}" \
  --runtime internevo --precision fp16 --strategy tensor=2 --micro-batch 8
# Equal stages only: every number of stages that the search names divides the blocks.
expect 0 "samples/s" "$galvatron" plan "${a100[@]}" --runtime megatron_2021 --only pipeline=2
expect 0 "samples/s" "$galvatron" plan "${a100[@]}" --runtime fsdp --only pipeline=1

# Context and communicators are in the numbers, and can be set.
expect 0 '"context": 1048576' "$galvatron" estimate "${a100[@]}" --strategy tensor=2 --micro-batch 1 \
  --set device.overhead.context_mib=1 --set device.overhead.communicator_mib=0 --json
expect 0 '"communicators": 0' "$galvatron" estimate "${a100[@]}" --strategy tensor=2 --micro-batch 1 \
  --set device.overhead.communicator_mib=0 --json

# Files of other programs.
printf '\tGPU0\tGPU1\nGPU0\t X \tNV12\nGPU1\tNV12\t X \n' >"$work/topo.txt"
expect 0 "" "$galvatron" import topo "$work/topo.txt" --hardware a100_80gb_sxm -o "$work/pair.yaml"
expect 0 '"devices": 2' "$galvatron" estimate --model examples/gpt2/tiny.yaml --hardware "$work/pair.yaml" \
  --global-batch 16 --strategy tensor=2 --micro-batch 1 --json
expect 0 "still lacks device.memory_gib" "$galvatron" import topo "$work/topo.txt" -o "$work/bare.yaml"
expect 2 "cannot say what is priced only" "$galvatron" import galvatron "$work/chunks.yaml" \
  -o "$work/none.json"
expect 0 "" "$galvatron" estimate "${tiny[@]}" --strategy pipeline=2,zero=3 --micro-batch 1 \
  -o "$work/deep.yaml"
expect 0 "" "$galvatron" import galvatron "$work/deep.yaml" -o "$work/deep.json"
expect 0 "" "$galvatron" import galvatron "$work/deep.json" --model examples/gpt2/tiny.yaml \
  --hardware hardware_profiles/cpu_local.yaml -o "$work/again.yaml"
expect 0 "the plan holds" "$galvatron" check "$work/again.yaml"
expect 0 "" "$galvatron" import galvatron "$work/again.yaml" -o "$work/again.json"
expect 0 "" cmp "$work/deep.json" "$work/again.json"

# A model's profile of Hetu-Galvatron, and a plan with it.
printf '{"layernum[2]_bsz4_seq128": 9.5, "layertype_0_bsz1_seq128": 1.5,
"layertype_0_bsz4_seq128": 1.25, "layertype_other_bsz4_seq128": 0.5}' \
  >"$work/computation_profiling_fp32_tiny.json"
printf '{"layertype_0": {"128": {"parameter_size": 0.756, "tp_activation_per_bsz_dict": {"1": 0.5}}}}' \
  >"$work/memory_profiling_fp32_tiny.json"
theirs=("$galvatron" import galvatron "$work/computation_profiling_fp32_tiny.json"
  "$work/memory_profiling_fp32_tiny.json")
expect 0 "left out: layertype_other_bsz4_seq128" "${theirs[@]}" --model examples/gpt2/tiny.yaml \
  -o "$work/theirs.yaml"
expect 0 "saved_bytes: [524288, 2097152]" grep saved_bytes "$work/theirs.yaml"
expect 0 "samples/s" "$galvatron" plan "${tiny[@]}" --profile "$work/theirs.yaml"
expect 2 "it needs --model" "${theirs[@]}" -o "$work/none.yaml"
expect 0 "" "${theirs[@]}" --model examples/gpt2/tiny.yaml --precision bf16 -o "$work/bf16.yaml"
expect 3 "precision must be the job's, fp32, got bf16" "$galvatron" plan "${tiny[@]}" \
  --profile "$work/bf16.yaml"
expect 3 "holds no time of a layer of 64 tokens: it has some of 128" "${theirs[@]}" \
  --model examples/gpt2/tiny.yaml --sequence 64 -o "$work/none.yaml"
expect 2 "are for Hetu-Galvatron's profiles of a model" "$galvatron" import galvatron \
  "$work/deep.json" --model examples/gpt2/tiny.yaml --hardware cpu_local --precision fp32 -o "$work/none.yaml"

# What a run measured beside the plan.
printf '{"step_seconds": 0.5, "stage_peak_memory_bytes": [7, 8]}\n' >"$work/run.jsonl"
expect 0 "tensors of stage 1" "$galvatron" explain "$work/deep.yaml" --measured "$work/run.jsonl"
expect 2 "--trace requires --measured" "$galvatron" explain "$work/deep.yaml" --trace "$work/run.jsonl"
"$galvatron" show "$work/deep.yaml" --trace "$work/trace.json" >"$work/out"
expect 0 "forward of stage 1" "$galvatron" explain "$work/deep.yaml" --measured "$work/run.jsonl" \
  --trace "$work/trace.json"

# One strategy for all layers, priced and saved, whether it fits or not.
expect 0 "tensor 2, data 2, ZeRO 3" "$galvatron" estimate "${tiny[@]}" \
  --strategy tensor=2,zero=3 --micro-batch 4 -o "$work/estimate.yaml"
expect 0 "does not fit" "$galvatron" estimate "${tiny[@]}" --memory-budget 1MiB \
  --strategy tensor=2,zero=3 --micro-batch 4
expect 1 "tensor" "$galvatron" diff "$work/plan.yaml" "$work/estimate.yaml"
expect 2 "tensor must divide num_heads (4), got 3" "$galvatron" estimate "${tiny[@]}" \
  --devices-per-node 3 --strategy tensor=3 --micro-batch 16
expect 2 "unknown axis tensr" "$galvatron" estimate "${tiny[@]}" --strategy tensr=2

# Why a plan is what it is.
expect 0 "Where the step goes, on a rank of stage 0, the busiest" "$galvatron" explain \
  "$work/plan.yaml"
expect 0 "The best plan of every stage count, each solved within 0.1 %" "$galvatron" explain \
  "$work/plan.yaml" --threads 2
expect 0 "The best plan of every stage count, each solved to the optimum" "$galvatron" explain \
  "$work/plan.yaml" --gap 0
expect 0 "The best plan of its space" "$galvatron" explain "$work/estimate.yaml"
expect 0 '"largest_increase"' "$galvatron" explain "$work/plan.yaml" --json
expect 0 "tensor=2 costs" "$galvatron" explain "$work/plan.yaml" --why-not tensor=2
expect 0 "schedule=1f1b: the plan has nothing else" "$galvatron" explain "$work/plan.yaml" \
  --why-not tensor=2 --why-not schedule=1f1b
expect 0 "tensor=3: no such strategy divides" "$galvatron" explain "$work/plan.yaml" \
  --why-not tensor=3
expect 0 '"cost_seconds"' "$galvatron" explain "$work/plan.yaml" --why-not tensor=2 --json
expect 2 "did you mean \`tensor\`?" "$galvatron" explain "$work/plan.yaml" --why-not tensr=2
expect 2 "--why-not must be AXIS=V[,V...], got tensor" "$galvatron" explain "$work/plan.yaml" \
  --why-not tensor
expect 2 "zero must be one of 0, 1, 2, 3, got 4" "$galvatron" explain "$work/plan.yaml" \
  --why-not zero=4
"$galvatron" plan "${tiny[@]}" --memory-budget 264MiB -o "$work/tight.yaml" > /dev/null
expect 0 "does not fit: stage 0 of 1 needs at least 273 MiB, " "$galvatron" explain \
  "$work/tight.yaml"
expect 0 "pipeline=2: does not fit: stage 0 of 2 needs at least" "$galvatron" explain \
  "$work/tight.yaml" --why-not pipeline=2 --why-not pipeline=1
sed '/^inputs:/,$d' "$work/plan.yaml" > "$work/bare.yaml"
expect 3 "the plan holds no inputs to price it with" "$galvatron" explain "$work/bare.yaml"

# What a step's change comes from.
"$galvatron" plan "${tiny[@]}" --set intra_node.gb_per_s_per_device=4 --set device.hbm_gb_per_s=3 \
  -o "$work/other.yaml" > /dev/null
expect 1 "hardware intra_node.gb_per_s_per_device 2 -> 4" "$galvatron" diff "$work/plan.yaml" \
  "$work/other.yaml"
expect 1 '"change_seconds"' "$galvatron" diff "$work/plan.yaml" "$work/other.yaml" --json
expect 1 "together" "$galvatron" diff "$work/plan.yaml" "$work/estimate.yaml"
expect 1 "not attributed to causes: of the second plan: the plan holds no inputs" \
  "$galvatron" diff "$work/plan.yaml" "$work/bare.yaml"

# A tampered plan is found out.
sed -E 's/^( *)step_seconds: .*/\1step_seconds: 1e-9/' "$work/plan.yaml" > "$work/tampered.yaml"
cmp -s "$work/plan.yaml" "$work/tampered.yaml" && fail "nothing was tampered with"
expect 1 "" "$galvatron" check "$work/tampered.yaml"
expect 0 "priced again it is" "$galvatron" explain "$work/tampered.yaml"
expect 1 '"peak_bytes_bound": ' "$galvatron" check "$work/tampered.yaml" --json

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
expect 2 "--gap: must be a number from 0 to 1, got nan" "$galvatron" plan "${tiny[@]}" --gap nan
expect 2 "--clip-grad-norm: must be a number greater than 0, got inf" "$galvatron" plan \
  "${tiny[@]}" --clip-grad-norm inf
expect 2 "--time-limit: must not be empty" "$galvatron" plan "${tiny[@]}" --time-limit ""
expect 2 "--output: must not be empty" "$galvatron" estimate "${tiny[@]}" --strategy zero=1 -o ""
expect 2 "cannot write $work/none/plan.yaml: open: No such file or directory" \
  "$galvatron" plan "${tiny[@]}" -o "$work/none/plan.yaml"
expect 2 "cannot write $work: expected a regular file" "$galvatron" sweep "${tiny[@]}" -o "$work"
expect 2 "--save-plans: $work/plan.yaml/plans: Not a directory" "$galvatron" sweep "${tiny[@]}" \
  --save-plans "$work/plan.yaml/plans"
expect 2 "--set device.memory_gib must be a number between 0 and 1048576, got 1e300" "$galvatron" \
  plan "${tiny[@]}" --set device.memory_gib=1e300
expect 3 "holds a number that is out of all bounds" "$galvatron" plan "${tiny[@]}" \
  --set device.stream_launch_us=1e300
expect 2 "zero is given twice" "$galvatron" estimate "${tiny[@]}" --strategy zero=1,zero=2
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

# Whoever follows a printed change gets a plan: follow REPORT PLAN_ARGUMENTS...
follow() {
  local report=$1 line followed=0
  shift
  while read -r line; do
    case "$line" in
      --memory-budget* | --global-batch* | --nodes*)
        line=${line%%,*}  # "--memory-budget 18.01GiB, 2.00 GiB more"
        line=${line%% instead of*}
        # shellcheck disable=SC2086
        expect 0 "samples/s" "$galvatron" plan "$@" $line ;;
      *) continue ;;
    esac
    followed=$((followed + 1))
  done <<< "$report"
  [ "$followed" -gt 0 ] || fail "no change to follow in"$'\n'"$report"
}
for case in "gpt2/tiny cpu_local 16 100MiB" "t5/tiny cpu_local 12 2MiB" \
  "vit/tiny cpu_local 7 262MiB" "gpt2/gpt2_1.5b a100_80gb_sxm 64 6GiB" \
  "llama/llama2_7b h100_80gb_sxm 64 12GiB"; do
  read -r model hardware batch budget <<< "$case"
  wanted=(--model "examples/$model.yaml" --hardware "$hardware")
  report=$("$galvatron" plan "${wanted[@]}" --global-batch "$batch" --memory-budget "$budget" 2>&1)
  [ $? -eq 4 ] || fail "$case: expected exit 4"$'\n'"$report"
  # What is changed is given last and once.
  follow "$(grep -e '^ *--memory-budget' <<< "$report")" "${wanted[@]}" --global-batch "$batch"
  if grep -q -e '^ *--global-batch' <<< "$report"; then
    follow "$(grep -e '^ *--global-batch' <<< "$report")" "${wanted[@]}" --memory-budget "$budget"
  fi
  if grep -q -e '^ *--nodes' <<< "$report"; then
    follow "$(grep -e '^ *--nodes' <<< "$report")" "${wanted[@]}" --global-batch "$batch" \
      --memory-budget "$budget"
  fi
done
expect 4 "without --only zero=0" "$galvatron" plan --model examples/gpt2/gpt2_1.5b.yaml \
  --hardware a100_80gb_sxm --global-batch 64 --memory-budget 12GiB --only pipeline=1 --only zero=0
expect 0 "samples/s" "$galvatron" plan --model examples/gpt2/gpt2_1.5b.yaml \
  --hardware a100_80gb_sxm --global-batch 64 --memory-budget 12GiB --only pipeline=1
expect 4 '"relaxations":[{"change":"--memory-budget ' "$galvatron" plan "${tiny[@]}" \
  --memory-budget 1MiB --json
expect 4 "no strategy divides the model and its samples among 4 devices within --only tensor=3" \
  "$galvatron" plan "${tiny[@]}" --only tensor=3

# A sweep: one row per point, plans that hold, and the exit codes of plan.
ranges=(--model examples/gpt2/tiny.yaml --hardware cpu_local --global-batch 8,16)
expect 0 "6 points in" "$galvatron" sweep "${ranges[@]}" --memory-budget 200:300:50MiB
expect 0 "nothing fits; pipeline" "$galvatron" sweep "${ranges[@]}" --memory-budget 1,300MiB
expect 0 "nodes,devices,global_batch,memory_budget_bytes" "$galvatron" sweep "${ranges[@]}" \
  --format csv -o "$work/sweep.csv"
expect 0 '"kept_plans"' "$galvatron" sweep "${ranges[@]}" --json -o "$work/sweep.json"
[ "$(wc -l < "$work/sweep.csv")" -eq 3 ] || fail "sweep.csv has not a row per point"
grep -q '"points"' "$work/sweep.json" || fail "sweep.json has no points"
expect 0 "samples/s" "$galvatron" sweep "${ranges[@]}" --memory-budget 270:400:10MiB \
  --save-plans "$work/plans"
[ "$(ls "$work/plans" | wc -l)" -eq 28 ] || fail "28 points, other plans: $(ls "$work/plans")"
for plan in "$work"/plans/*.yaml; do
  expect 0 "the plan holds" "$galvatron" check "$plan"
done
grep -q "budget_bytes: 283115520" "$work/plans/nodes1_batch16_270MiB.yaml" ||
  fail "the saved plan has another budget"
expect 4 "no plan fits at any of 4 points" "$galvatron" sweep "${ranges[@]}" --memory-budget 1,2MiB
expect 4 '"code":"infeasible"' "$galvatron" sweep "${ranges[@]}" --memory-budget 1MiB --json
expect 5 "not reached in time" "$galvatron" sweep "${ranges[@]}" --time-limit 0s
expect 2 "--memory-budget must be a size like 16GiB" "$galvatron" sweep "${ranges[@]}" \
  --memory-budget 16:80GiB
expect 2 "-o must end with .csv or .json" "$galvatron" sweep "${ranges[@]}" -o "$work/sweep.txt"
expect 2 "two formats" "$galvatron" sweep "${ranges[@]}" --format csv --json
expect 2 "at most 4096 points" "$galvatron" sweep "${ranges[@]}" --memory-budget 1:3000:1MiB

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
expect 0 "by the formula of the published cost model" "$galvatron" explain "$work/published.yaml"
expect 2 "plans under a published profile are searched to the optimum" "$galvatron" explain \
  "$work/published.yaml" --gap 0.1
expect 0 "pipeline=8: does not fit: stage 0 of 8 needs at least" "$galvatron" explain \
  "$work/published.yaml" --why-not pipeline=8
expect 2 "--why-not: the published space has no axis recompute" "$galvatron" explain \
  "$work/published.yaml" --why-not recompute=full
expect 1 "and hardware published" "$galvatron" diff "$work/plan.yaml" "$work/published.yaml"
sed -E 's/^( *)time_factor: .*/\1time_factor: 1/' hardware_profiles/rtx_titan_8_published.yaml \
  > "$work/faster.yaml"
expect 1 "priced again" "$galvatron" check "$work/published.yaml" --hardware "$work/faster.yaml"
expect 0 '"pipeline": 1' "$galvatron" plan "${published[@]}" --only pipeline=1 --only zero=0 --json
expect 4 "pipeline 8: stage 0 needs at least" "$galvatron" plan "${bert[@]}" \
  --memory-budget 2GiB --global-batch 8
report=$("$galvatron" plan "${bert[@]}" --memory-budget 2GiB --global-batch 8 2>&1)
budget=$(sed -n 's/.*a plan fits with --memory-budget //p' <<< "$report")
expect 0 "by the published cost model" "$galvatron" plan "${bert[@]}" --global-batch 8 \
  --memory-budget "${budget:-no budget}"
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

expect 0 "tensor 2, data 2 (28 of 34 layers)" "$galvatron" sweep "${bert[@]}" --memory-budget 8:20:4GiB \
  --global-batch 8,64 --save-plans "$work/published_plans"
for plan in "$work"/published_plans/*.yaml; do
  expect 0 "the plan holds" "$galvatron" check "$plan"
done
expect 4 "no plan fits at any of 1 point" "$galvatron" sweep "${bert[@]}" --memory-budget 2GiB \
  --global-batch 8
expect 2 "--nodes has no meaning" "$galvatron" sweep "${bert[@]}" --nodes 1 --global-batch 8

# No colour where nobody looks.
"$galvatron" show "$work/plan.yaml" | grep -q $'\x1b' && fail "escape codes in a pipe"

[ "$failures" -eq 0 ] && echo "all commands behave"
exit $((failures > 0))
