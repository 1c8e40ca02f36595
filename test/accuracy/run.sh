#!/bin/sh
# Writes docs/accuracy.md: test/accuracy/run.sh [BUILD_FOLDER] [further options of accuracy.py]
#
# The published tables lie beside the repository, in ../shared/measurements, or where
# GALVATRON_MEASUREMENTS says. Without them there is nothing to compare with: the script says so and
# ends well.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/release}
[ $# -gt 0 ] && shift
measurements=${GALVATRON_MEASUREMENTS:-../shared/measurements}
if [ ! -d "$measurements" ]; then
  echo "no published measurements at $measurements: docs/accuracy.md stays as it is" >&2
  exit 0
fi
cmake --build "$build" --target galvatron_price_rows >&2
exec python3 test/accuracy/accuracy.py --program "$build/test_programs/galvatron_price_rows" \
  --profiles hardware_profiles --measurements "$measurements" --output docs/accuracy.md "$@"
