#!/usr/bin/env bash
# The one list of Debian 12 packages. Installs what is missing and is silent when nothing is.
#
#   deploy/install_dependencies.sh         what building and running needs
#   deploy/install_dependencies.sh test    also what tests and checks need
set -euo pipefail

packages=(
  build-essential ca-certificates ccache cmake git ninja-build pkg-config
  libabsl-dev libboost-dev libcli11-dev libgrpc++-dev libhwy-dev libopenblas-pthread-dev
  libprotobuf-dev librandom123-dev libspdlog-dev libsqlite3-dev libssl-dev libxxhash-dev
  libyaml-cpp-dev nlohmann-json3-dev protobuf-compiler protobuf-compiler-grpc zlib1g-dev
  libgtest-dev libgmock-dev
)
if [[ "${1:-}" == test ]]; then
  packages+=(clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev python3 python3-numpy sqlite3)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "install_dependencies.sh: run me as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
