#!/usr/bin/env bash
# Prints a torchrun to test with: $GALVATRON_TORCHRUN, or that of a virtual environment in
# $GALVATRON_CACHE (default ~/.cache/galvatron). Where there is none says so and ends with 1.
#
#   torchrun.sh [--make]
#
# --make first makes the environment. It holds torch's wheel for this Python (530 MB), of the
# version that the build takes LibTorch from, and links to the CUDA libraries that torch loads:
# those of the toolkit, and what cmake/fetch_libtorch.sh --cuda adds.
set -euo pipefail
cd "$(dirname "$0")/../../.."

torch=torch==2.11.0
cache=${GALVATRON_CACHE:-$HOME/.cache/galvatron}
environment=$cache/torchrun

none() {
  echo "skipped: $*" >&2
  exit 1
}

make_environment() {
  local partial=$environment.partial site toolkit library
  rm -rf "$partial"
  python3 -m venv "$partial" > "$cache/torchrun.log" 2>&1 ||
    none "python3 -m venv makes no environment, Debian's package is python3-venv"
  toolkit=$(command -v nvcc) || none "torch loads the libraries of a CUDA toolkit, and there is none"
  toolkit=$(dirname "$(dirname "$(readlink -f "$toolkit")")")
  "$partial/bin/pip" install --quiet --no-deps "$torch" typing_extensions \
    > "$cache/torchrun.log" 2>&1 || none "$torch cannot be installed: $(tail -n 1 "$cache/torchrun.log")"
  site=$(cmake/fetch_libtorch.sh --cuda)
  local libraries=("$partial"/lib/python3*/site-packages)
  libraries=${libraries[0]}/nvidia/cu13/lib
  mkdir -p "$libraries"
  for library in "$site"/nvidia/*/lib/lib*.so* "$toolkit"/lib*/lib*.so*; do
    [ -e "$libraries/${library##*/}" ] || ln -s "$library" "$libraries"
  done
  "$partial/bin/python" -W ignore -c 'import torch.distributed.run' > "$cache/torchrun.log" 2>&1 ||
    none "torch cannot be imported: $(tail -n 1 "$cache/torchrun.log")"
  # Its scripts name the folder that they were made in.
  sed -i "s|$partial/|$environment/|" "$partial"/bin/torchrun
  rm -rf "$environment"
  mv "$partial" "$environment"
}

if [ -n "${GALVATRON_TORCHRUN-}" ]; then
  echo "$GALVATRON_TORCHRUN"
  exit
fi
mkdir -p "$cache"
exec 9> "$cache/torchrun.lock"
flock 9
case "${1-}" in
  "") ;;
  --make) [ -x "$environment/bin/torchrun" ] || make_environment ;;
  *) echo "torchrun.sh: expected --make or nothing, got $1" >&2; exit 2 ;;
esac
[ -x "$environment/bin/torchrun" ] ||
  none "no torchrun: test/executor/launch/torchrun.sh --make makes one, GALVATRON_TORCHRUN names one"
echo "$environment/bin/torchrun"
