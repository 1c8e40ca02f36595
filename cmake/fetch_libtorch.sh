#!/usr/bin/env bash
# Fetches the LibTorch wheel and the two CUDA runtime wheels that libtorch_cpu loads, unpacks them
# side by side, and prints the folder: LIBTORCH_SITE of the build. No Python 3.12 and no CUDA
# toolkit are needed; a wheel is a zip file.
#
#   fetch_libtorch.sh [--cuda]
#
# --cuda adds what libtorch_cuda loads and a CUDA toolkit does not bring.
#
# Wheels and folder stay in $GALVATRON_CACHE (default ~/.cache/galvatron) and are used again. A
# broken download is fetched anew, an interrupted run leaves nothing half done, and runs at the
# same time wait for one another.
set -euo pipefail

# Requirement, file, SHA-256. The versions are those that the torch wheel itself pins.
wheels=(  # for every build
  "torch==2.11.0"
  "torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl"
  "0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756"
  "nvidia-cuda-cupti==13.0.85"
  "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl"
  "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8"
  "nvidia-cuda-runtime==13.0.96"
  "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548"
)
cuda_wheels=(  # for GALVATRON_CUDA besides
  "nvidia-cufile==1.15.1.6"
  "nvidia_cufile-1.15.1.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44"
  "nvidia-cusparselt-cu13==0.8.0"
  "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_x86_64.whl"
  "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd"
  "nvidia-nvshmem-cu13==3.4.5"
  "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80"
)
cache=${GALVATRON_CACHE:-$HOME/.cache/galvatron}
site=$cache/site

fail() {
  echo "fetch_libtorch.sh: $*" >&2
  exit 2
}

has_sha256() {  # FILE SHA256
  [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status
}

fetch_wheel() {  # REQUIREMENT FILE SHA256
  if has_sha256 "$cache/$2" "$3"; then return; fi
  echo "Fetching $1 from PyPI into $cache" >&2
  local partial=$cache/wheel.partial
  rm -rf "$partial"
  python3 -m pip download --quiet --no-deps --no-cache-dir --only-binary=:all: \
    --python-version 3.12 --dest "$partial" "$1" >&2 || fail "could not download $1 from PyPI"
  [ -f "$partial/$2" ] || fail "expected PyPI to give $2, got $(ls "$partial")"
  has_sha256 "$partial/$2" "$3" ||
    fail "$2 has SHA-256 $(sha256sum < "$partial/$2" | cut -d' ' -f1), expected $3"
  mv -f "$partial/$2" "$cache/$2"
  rm -rf "$partial"
}

# STAMP WHEEL...: each wheel as requirement, file and SHA-256. The stamp lists them and is there only
# when all of them were unpacked.
add_to_site() {
  local stamp=$1
  shift
  if printf '%s\n' "$@" | cmp --quiet - "$site/$stamp"; then return; fi
  rm -rf "$site.partial"
  local i
  for ((i = 1; i <= $#; i += 3)); do
    fetch_wheel "${@:i:3}"
    echo "Unpacking ${*:i:1} into $site" >&2
    unzip -q -o "$cache/${*:i+1:1}" -d "$site.partial"
  done
  mkdir -p "$site"
  cp -rlf "$site.partial/." "$site"
  rm -rf "$site.partial"
  printf '%s\n' "$@" > "$site/$stamp.partial"
  mv "$site/$stamp.partial" "$site/$stamp"
}

[ "$(uname -m)" = x86_64 ] || fail "the wheels are for x86_64, this machine is $(uname -m)"
mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9

add_to_site .unpacked_from "${wheels[@]}"
case "${1-}" in
  "") ;;
  --cuda) add_to_site .unpacked_cuda_from "${cuda_wheels[@]}" ;;
  *) fail "expected --cuda or nothing, got $1" ;;
esac
echo "$site"
