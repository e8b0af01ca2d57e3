#!/usr/bin/env python3
"""The seven claims of the method on real data, through a coordinator and its workers.

Each claim prints a table with 95 % intervals and leaves plots. Everything counts trials and epochs; nothing
depends on how fast or busy the machine is. docs/claims.md holds the outcome.

  tests/bench/claims/claims.py                       all claims, a few minutes on two free cores
  tests/bench/claims/claims.py --claim 3 --seeds 40  one of them, with more seeds
  tests/bench/claims/claims.py --quick               all claims, coarsely: whether everything works
"""
import argparse
import pathlib
import sys
import tempfile

import batch_norm
import importance
import letters
import searching
from coordinator import Coordinator

TOP = pathlib.Path(__file__).resolve().parents[3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claim", type=int, action="append", choices=range(1, 8),
                        help="repeatable; default: all")
    parser.add_argument("--seeds", type=int, default=20, help="of claims 1, 3 and 5 to 7")
    parser.add_argument("--pool", type=int, default=400, help="random trials a side in claims 2 and 4")
    parser.add_argument("--quick", action="store_true", help="4 seeds, pools of 60")
    parser.add_argument("--plots", type=pathlib.Path, default=TOP / "docs/claims", help="where plots go")
    parser.add_argument("--caviar", type=pathlib.Path, default=TOP / "build/release/bin/caviar")
    flags = parser.parse_args()
    seeds, pool = (4, 60) if flags.quick else (flags.seeds, flags.pool)
    flags.plots.mkdir(parents=True, exist_ok=True)

    with tempfile.TemporaryDirectory() as folder, Coordinator(flags.caviar, folder, workers=2) as coordinator:
        scratch = pathlib.Path(folder)
        coordinator.import_data("letters", letters.LETTERS, "Letter", "--split", "0.25,0.25,0.5")
        claims = {
            1: lambda: searching.random_against_grid(coordinator, seeds, flags.plots),
            2: lambda: searching.scales(coordinator, pool, flags.plots),
            3: lambda: searching.zoom_against_random(coordinator, seeds, flags.plots),
            4: lambda: batch_norm.share_that_trains(coordinator, pool, flags.plots),
            5: lambda: importance.learning_rate_first(coordinator, seeds, flags.plots),
            6: lambda: batch_norm.noise_and_batch_size(coordinator, seeds, flags.plots, scratch),
            7: lambda: batch_norm.covariate_shift(coordinator, seeds, flags.plots, scratch),
        }
        for number in sorted(set(flags.claim or claims)):
            claims[number]()
            sys.stdout.flush()
        print(f"\n{coordinator.trials_made} trials, {coordinator.epochs_made} epochs")


if __name__ == "__main__":
    main()
