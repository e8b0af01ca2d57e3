#!/usr/bin/env python3
"""zoom against random at equal budget on UCI Letter Recognition, through `caviar run`.

Prints the best validation accuracy of both samplers for each seed, then medians, quartiles and wins.

  tests/bench/zoom_on_letter.py                         10 seeds, 30 trials of 4 epochs
  tests/bench/zoom_on_letter.py --seeds 20 --trials 60
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
LETTERS = TOP / "tests/data/letter-recognition.csv.gz"

# Wide on purpose: most of it trains badly, as a space chosen before the first look at the data does.
SPACE = """
space:
  learning_rate: {log: [1e-5, 1.0]}
  momentum: {log_complement: [0.5, 0.999]}
  hidden_layers: {int: [1, 3]}
  hidden_units: {int_log: [16, 128]}
  batch_size: {values: [32, 64, 128, 256]}
  dropout: {uniform: [0.0, 0.6]}
fixed: {optimizer: momentum, batch_norm: true}
"""


def best_value(caviar, sampler, seed, trials, epochs):
    """Best validation accuracy of one search."""
    with tempfile.TemporaryDirectory() as scratch:
        job = pathlib.Path(scratch) / "job.yaml"
        job.write_text(
            f"name: zoom-bench\ndata: {{path: {LETTERS}, target: Letter}}\nseed: {seed}\n"
            f"sampler: {sampler}\nbudget: {{trials: {trials}, epochs: {epochs}}}\n{SPACE}")
        run = subprocess.run(
            [caviar, "run", str(job), "--dir", scratch + "/run", "--output", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"caviar run ended with {run.returncode}: {run.stderr[-2000:]}")
        return json.loads(run.stdout)["entries"][0]["value"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--caviar", default=str(TOP / "build/release/bin/caviar"))
    flags = parser.parse_args()

    values = {"random": [], "zoom": []}
    print(f"{'seed':>4}  {'random':>8}  {'zoom':>8}")
    for seed in range(1, flags.seeds + 1):
        for sampler, found in values.items():
            found.append(best_value(flags.caviar, sampler, seed, flags.trials, flags.epochs))
        print(f"{seed:>4}  {values['random'][-1]:8.4f}  {values['zoom'][-1]:8.4f}", flush=True)
    for name, figure in [("q1", 0), ("median", 1), ("q3", 2)]:
        quartiles = {s: statistics.quantiles(v, n=4)[figure] for s, v in values.items()}
        print(f"{name:>6}{quartiles['random']:8.4f}  {quartiles['zoom']:8.4f}")
    wins = sum(z > r for r, z in zip(values["random"], values["zoom"]))
    print(f"zoom wins {wins} of {flags.seeds} seeds")


if __name__ == "__main__":
    main()
