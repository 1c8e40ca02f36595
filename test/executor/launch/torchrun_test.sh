#!/usr/bin/env bash
# What torchrun starts: one rank trains on a CPU, several are refused there because MPI cannot join
# them, and over torchrun's own store ranks find each other.
#
#   torchrun_test.sh BUILD_FOLDER SOURCE_FOLDER RENDEZVOUS_RANKS
set -euo pipefail
build=$1
source=$2
ranks=$3
torchrun=$("$source/test/executor/launch/torchrun.sh" 2>&1) || { echo "$torchrun"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "torchrun_test.sh: $*" >&2
  tail -n +1 "$work"/out "$work"/err >&2
  exit 1
}

run() {  # RANKS COMMAND...: under torchrun
  local count=$1
  shift
  "$torchrun" --no-python --standalone --nproc-per-node "$count" "$@" > "$work/out" 2> "$work/err"
}

plan() {  # DEVICES
  "$build/galvatron" plan --model "$source/examples/llama/tiny.yaml" \
    --hardware "$source/hardware_profiles/cpu_local.yaml" --devices-per-node "$1" --global-batch 4 \
    --only "pipeline=$1" -o "$work/plan.$1.yaml" > "$work/out" 2> "$work/err" ||
    fail "no plan for $1 devices"
}

seq 2000 > "$work/text"
plan 1
run 1 "$build/galvatron-exec" train "$work/plan.1.yaml" --data "text:$work/text" --steps 2 ||
  fail "one rank did not train"
grep -q "started by torchrun" "$work/err" || fail "the rank does not say what started it"
grep -q "step 2/2" "$work/out" || fail "one rank did not make its steps"

plan 2
if run 2 "$build/galvatron-exec" train "$work/plan.2.yaml" --data "text:$work/text" --steps 2; then
  fail "two ranks trained over MPI, which cannot join them"
fi
grep -q "torchrun started 2 processes, which MPI cannot join: over --transport mpi start them with --local, mpirun -n 2 or srun --mpi=pmix" \
  "$work/err" || fail "the refusal does not say how to start two ranks"
grep -Eq "exitcode *: 20 " "$work/err" || fail "the refused ranks did not end with 20"

# They stay until they are told to end.
all_heard() {
  local rank
  for rank in 0 1 2; do
    grep -q "torchrun rank $rank of 3 heard 15 bytes: words and more" "$work/out" || return 1
  done
}
"$torchrun" --no-python --standalone --nproc-per-node 3 "$ranks" speak \
  > "$work/out" 2> "$work/err" &
for ((tries = 0; tries < 600; ++tries)); do
  if all_heard || ! kill -0 $! 2> /dev/null; then break; fi
  sleep 0.1
done
kill $! 2> /dev/null || true
wait $! || true
all_heard || fail "three ranks did not hear rank 0 over torchrun's store"
