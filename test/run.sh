#!/usr/bin/env bash
# Installs what is missing, builds planner, executor and tests, and runs every test.
# Arguments go to CMake: test/run.sh -DGALVATRON_WERROR=ON
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/install_packages.sh
site=$(cmake/fetch_libtorch.sh)
# A file with torch headers takes up to 1.5 GB to compile: no more at once than there are cores.
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
cmake --preset executor -DLIBTORCH_SITE="$site" "$@"
cmake --build --preset executor
ctest --preset executor
