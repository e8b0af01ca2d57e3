#!/usr/bin/env python3
"""Our samplers against Optuna's at equal evaluations, on the functions of test_functions.cc.

Prints, for each function, the median of the best values and its 95 % interval (from the order
statistics, so without an assumption about their distribution), ours and Optuna's, and whether tpe
overlaps or beats Optuna's TPEs, cmaes its CMA-ES, and gp and auto the best of all three; then
Optuna's time a trial.

  tests/bench/samplers_vs_optuna.py                          100 trials, one at a time, 21 seeds
  tests/bench/samplers_vs_optuna.py --trials 60 --seeds 31
  tests/bench/samplers_vs_optuna.py --time                   instead, as bench_samplers --time has
                                                             it: Optuna's time to suggest a point
                                                             of sphere10 after so many trials

Needs build/release/bin/bench_samplers and Debian's python3-optuna.
"""
import argparse
import collections
import concurrent.futures
import math
import os
import pathlib
import random
import subprocess
import time
import warnings

import optuna

TOP = pathlib.Path(__file__).resolve().parents[2]

PEERS = {
    "Optuna TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "Optuna TPE multivariate": lambda seed: optuna.samplers.TPESampler(
        seed=seed, multivariate=True, group=True, constant_liar=True),
    "Optuna CMA-ES": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
}


def box(dimensions, low, high):
    def suggest(trial):
        return [trial.suggest_float(f"x{i}", low, high) for i in range(dimensions)]
    return suggest


def branin(trial):
    x, y = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    bowl = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return bowl * bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(trial):
    heights = [1, 1.2, 3, 3.2]
    widths = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
              [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    centres = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
               [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
    x = box(6, 0, 1)(trial)
    return -sum(h * math.exp(-sum(w * (v - 1e-4 * c)**2 for v, w, c in zip(x, ws, cs)))
                for h, ws, cs in zip(heights, widths, centres))


def rosenbrock5(trial):
    x = box(5, -5, 10)(trial)
    return sum(100 * (b - a * a)**2 + (1 - a)**2 for a, b in zip(x, x[1:]))


def ackley(optimum):
    def value(trial):
        x = [v - o for v, o in zip(box(5, -32.768, 32.768)(trial), optimum)]
        return (-20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in x) / 5)) -
                math.exp(sum(math.cos(2 * math.pi * v) for v in x) / 5) + 20 + math.e)
    return value


def sphere(optimum):
    return lambda trial: sum(
        (v - o)**2 for v, o in zip(box(10, -5.12, 5.12)(trial), optimum))


def rastrigin3(trial):
    x = [v - o for v, o in zip(box(3, -5.12, 5.12)(trial), [1.3, -2.1, 2.6])]
    return sum(v * v - 10 * math.cos(2 * math.pi * v) + 10 for v in x)


def like_training(trial):
    # Optuna has no scale for 1 - x; its user would search that on a log scale.
    rate = math.log10(trial.suggest_float("learning_rate", 1e-4, 1, log=True))
    optimizer = trial.suggest_categorical("optimizer", ["momentum", "rmsprop", "adam"])
    best_rate, error = {"adam": (-2.5, 0.020), "rmsprop": (-3.0, 0.024),
                        "momentum": (-0.7, 0.022)}[optimizer]
    error += 0.03 * (rate - best_rate)**2 + (0.5 if rate > best_rate + 1.2 else 0)
    if optimizer == "momentum":
        complement = trial.suggest_float("one_minus_momentum", 0.001, 0.1, log=True)
        error += 0.02 * (math.log10(complement) + 1.7)**2
    else:
        complement = trial.suggest_float("one_minus_beta2", 0.0001, 0.1, log=True)
        error += 0.005 * (math.log10(complement) + 3)**2
    error += 0.008 * (math.log2(trial.suggest_int("hidden_units", 32, 512, log=True)) - 7.6)**2
    batch = 32 * 2**trial.suggest_int("batch_size_doublings", 0, 4)
    error += 0.004 * (math.log2(batch) - 6)**2
    error += 0.006 * (trial.suggest_int("hidden_layers", 1, 4) - 2)**2
    return error + 0.08 * (trial.suggest_float("dropout", 0, 0.5) - 0.1)**2


def branches(trial):
    def bowl(name, best):
        return (trial.suggest_float(name, 0, 1) - best)**2
    model = trial.suggest_categorical("model", ["linear", "tree", "net", "svm"])
    if model == "linear":
        return 0.30 + bowl("penalty", 0.4)
    if model == "tree":
        return 0.15 + bowl("depth", 0.7) + bowl("leaves", 0.2)
    if model == "net":
        return 0.10 + bowl("rate", 0.3) + bowl("units", 0.6) + bowl("decay", 0.8)
    cost = 2 * bowl("margin", 0.85)
    if trial.suggest_categorical("kernel", ["flat", "poly", "rbf"]) != "rbf":
        return 0.35 + cost
    return cost + 3 * bowl("width", 0.15)


FUNCTIONS = {
    "Branin": branin,
    "Hartmann6": hartmann6,
    "Rosenbrock5": rosenbrock5,
    "Ackley5": ackley([0] * 5),
    "sphere10": sphere([0] * 10),
    "Ackley5 shifted": ackley([11, -7, 15, -18, 4]),
    "sphere10 shifted": sphere([2.1, -3.0, 1.2, -0.7, 3.3, -2.2, 0.4, -1.6, 2.8, -3.6]),
    "Rastrigin3 shifted": rastrigin3,
    "like training": like_training,
    "branches": branches,
}


