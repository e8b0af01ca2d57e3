#!/usr/bin/env python3
"""A whole search, from command to leaderboard: `caviar run` with two workers against Optuna with
SQLite storage and two processes that drive PyTorch. Same points, epochs, batches and splits.

  search_vs_optuna_pytorch.py                                  Letter, Adult, DNA and MNIST
  search_vs_optuna_pytorch.py --only letter --repeats 5
  search_vs_optuna_pytorch.py --datasets DIR                   where uci/ and mnist/ are

Prints for each data set the median wall clock of both, their ratio, and by how much the accuracy of
the same point differs, with its 95 % interval over points. The peer is given the prepared tensors, so
Caviar has imported the data before; how long that takes, with a trial of one epoch, is a column of its
own. Needs Debian's python3-optuna and python3-torch.
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

FIXED_WORDS = ("optimizer: adam, batch_norm: true, activation: relu, initialization: he, "
               "learning_rate_schedule: constant")
SPACE = """
space:
  learning_rate: {log: [1e-3, 3e-2]}
  hidden_layers: {int: [1, 3]}
  hidden_units: {int_log: [32, 256]}
  batch_size: {values: [64, 128, 256]}
  beta2: {log_complement: [0.9, 0.9999]}
  dropout: {uniform: [0.0, 0.3]}
fixed: {%s}
""" % FIXED_WORDS
# Name -> trials, epochs.
SEARCHES = {"letter": (10, 8), "adult": (6, 3), "dna": (16, 8), "mnist": (4, 2)}


def import_flags_of(datasets):
    """Name -> the flags of `caviar run` that name its files."""
    uci = datasets / "uci"

    def images(folder):
        return ["--data", folder / "train-images-idx3-ubyte.gz",
                "--labels", folder / "train-labels-idx1-ubyte.gz",
                "--test", folder / "t10k-images-idx3-ubyte.gz",
                "--test-labels", folder / "t10k-labels-idx1-ubyte.gz"]

    return {
        "letter": ["--data", TOP / "tests/data/letter-recognition.csv.gz", "--target", "Letter"],
        "adult": ["--data", uci / "adult-train.csv.gz", "--test", uci / "adult-test.csv.gz",
                  "--target", "14", "--header", "no"],
        "dna": ["--data", uci / "DNA.csv.gz", "--target", "Class"],
        "satellite": ["--data", uci / "Satellite.csv.gz", "--target", "classes"],
        "mnist": images(datasets / "mnist"),
        "fashion-mnist": images(datasets / "fashion-mnist"),
    }


def available(flags, names):
    """Name and import flags of those that were asked for and are there."""
    for name, import_flags in import_flags_of(flags.datasets).items():
        if name not in names or (flags.only and name not in flags.only):
            continue
        missing = [f for f in import_flags if isinstance(f, pathlib.Path) and not f.exists()]
        if missing:
            print(f"SKIPPED {name}: {missing[0]} is not there", flush=True)
            continue
        yield name, import_flags


def timed(command, tries=1, **options):
    """Seconds and output of the last of the tries; the first that succeeds is the last."""
    for left in reversed(range(tries)):
        start = time.monotonic()
        run = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, check=False, **options)
        if run.returncode == 0:
            return time.monotonic() - start, json.loads(run.stdout)
        if left == 0:
            sys.exit(f"{command[0]} ended with {run.returncode}:\n{run.stderr[-2000:]}")


def job_file(scratch, name, dataset, trials, epochs, space, seed):
    job = scratch / "job.yaml"
    job.write_text(f"name: {name}\n{dataset}\nseed: {seed}\nsampler: random\n"
                   f"budget: {{trials: {trials}, epochs: {epochs}}}\n{space}")
    return job


def import_data(flags, scratch, name, import_flags):
    """Directory of a run that has the data set, the set's name there, and how long the run took."""
    job = job_file(scratch, name, "", 1, 1, "fixed: {hidden_layers: 1, hidden_units: 32}\n", 1)
    directory = scratch / "run"
    seconds, board = timed([flags.caviar, "run", job, *import_flags, "--workers", flags.workers,
                            "--dir", directory, "--output", "json"])
    return directory, board["job"]["spec"]["dataset"], seconds


def run_caviar(flags, scratch, directory, name, dataset, trials, epochs, space, seed):
    job = job_file(scratch, name, f"dataset: {dataset}", trials, epochs, space, seed)
    return timed([flags.caviar, "run", job, "--workers", flags.workers, "--dir", directory,
                  "--output", "json"])


