#!/usr/bin/env python3
"""Is the accuracy that Caviar reaches PyTorch's? Mean test accuracy over seeds, at fixed
hyperparameters, on the same splits, of the weights best by validation.

  accuracy.py --datasets DIR                     where uci/, mnist/ and fashion-mnist/ are
  accuracy.py --datasets DIR --only dna --seeds 20

A seed is a trial of one `caviar run`, and one of the peer (peer.py: the same network, initial
distribution, optimizer, batches and epochs). Prints for each data set both means with their standard
deviation over seeds, and the difference with its 95 % interval (Welch's): equal is where the
interval holds 0. Needs Debian's python3-optuna and python3-torch.
"""
import argparse
import math
import pathlib
import statistics
import tempfile

import search_vs_optuna_pytorch as search

FIXED = {"hidden_layers": 2, "hidden_units": 128, "learning_rate": 0.003, "batch_size": 128,
         "beta2": 0.999, "dropout": 0.1}
# Name -> epochs.
EPOCHS = {"letter": 12, "adult": 3, "dna": 6, "satellite": 12, "mnist": 4, "fashion-mnist": 4}
# Quantile of Student's t, 97.5 %, by degrees of freedom; the next lower row counts.
STUDENT = [(5, 2.571), (8, 2.306), (10, 2.228), (12, 2.179), (14, 2.145), (16, 2.120), (18, 2.101),
           (25, 2.060), (38, 2.024), (60, 2.000), (120, 1.980)]


def student(degrees):
    return next((t for d, t in reversed(STUDENT) if degrees >= d), 2.571)


def welch(ours, peers):
    """Difference of means and the half width of its 95 % interval."""
    a, b = (statistics.variance(v) / len(v) for v in (ours, peers))
    error = math.sqrt(a + b)
    degrees = (a + b) ** 2 / (a * a / (len(ours) - 1) + b * b / (len(peers) - 1)) if error else 1
    return statistics.mean(ours) - statistics.mean(peers), student(degrees) * error


def compare(flags, name, import_flags):
    epochs = EPOCHS[name]
    with tempfile.TemporaryDirectory() as text:
        scratch = pathlib.Path(text)
        # A space of one point: without a space a default one would be searched.
        space = "space: {%s}\nfixed: {%s}\n" % (
            ", ".join(f"{name}: {{values: [{value}]}}" for name, value in FIXED.items()),
            search.FIXED_WORDS)
        directory, dataset, _ = search.import_data(flags, scratch, name, import_flags)
        our_seconds, board = search.run_caviar(flags, scratch, directory, name, dataset,
                                               flags.seeds, epochs, space, 1)
        peer_seconds, results = search.run_peer(flags, scratch, directory, [FIXED] * flags.seeds,
                                                epochs)
    ours = [100 * entry["metrics"]["test_accuracy"] for entry in board["entries"]]
    peers = [100 * result["test"] for result in results]
    difference, half = welch(ours, peers)
    print(f"| {name:13} | {epochs:2} "
          f"| {statistics.mean(ours):6.2f} ({statistics.stdev(ours):.2f}) "
          f"| {statistics.mean(peers):6.2f} ({statistics.stdev(peers):.2f}) "
          f"| {difference:+.2f} ± {half:.2f} | {'yes' if abs(difference) <= half else 'no':3} "
          f"| {our_seconds:6.1f} | {peer_seconds:6.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    search.add_common_flags(parser)
    parser.add_argument("--seeds", type=int, default=10)
    flags = parser.parse_args()
    versions = search.peer_versions()
    print(f"{versions}; {flags.seeds} seeds; {FIXED}\n")
    print("| data set | epochs | Caviar, % (deviation) | PyTorch, % (deviation) "
          "| difference, points | equal | Caviar s | peer s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, import_flags in search.available(flags, EPOCHS):
        compare(flags, name, import_flags)


if __name__ == "__main__":
    main()
