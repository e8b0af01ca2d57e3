#!/usr/bin/env python3
"""Trial schedulers against full training on Fashion-MNIST, through `caviar run`.

The same points (random sampler, same seed) under each scheduler: best validation accuracy and the epochs it
took, then medians over seeds and the share of full training's epochs.

  tests/bench/asha_on_fashion.py --data DIR             DIR has the four .gz files of Fashion-MNIST
  tests/bench/asha_on_fashion.py --data FILE.csv.gz --target Letter      any other data set
  tests/bench/asha_on_fashion.py --data DIR --seeds 20 --trials 60 --epochs 27 --workers 8
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]

SCHEDULERS = {
    "full": "full",
    "median": "median",
    "asha": "{asha: {reduction_factor: 3}}",
    "asha, stopping": "{asha: {reduction_factor: 3, stopping: true}}",
    "hyperband": "{hyperband: {reduction_factor: 3}}",
}

SPACE = """
space:
  learning_rate: {log: [1e-5, 1.0]}
  hidden_layers: {int: [1, 2]}
  hidden_units: {int_log: [16, 64]}
  batch_size: {values: [64, 128, 256]}
  dropout: {uniform: [0.0, 0.5]}
fixed: {optimizer: adam, batch_norm: true}
"""


def data_of(flags):
    """The job file's data: a folder of IDX files, or one file with a target column."""
    path = pathlib.Path(flags.data).resolve()
    if path.is_dir():
        return (f"{{path: {path}/train-images-idx3-ubyte.gz, labels_path: {path}/train-labels-idx1-ubyte.gz, "
                f"test_path: {path}/t10k-images-idx3-ubyte.gz, test_labels_path: {path}/t10k-labels-idx1-ubyte.gz}}")
    return f"{{path: {path}, target: {flags.target}}}"


def search(flags, scheduler, seed):
    """(best validation accuracy, epochs trained) of one search."""
    with tempfile.TemporaryDirectory() as scratch:
        job = pathlib.Path(scratch) / "job.yaml"
        job.write_text(f"name: asha-bench\ndata: {data_of(flags)}\nseed: {seed}\nsampler: random\n"
                       f"scheduler: {scheduler}\n"
                       f"budget: {{trials: {flags.trials}, epochs: {flags.epochs}}}\n{SPACE}")
        run = subprocess.run(
            [flags.caviar, "run", str(job), "--dir", scratch + "/run", "--workers", str(flags.workers),
             "--output", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"caviar run ended with {run.returncode}: {run.stderr[-2000:]}")
        board = json.loads(run.stdout)
        return board["entries"][0]["value"], board["job"]["epochs_done"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of Fashion-MNIST, or a file")
    parser.add_argument("--target", default="", help="the column to predict, for a file")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=27)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--caviar", default=str(TOP / "build/release/bin/caviar"))
    flags = parser.parse_args()

    found = {name: [] for name in SCHEDULERS}
    print(f"{'seed':>4}  {'scheduler':<15}{'best':>8}{'epochs':>8}")
    for seed in range(1, flags.seeds + 1):
        for name, scheduler in SCHEDULERS.items():
            found[name].append(search(flags, scheduler, seed))
            value, epochs = found[name][-1]
            print(f"{seed:>4}  {name:<15}{value:8.4f}{epochs:8}", flush=True)
    full = statistics.median(epochs for _, epochs in found["full"])
    print(f"\n{'medians':<15}{'best':>8}{'epochs':>8}{'of full':>9}{'loss of accuracy (most)':>25}")
    for name, runs in found.items():
        value = statistics.median(value for value, _ in runs)
        epochs = statistics.median(epochs for _, epochs in runs)
        worst = max(best[0] - run[0] for best, run in zip(found["full"], runs))
        print(f"{name:<15}{value:8.4f}{epochs:8.0f}{epochs / full:9.2f}{worst:25.4f}")


if __name__ == "__main__":
    main()
