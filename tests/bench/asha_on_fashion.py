#!/usr/bin/env python3
"""Trial schedulers against full training on Fashion-MNIST: what is lost, and how many epochs it takes.

The same points (random sampler, same seed) train under each scheduler; bohb, whose points come from
tpe, chooses its own. Prints medians over seeds of the best validation accuracy and of the epochs
trained, the share of full training's epochs, and the mean difference of the best accuracy from that
of full training, by seed, with its 95 % bootstrap interval. Jobs run one trial at a time, several
jobs at once, so that nothing depends on how fast or busy the machine is; but for median, whose stop
may reach a worker an epoch later.

  tests/bench/asha_on_fashion.py --datasets DIR       DIR/fashion-mnist has train-*.gz
  tests/bench/asha_on_fashion.py --rows 60000 --seeds 3 --trials 27 --epochs 9 --factor 3
"""
import argparse
import gzip
import os
import pathlib
import statistics
import struct
import sys
import tempfile

from claims.coordinator import Coordinator
from claims.intervals import Difference

TOP = pathlib.Path(__file__).resolve().parents[2]

SPACE = {
    "learning_rate": {"log": [1e-5, 1.0]},
    "hidden_layers": {"int": [1, 2]},
    "hidden_units": {"int_log": [16, 64]},
    "batch_size": {"values": [64, 128, 256]},
    "dropout": {"uniform": [0.0, 0.5]},
}


# Times the trials, with which each takes a quarter of full training's epochs at the default settings.
MORE_ASHA = 4
MORE_HYPERBAND = 1.96  # two rounds but for the last bracket of the second


def searches(flags):
    """Name -> scheduler and number of trials."""
    settings = {"reduction_factor": flags.factor}
    promoting, stopping = {"asha": settings}, {"asha": {**settings, "stopping": True}}
    hyperband, bohb = {"hyperband": settings}, {"bohb": settings}

    def with_more(name, scheduler, times):
        return {f"{name}, {times} times the trials": (scheduler, int(times * flags.trials))}

    return {
        "full": ("full", flags.trials),
        "median": ("median", flags.trials),
        "asha": (promoting, flags.trials),
        "asha, stopping": (stopping, flags.trials),
        "hyperband": (hyperband, flags.trials),
        "bohb": (bohb, flags.trials),
        **with_more("asha", promoting, MORE_ASHA),
        **with_more("asha, stopping", stopping, MORE_ASHA),
        **with_more("hyperband", hyperband, MORE_HYPERBAND),
        **with_more("bohb", bohb, MORE_HYPERBAND),
    }


def write_first_rows(source, target, rows):
    """The first rows of a gzipped IDX file, as another one."""
    with gzip.open(source) as file:
        header = file.read(4)
        sizes = struct.unpack(f">{header[3]}I", file.read(4 * header[3]))
        row_bytes = 1
        for size in sizes[1:]:
            row_bytes *= size
        kept = min(rows, sizes[0])
        content = file.read(kept * row_bytes)
    with gzip.open(target, "wb", compresslevel=1) as file:
        file.write(header + struct.pack(f">{header[3]}I", kept, *sizes[1:]) + content)


def import_fashion(coordinator, folder, scratch, rows):
    """Half of the rows train and half validate: few would make the best of many trials luck."""
    images, labels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
    for name in (images, labels):
        write_first_rows(folder / name, scratch / name, rows)
    coordinator.import_data("fashion", scratch / images, None, "--labels", scratch / labels,
                            "--split", "0.5,0.5,0")


def job(scheduler, trials, seed, flags):
    """bohb brings its own sampler."""
    sampler = {} if "bohb" in scheduler else {"sampler": "random"}
    return {"name": "schedulers", "dataset": "fashion", "seed": seed, "scheduler": scheduler,
            "budget": {"trials": trials, "epochs": flags.epochs}, "space": SPACE,
            "fixed": {"optimizer": "adam", "batch_norm": True}, "max_parallel_trials": 1, **sampler}


def print_table(found):
    full_epochs = statistics.median(epochs for _, epochs in found["full"])
    full_values = [value for value, _ in found["full"]]
    print("| scheduler | best accuracy | epochs | of full | accuracy less that of full |")
    print("|---|---|---|---|---|")
    for name, runs in found.items():
        values = [value for value, _ in runs]
        epochs = statistics.median(epochs for _, epochs in runs)
        loss = "" if name == "full" else Difference(values, full_values).mean()
        print(f"| {name} | {statistics.median(values):.4f} | {epochs:.0f} | {epochs / full_epochs:.2f} "
              f"| {loss} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=pathlib.Path, default=os.environ.get("CAVIAR_DATASETS"))
    parser.add_argument("--rows", type=int, default=6000, help="of the training file's 60,000")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=98, help="default: one round of hyperband")
    parser.add_argument("--epochs", type=int, default=64)
    parser.add_argument("--factor", type=int, default=4, help="reduction factor of all schedulers")
    parser.add_argument("--caviar", type=pathlib.Path, default=TOP / "build/release/bin/caviar")
    flags = parser.parse_args()
    if flags.datasets is None:
        sys.exit("Fashion-MNIST is looked for in --datasets or CAVIAR_DATASETS")

    with tempfile.TemporaryDirectory() as folder, Coordinator(flags.caviar, folder, workers=2) as up:
        scratch = pathlib.Path(folder)
        import_fashion(up, pathlib.Path(flags.datasets) / "fashion-mnist", scratch, flags.rows)
        named = searches(flags)
        keys = [(name, seed) for seed in range(1, flags.seeds + 1) for name in named]
        runs = up.run_all([job(*named[name], seed, flags) for name, seed in keys])

    found = {name: [] for name in named}
    for (name, _), trials in zip(keys, runs):
        best = max(trial["value"] for trial in trials if "value" in trial)
        found[name].append((best, sum(trial["epochs"] for trial in trials)))
    print(f"{flags.trials} trials of up to {flags.epochs} epochs, reduction factor {flags.factor}, "
          f"{flags.rows // 2} training rows, {flags.seeds} seeds\n")
    print_table(found)


if __name__ == "__main__":
    main()
