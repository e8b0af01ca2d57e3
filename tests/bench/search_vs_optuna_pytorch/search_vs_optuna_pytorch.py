#!/usr/bin/env python3
"""A whole search, from command to leaderboard: `caviar run` with two workers against Optuna with
SQLite storage and two processes that drive PyTorch. Same points, epochs, batches and splits.

  search_vs_optuna_pytorch.py                                  Letter, Adult, DNA and MNIST
  search_vs_optuna_pytorch.py --only letter --repeats 5
  search_vs_optuna_pytorch.py --datasets DIR                   where uci/ and mnist/ are

Prints for each data set the median wall clock of both, their ratio, and by how much the accuracy of
the same point differs, with its 95 % interval over points. Caviar's clock includes reading and
splitting the file; the peer is given the prepared tensors. Needs Debian's python3-optuna and
python3-torch.
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]

SPACE = """
space:
  learning_rate: {log: [1e-3, 3e-2]}
  hidden_layers: {int: [1, 3]}
  hidden_units: {int_log: [32, 256]}
  batch_size: {values: [64, 128, 256]}
  beta2: {log_complement: [0.9, 0.9999]}
  dropout: {uniform: [0.0, 0.3]}
fixed: {optimizer: adam, batch_norm: true, activation: relu, initialization: he,
        learning_rate_schedule: constant}
"""


def searches(datasets):
    """Name -> (import flags, trials, epochs)."""
    uci, mnist = datasets / "uci", datasets / "mnist"
    letters = TOP / "tests/data/letter-recognition.csv.gz"
    return {
        "letter": (["--data", letters, "--target", "Letter"], 10, 8),
        "adult": (["--data", uci / "adult-train.csv.gz", "--test", uci / "adult-test.csv.gz",
                   "--target", "14", "--header", "no"], 6, 3),
        "dna": (["--data", uci / "DNA.csv.gz", "--target", "Class"], 16, 8),
        "mnist": (["--data", mnist / "train-images-idx3-ubyte.gz",
                   "--labels", mnist / "train-labels-idx1-ubyte.gz",
                   "--test", mnist / "t10k-images-idx3-ubyte.gz",
                   "--test-labels", mnist / "t10k-labels-idx1-ubyte.gz"], 4, 2),
    }


def timed(command, **options):
    start = time.monotonic()
    run = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False, **options)
    if run.returncode != 0:
        sys.exit(f"{command[0]} ended with {run.returncode}:\n{run.stderr[-2000:]}")
    return time.monotonic() - start, json.loads(run.stdout)


def run_caviar(flags, scratch, name, search, seed):
    import_flags, trials, epochs = search
    job = scratch / "job.yaml"
    job.write_text(f"name: {name}\nseed: {seed}\nsampler: random\n"
                   f"budget: {{trials: {trials}, epochs: {epochs}}}\n{SPACE}")
    directory = scratch / f"run-{seed}"
    return directory, timed([flags.caviar, "run", job, *import_flags, "--workers", flags.workers,
                             "--dir", directory, "--output", "json"])


def run_peer(flags, scratch, directory, entries, epochs):
    import numpy
    from tensors import dataset_of_run

    data, points = scratch / "data.npz", scratch / "points.json"
    numpy.savez(data, **dataset_of_run(directory))
    points.write_text(json.dumps([entry["point"] for entry in entries]))
    return timed([sys.executable, HERE / "peer.py", "--data", data, "--points", points,
                  "--epochs", epochs, "--processes", flags.workers], env=dict(os.environ))


def interval(differences):
    """Mean and half width of its 95 % interval (normal; the points are independent)."""
    if len(differences) < 2:
        return statistics.mean(differences), math.nan
    return (statistics.mean(differences),
            1.96 * statistics.stdev(differences) / math.sqrt(len(differences)))


def compare(flags, name, search):
    ours, peers, validation, test = [], [], [], []
    for repeat in range(flags.repeats):
        with tempfile.TemporaryDirectory() as text:
            scratch = pathlib.Path(text)
            directory, (seconds, board) = run_caviar(flags, scratch, name, search, repeat + 1)
            ours.append(seconds)
            entries = sorted(board["entries"], key=lambda entry: entry["trial"])
            seconds, results = run_peer(flags, scratch, directory, entries, search[2])
            peers.append(seconds)
            for result in results:
                entry = entries[result["point"]]
                validation.append(100 * (entry["value"] - result["value"]))
                test.append(100 * (entry["metrics"]["test_accuracy"] - result["test"]))
    ratio = statistics.median(p / c for p, c in zip(peers, ours))
    cells = [f"{name:8}", f"{search[1]:3} x {search[2]}",
             f"{statistics.median(ours):7.2f} ({min(ours):.2f}-{max(ours):.2f})",
             f"{statistics.median(peers):7.2f} ({min(peers):.2f}-{max(peers):.2f})",
             f"{ratio:6.1f}"]
    cells += ["{:+.2f} ± {:.2f}".format(*interval(d)) for d in (validation, test)]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=pathlib.Path, default=TOP.parent / "shared/datasets")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--caviar", default=TOP / "build/release/bin/caviar")
    flags = parser.parse_args()
    try:
        import optuna
        import torch
    except ImportError as error:
        sys.exit(f"{error}: the peer needs `apt-get install python3-optuna python3-torch`, "
                 "and their python (usually /usr/bin/python3) to run this")
    print(f"Optuna {optuna.__version__}, PyTorch {torch.__version__}, {flags.workers} processes "
          f"each; seconds: median (least-most) of {flags.repeats}\n")
    print("| data set | trials x epochs | caviar s | peer s | ratio "
          "| validation accuracy, difference in points | test accuracy, difference in points |")
    print("|---|---|---|---|---|---|---|")
    for name, search in searches(flags.datasets).items():
        missing = [f for f in search[0] if isinstance(f, pathlib.Path) and not f.exists()]
        if flags.only and name not in flags.only:
            continue
        if missing:
            print(f"SKIPPED {name}: {missing[0]} is not there", flush=True)
            continue
        compare(flags, name, search)


if __name__ == "__main__":
    main()
