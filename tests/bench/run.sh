#!/usr/bin/env bash
# Builds a benchmark and prints its table. Figures come as ratios, medians and spread; nothing is
# judged here.
#
#   tests/bench/run.sh trainer     training steps against PyTorch and the machine's limits
#   tests/bench/run.sh products    matrix products by our own tiles against OpenBLAS
#   tests/bench/run.sh slots       two trials at once against one
#   tests/bench/run.sh overhead    what a worker costs beside training
#   tests/bench/run.sh search      whole searches against Optuna driving PyTorch
#   tests/bench/run.sh accuracy    test accuracy over seeds against PyTorch's
#   tests/bench/run.sh samplers    every sampler on test functions, against Optuna's; their time
#   tests/bench/run.sh tasks       every sampler on Letter and DNA, against Optuna's at equal evaluations
#   tests/bench/run.sh zoom        zoom against random: test functions, then Letter Recognition
#   tests/bench/run.sh asha        asha, hyperband, bohb and median against full training on Fashion-MNIST
#   tests/bench/run.sh engine      a step of the coordinator's engine, as a job grows
#   tests/bench/run.sh importance  importance of hyperparameters against Optuna, on the same trials
#   tests/bench/run.sh claims      the seven claims of the method on Letter Recognition, with plots
#   tests/bench/run.sh store       durable rows a second, against bare SQLite
#
# What follows the word goes to the benchmark. trainer, search and accuracy compare with Debian's
# python3-torch, search, samplers, tasks and importance with its python3-optuna, which nothing else
# needs: install them first.
# OPENBLAS_CORETYPE in the environment holds for both sides: unset it, and each takes the best.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

build() {
  deploy/install_dependencies.sh
  cmake --preset release >/dev/null
  ninja -C build/release --quiet "$@"
}

# Where there are several cores, the last one: interrupts and other work tend to be on the first.
one_core() { taskset --cpu-list $(($(nproc) - 1)) "$@"; }

trainer() {
  if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    echo "run.sh: Debian's python3-torch is not there, so no ratios" >&2
  fi
  build bench_trainer_step
  one_core build/release/bin/bench_trainer_step "$@"
}

products() {
  build bench_products
  one_core build/release/bin/bench_products "$@"
}

slots() {
  build bench_slots
  build/release/bin/bench_slots "$@"
}

search() {
  build caviar caviar-coordinator caviar-worker
  /usr/bin/python3 tests/bench/search_vs_optuna_pytorch/search_vs_optuna_pytorch.py "$@"
}

overhead() {
  build caviar caviar-coordinator caviar-worker
  tests/bench/worker_overhead.py "$@"
}

accuracy() {
  build caviar caviar-coordinator caviar-worker
  /usr/bin/python3 tests/bench/search_vs_optuna_pytorch/accuracy.py "$@"
}

need_optuna() {
  if ! /usr/bin/python3 -c 'import optuna' 2>/dev/null; then
    echo "run.sh: Debian's package python3-optuna is not there; install it first" >&2
    return 1
  fi
}

samplers() {
  need_optuna
  build bench_samplers
  build/release/bin/bench_samplers --time
  echo
  build/release/bin/bench_samplers 60 4
  echo
  /usr/bin/python3 tests/bench/samplers_vs_optuna.py --time
  echo
  /usr/bin/python3 tests/bench/samplers_vs_optuna.py "$@"
}

tasks() {
  need_optuna
  build caviar caviar-coordinator caviar-worker
  /usr/bin/python3 tests/bench/real_tasks_vs_optuna.py "$@"
}

zoom() {
  build bench_zoom_vs_random caviar caviar-coordinator caviar-worker
  build/release/bin/bench_zoom_vs_random 60 4 21
  tests/bench/zoom_on_letter.py "$@"
}

asha() {
  build caviar caviar-coordinator caviar-worker
  tests/bench/asha_on_fashion.py "$@"
}

engine() {
  build bench_engine_step
  build/release/bin/bench_engine_step "$@"
}

importance() {
  if ! /usr/bin/python3 -c 'import optuna, sklearn' 2>/dev/null; then
    echo "run.sh: needs Debian's python3-optuna and python3-sklearn" >&2
    exit 1
  fi
  build bench_importance
  /usr/bin/python3 tests/bench/importance_vs_optuna.py "$@"
}

claims() {
  build caviar caviar-coordinator caviar-worker
  tests/bench/claims/claims.py "$@"
}

store() {
  build bench_store_commit
  build/release/bin/bench_store_commit "$@"
}

case "${1:-}" in
  trainer | products | slots | overhead | search | accuracy) "$@" ;;
  samplers | tasks | zoom | asha | engine | importance | claims | store) "$@" ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
