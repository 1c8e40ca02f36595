#!/usr/bin/env bash
# The suites that take too long for every change: the test cases tagged [.nightly], such as the
# exhaustive comparison of the search, and the planner under both sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."

test/run.sh
ctest --preset executor --build-config nightly --label-regex nightly
cmake --workflow --preset asan
cmake --workflow --preset tsan
