#!/usr/bin/env python3
"""What a worker costs beside training, at about one epoch a second: session, heartbeats, curve
streaming, checkpoints, test and model at the end.

  worker_overhead.py                 a trial of 40 epochs and one of 10 on Letter Recognition
  worker_overhead.py --epochs 20

Starts `caviar run` with one worker and reads the processor time of each of the worker's threads from
/proc. The thread that trains is the busiest one; its own time beside the epochs is what it used more
than the epochs' seconds. Two trials of different length tell what an epoch costs (heartbeats, curve
points, checkpoints, the lease) from what a trial costs once (opening the data set, the first weights
and memory, test and model). On a machine that others use epochs last longer than their processor
time, and the training thread's figures mean nothing; the other threads' do.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
LETTERS = TOP / "tests/data/letter-recognition.csv.gz"
JOB = """
name: overhead
seed: 1
sampler: random
budget: {trials: 1, epochs: %d}
space: {hidden_units: {values: [%d]}}
fixed: {hidden_layers: 3, batch_size: 128, learning_rate: 0.001, optimizer: adam, batch_norm: true}
"""


def worker_of(parent):
    """Process id of the worker that `caviar run` has started, or None."""
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rsplit(")", 1)
            name, fields = words[0].split("(", 1)[1], words[1].split()
        except OSError:
            continue
        if name.startswith("caviar-worker") and int(fields[1]) == parent:
            return int(status.parent.name)
    return None


def thread_seconds(process):
    """Thread -> seconds of processor time so far."""
    seconds = {}
    for file in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat"):
        try:
            seconds[file.parent.name] = int(file.read_text().split()[0]) * 1e-9
        except (OSError, IndexError):
            continue
    return seconds


def measure(flags, epochs):
    """Seconds of the epochs, and the last seen processor time of each thread of the worker."""
    with tempfile.TemporaryDirectory() as scratch:
        job = pathlib.Path(scratch) / "job.yaml"
        job.write_text(JOB % (epochs, flags.units))
        run = subprocess.Popen(
            [flags.caviar, "run", job, "--data", LETTERS, "--target", "Letter", "--workers", "1",
             "--dir", scratch + "/run", "--output", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        worker, threads = None, {}
        while run.poll() is None:
            worker = worker or worker_of(run.pid)
            if worker is not None:
                threads.update(thread_seconds(worker))
            time.sleep(0.05)
        if run.returncode != 0:
            sys.exit(f"caviar run ended with {run.returncode}")
        return json.loads(run.stdout.read())["entries"][0]["seconds"], threads


def beside_training(flags, epochs):
    """Seconds of the epochs, of the other threads, and of the training thread beside the epochs."""
    training, threads = measure(flags, epochs)
    busiest = max(threads.values())
    return training, sum(threads.values()) - busiest, busiest - training


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--units", type=int, default=1024,
                        help="hidden units: change them where an epoch is far from a second")
    parser.add_argument("--caviar", default=TOP / "build/release/bin/caviar")
    flags = parser.parse_args()
    if flags.epochs < 2:
        parser.error("--epochs: at least 2, for a second, shorter trial")
    few = max(1, flags.epochs // 4)
    short, long = beside_training(flags, few), beside_training(flags, flags.epochs)
    epoch = long[0] / flags.epochs
    print(f"{flags.epochs} and {few} epochs of {epoch:.2f} s\n")
    print("| worker's processor time beside training | an epoch, ms | of an epoch | once a trial, s |")
    print("|---|---|---|---|")
    rows = {"all other threads": (short[1], long[1]),
            "training thread": (short[2], long[2]),
            "both": (short[1] + short[2], long[1] + long[2])}
    for name, (at_few, at_all) in rows.items():
        each = (at_all - at_few) / (flags.epochs - few)
        print(f"| {name} | {1e3 * each:.1f} | {100 * each / epoch:.2f} % | "
              f"{at_few - few * each:.2f} |")


if __name__ == "__main__":
    main()
