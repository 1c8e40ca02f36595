#!/usr/bin/env bash
# From a bare Debian 12 machine to a trained model: installs, builds, plans a small GPT for four
# CPU processes, shows the plan, trains it on real text, and compares predicted with measured.
#
#   examples/quickstart.sh                 planner and executor
#   examples/quickstart.sh --planner-only  planner alone: plans and shows, needs no LibTorch
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  "") preset=executor ;;
  --planner-only) preset=release ;;
  *) echo "quickstart.sh: expected --planner-only or nothing, got '$1'" >&2; exit 2 ;;
esac

run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

build() {  # TARGET...
  cmake --build --preset "$preset" --target "$@"
}

export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
if [ $preset = release ]; then
  cmake/install_packages.sh --planner-only
  cmake --preset release
  build galvatron_program
else
  cmake/install_packages.sh
  site=$(cmake/fetch_libtorch.sh)
  cmake --preset executor -DLIBTORCH_SITE="$site"
  build galvatron_program galvatron_exec
fi

plan=build/quickstart/plan.yaml
log=build/quickstart/train.jsonl
mkdir -p build/quickstart
rm -f "$plan" "$log"

run build/$preset/galvatron plan --model examples/gpt2/tiny.yaml \
  --hardware hardware_profiles/cpu_local.yaml --global-batch 16 -o "$plan"
run build/$preset/galvatron show "$plan"
[ $preset = executor ] || exit 0

run build/executor/galvatron-exec train "$plan" --local \
  --data text:/usr/share/common-licenses/GPL-3 --steps 60 --log "$log"
echo
build/executor/galvatron show "$plan" --json | python3 examples/predicted_and_measured.py "$log"
