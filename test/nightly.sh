#!/usr/bin/env bash
# The suites that take too long for every change: the test cases tagged [.nightly], a million
# comparisons of the search with enumeration, the planner under both sanitizers, clang-tidy, the same
# plans by three builds, and what a torchrun starts.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/install_packages.sh
test/executor/launch/torchrun.sh --make || true  # without one its test is skipped
test/run.sh
ctest --preset executor --build-config nightly --label-regex nightly
cmake --workflow --preset asan
cmake --workflow --preset tsan
cmake/install_packages.sh --checks
cmake --workflow --preset tidy
cmake --preset clang
cmake --build --preset clang --target galvatron_program
test/planner/cli/determinism_test.sh 30 . build/executor/galvatron build/clang/galvatron \
  build/asan/galvatron
