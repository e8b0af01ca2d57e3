#!/usr/bin/env bash
# Builds a benchmark and prints its table. Figures come as ratios, medians and spread; nothing is
# judged here.
#
#   tests/bench/run.sh trainer     training steps against PyTorch and the machine's limits
#   tests/bench/run.sh slots       two trials at once against one
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }

build() {
  deploy/install_dependencies.sh
  cmake --preset release >/dev/null
  ninja -C build/release --quiet "$@"
}

# Where there are several cores, the last one: interrupts and other work tend to be on the first.
one_core() { taskset --cpu-list $(($(nproc) - 1)) "$@"; }

trainer() {
  if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    echo "run.sh: for the ratios, apt-get install --no-install-recommends python3-torch" >&2
  fi
  build bench_trainer_step
  one_core build/release/bin/bench_trainer_step "$@"
}

slots() {
  build bench_slots
  build/release/bin/bench_slots "$@"
}

case "${1:-}" in
  trainer | slots) "$@" ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