def peer_search(function, peer, seed, trials):
    """Best value and seconds of one search; Optuna's objective is free beside its suggestions."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    study = optuna.create_study(sampler=PEERS[peer](seed))
    start = time.perf_counter()
    study.optimize(FUNCTIONS[function], n_trials=trials)
    return study.best_value, time.perf_counter() - start


def peer_milliseconds_after(ended, peer):
    """One suggestion of sphere10's ten parameters after `ended` random trials; median of 31."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    study = optuna.create_study(sampler=PEERS[peer](1))
    distributions = {f"x{i}": optuna.distributions.FloatDistribution(-5.12, 5.12)
                     for i in range(10)}
    at_random = random.Random(1)
    for _ in range(ended):
        point = {name: at_random.uniform(-5.12, 5.12) for name in distributions}
        study.add_trial(optuna.trial.create_trial(
            params=point, distributions=distributions, value=sum(v * v for v in point.values())))
    times = []
    for _ in range(31):
        start = time.perf_counter()
        trial = study.ask(distributions)
        times.append(1e3 * (time.perf_counter() - start))
        study.tell(trial, sum(v * v for v in trial.params.values()))
    return sorted(times)[len(times) // 2]


def print_times():
    print("Milliseconds of Optuna a suggestion (10 parameters of sphere10, median of 31) after so "
          "many ended trials.\n")
    print("| ended trials | " + " | ".join(PEERS) + " |\n" + "|---" * (len(PEERS) + 1) + "|")
    for ended in (100, 500, 1000):
        row = [f"{peer_milliseconds_after(ended, peer):.1f}" for peer in PEERS]
        print(f"| {ended} | " + " | ".join(row) + " |", flush=True)


def our_values(trials, seeds):
    run = subprocess.run(
        [TOP / "build/release/bin/bench_samplers", "--values", str(trials), "1", str(seeds)],
        check=True, capture_output=True, text=True)
    values = collections.defaultdict(list)
    for line in run.stdout.splitlines():
        function, sampler, _, value = line.split("\t")
        values[function, sampler].append(float(value))
    return values


def median_interval(values):
    """Median, and the order statistics that hold the true one with at least 95 % probability."""
    ordered, count = sorted(values), len(values)
    below, probability = 0, 0.5**count
    while probability <= 0.025:
        below += 1
        probability += math.comb(count, below) * 0.5**count
    below = max(below - 1, 0)
    return ordered[count // 2], ordered[below], ordered[count - 1 - below]


def cell(values):
    return "{:.4g} ({:.4g} to {:.4g})".format(*median_interval(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=21)
    parser.add_argument("--time", action="store_true")
    arguments = parser.parse_args()
    if arguments.time:
        print_times()
        return

    ours = our_values(arguments.trials, arguments.seeds)
    samplers = list(dict.fromkeys(sampler for _, sampler in ours))
    peers = collections.defaultdict(list)
    seconds = collections.defaultdict(list)
    keys = [(f, p) for f in FUNCTIONS for p in PEERS for _ in range(arguments.seeds)]
    seeds = [s for _ in FUNCTIONS for _ in PEERS for s in range(1, arguments.seeds + 1)]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(peer_search, [f for f, _ in keys], [p for _, p in keys], seeds,
                           [arguments.trials] * len(keys), chunksize=arguments.seeds)
        for key, (best, duration) in zip(keys, results):
            peers[key].append(best)
            seconds[key[1]].append(duration / arguments.trials)

    print(f"Best of {arguments.trials} trials, one at a time: median of {arguments.seeds} seeds "
          f"(95 % interval of the median); lower is better. Optuna {optuna.__version__}.\n")
    print("| function | " + " | ".join(samplers + list(PEERS)) + " | tpe against Optuna's TPEs "
          "| cmaes against its CMA-ES | gp against its best | auto against its best |")
    print("|---" * (len(samplers) + len(PEERS) + 5) + "|")

    def verdict(our, their):
        (_, low, high), (_, their_low, their_high) = map(median_interval, (our, their))
        return "better" if high < their_low else "worse" if low > their_high else "overlap"

    for function in FUNCTIONS:
        best_peer = min((peers[function, p] for p in PEERS), key=lambda v: median_interval(v)[0])
        best_tpe = min((peers[function, p] for p in PEERS if "TPE" in p),
                       key=lambda v: median_interval(v)[0])
        row = [cell(ours[function, s]) for s in samplers]
        row += [cell(peers[function, p]) for p in PEERS]
        row += [verdict(ours[function, "tpe"], best_tpe),
                verdict(ours[function, "cmaes"], peers[function, "Optuna CMA-ES"]),
                verdict(ours[function, "gp"], best_peer),
                verdict(ours[function, "auto"], best_peer)]
        print(f"| {function} | " + " | ".join(row) + " |")

    print("\nMilliseconds of Optuna a trial, mean over the whole search (ours: bench_samplers "
          "--time):\n")
    for peer in PEERS:
        print(f"- {peer}: {1e3 * sum(seconds[peer]) / len(seconds[peer]):.1f}")


if __name__ == "__main__":
    main()