# Optuna 3.1 at times hands one waiting trial to two processes, of which one then fails.
PEER_TRIES = 5

# PyTorch's tensors come and go by malloc, which would give their memory back to the system each time
# (up to 8 times as slow); and it takes AVX2 unless told otherwise.
PEER_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "4294967296",
                    "MALLOC_TOP_PAD_": "268435456"}
if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
    PEER_ENVIRONMENT.update(ATEN_CPU_CAPABILITY="avx512", OPENBLAS_CORETYPE="SkylakeX")


def run_peer(flags, scratch, directory, points, epochs):
    import numpy
    from tensors import dataset_of_run

    data, file = scratch / "data.npz", scratch / "points.json"
    numpy.savez(data, **dataset_of_run(directory))
    file.write_text(json.dumps(points))
    return timed([sys.executable, HERE / "peer.py", "--data", data, "--points", file,
                  "--epochs", epochs, "--processes", flags.workers], PEER_TRIES,
                 env={**os.environ, **PEER_ENVIRONMENT})


def interval(differences):
    """Mean and half width of its 95 % interval (normal; the points are independent)."""
    if len(differences) < 2:
        return statistics.mean(differences), math.nan
    return (statistics.mean(differences),
            1.96 * statistics.stdev(differences) / math.sqrt(len(differences)))


def compare(flags, name, import_flags):
    trials, epochs = SEARCHES[name]
    ours, peers, imports, validation, test = [], [], [], [], []
    for seed in range(1, flags.repeats + 1):
        with tempfile.TemporaryDirectory() as text:
            scratch = pathlib.Path(text)
            directory, dataset, seconds = import_data(flags, scratch, name, import_flags)
            imports.append(seconds)
            seconds, board = run_caviar(flags, scratch, directory, name, dataset, trials, epochs,
                                        SPACE, seed)
            ours.append(seconds)
            entries = sorted(board["entries"], key=lambda entry: entry["trial"])
            seconds, results = run_peer(flags, scratch, directory,
                                        [entry["point"] for entry in entries], epochs)
            peers.append(seconds)
            for result in results:
                entry = entries[result["point"]]
                validation.append(100 * (entry["value"] - result["value"]))
                test.append(100 * (entry["metrics"]["test_accuracy"] - result["test"]))
    ratio = statistics.median(p / c for p, c in zip(peers, ours))
    cells = [f"{name:8}", f"{trials:3} x {epochs}",
             f"{statistics.median(ours):7.2f} ({min(ours):.2f}-{max(ours):.2f})",
             f"{statistics.median(peers):7.2f} ({min(peers):.2f}-{max(peers):.2f})",
             f"{ratio:6.1f}", f"{statistics.median(imports):6.2f}"]
    cells += ["{:+.2f} ± {:.2f}".format(*interval(d)) for d in (validation, test)]
    print("| " + " | ".join(cells) + " |", flush=True)


def add_common_flags(parser):
    parser.add_argument("--datasets", type=pathlib.Path,
                        default=os.environ.get("CAVIAR_DATASETS", TOP.parent / "shared/datasets"),
                        help="folder with uci/, mnist/ and fashion-mnist/ (or CAVIAR_DATASETS)")
    parser.add_argument("--only", action="append", default=[], help="this data set (repeatable)")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--caviar", default=TOP / "build/release/bin/caviar")


def peer_versions():
    try:
        import optuna
        import torch
    except ImportError as error:
        sys.exit(f"{error}: the peer needs `apt-get install python3-optuna python3-torch`, "
                 "and their python (usually /usr/bin/python3) to run this")
    return f"Optuna {optuna.__version__}, PyTorch {torch.__version__}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_flags(parser)
    parser.add_argument("--repeats", type=int, default=3)
    flags = parser.parse_args()
    print(f"{peer_versions()}, {flags.workers} processes "
          f"each; seconds: median (least-most) of {flags.repeats}\n")
    print("| data set | trials x epochs | caviar s | peer s | ratio | import s "
          "| validation accuracy, difference in points | test accuracy, difference in points |")
    print("|---|---|---|---|---|---|---|---|")
    for name, import_flags in available(flags, SEARCHES):
        compare(flags, name, import_flags)


if __name__ == "__main__":
    main()
