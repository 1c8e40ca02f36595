#!/usr/bin/env bash
# The suites that take too long for every change: the test cases tagged [nightly], which ctest
# leaves out, and the planner under both sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."

test/run.sh
for program in build/executor/test_programs/*_test; do
  echo "== $program [nightly]"
  "$program" "[nightly]"
done
cmake --workflow --preset asan
cmake --workflow --preset tsan
