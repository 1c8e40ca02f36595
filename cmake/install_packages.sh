#!/usr/bin/env bash
# Installs the Debian 12 packages that the build needs and that are not there yet.
#
#   cmake/install_packages.sh                 planner, executor, tests, benchmarks
#   cmake/install_packages.sh --planner-only  planner and its tests
#   cmake/install_packages.sh --checks        all of it, the formatting and lint tools, a second compiler
#
# Needs root or sudo only when something is missing; exits with 2 when it then has neither.
set -euo pipefail

planner=(g++ cmake ninja-build libeigen3-dev libboost-graph-dev libyaml-cpp-dev libcli11-dev
         catch2 libfmt-dev nlohmann-json3-dev python3)
executor=(libopenmpi-dev openmpi-bin openssh-client unzip python3-pip ccache libbenchmark-dev git)
checks=(clang clang-format clang-tidy)

case "${1:-}" in
  "") packages=("${planner[@]}" "${executor[@]}") ;;
  --planner-only) packages=("${planner[@]}") ;;
  --checks) packages=("${planner[@]}" "${executor[@]}" "${checks[@]}") ;;
  *) echo "install_packages.sh: expected --planner-only, --checks or nothing, got '$1'" >&2; exit 2 ;;
esac

is_installed() {
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query > /dev/null; then
  echo "install_packages.sh: this is not a Debian system (no dpkg-query)." >&2
  echo "Install what these Debian packages hold, then use the presets: ${packages[*]}" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  # Without a terminal sudo cannot ask for a password.
  if ! command -v sudo > /dev/null || ! { sudo -n true 2> /dev/null || [ -t 0 ]; }; then
    echo "install_packages.sh: missing packages and neither root nor sudo: ${missing[*]}" >&2
    echo "As root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi

echo "Installing Debian packages: ${missing[*]}" >&2
"${as_root[@]}" apt-get -q update >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends "${missing[@]}" >&2
