#!/usr/bin/env python3
"""Hyperparameter importance by Caviar against Optuna, on the same trials.

For functions whose answer is known or plain to see, prints the importance of each parameter by both
methods and both programs, the mean over several sets of random trials; and the largest difference
within a set, its median over the sets with a 95 % bootstrap interval, and the most. fANOVA is Optuna's; it gets places on each parameter's scale, which is where
Caviar measures (on raw values, almost all of a log-scaled range would be its last decade). A forest
is random, and Optuna's are small: Caviar's answer, which is of one forest, is compared with the mean
of several of Optuna's, by default as many as have as many trees. How far the answers of one program
to the same trials lie apart is printed beside it. Sets are computed side by side, one a core. PED-ANOVA is Optuna's where its version has it
(from 3.6; conditional parameters from 5), otherwise the NumPy computation below, written from the
papers with Optuna's settings.

  /usr/bin/python3 tests/bench/importance_vs_optuna.py                  3 sets of 300 trials
  /usr/bin/python3 tests/bench/importance_vs_optuna.py --sets 20
  /usr/bin/python3 tests/bench/importance_vs_optuna.py --trials 1000 --sets 1 --cases "sum of 10"
"""
import argparse
import concurrent.futures
import functools
import itertools
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import optuna

from claims.intervals import interval

TOP = pathlib.Path(__file__).resolve().parents[2]
HAS_PED_ANOVA = hasattr(optuna.importance, "_ped_anova")
OUR_FORESTS = 3  # to tell how far they lie apart
HAS_CONDITIONAL = HAS_PED_ANOVA and int(optuna.__version__.split(".")[0]) >= 5


class Real:
    """A range on a scale."""

    def __init__(self, kind, low, high, when=None):
        self.kind, self.low, self.high, self.when = kind, low, high, when

    def domain(self):
        return {self.kind: {"min": self.low, "max": self.high}}

    def value(self, place):
        if self.kind == "log":
            return math.exp(math.log(self.low) + place * math.log(self.high / self.low))
        if self.kind == "log_complement":
            return 1 - (1 - self.low) * ((1 - self.high) / (1 - self.low)) ** place
        return self.low + place * (self.high - self.low)

    def for_optuna(self, place, _):
        return place, optuna.distributions.FloatDistribution(0, 1)

    def cells(self, places):
        return np.ceil(np.asarray(places) * 49 - 0.5).astype(int).clip(0, 49), 50


class Listed:
    """Numbers in order, or a choice."""

    def __init__(self, kind, values, when=None):
        self.kind, self.values, self.when = kind, values, when

    def domain(self):
        return {self.kind: self.values}

    def index(self, place):
        return min(int(place * len(self.values)), len(self.values) - 1)

    def value(self, place):
        return self.values[self.index(place)]

    def for_optuna(self, place, as_places):
        count, index = len(self.values), self.index(place)
        if self.kind == "choice":
            return self.values[index], optuna.distributions.CategoricalDistribution(self.values)
        if as_places:
            return (index + 0.5) / count, optuna.distributions.FloatDistribution(0, 1)
        return index, optuna.distributions.IntDistribution(0, count - 1)

    def cells(self, places):
        return np.array([self.index(place) for place in places], dtype=int), len(self.values)


def uniform(low=0.0, high=1.0, when=None):
    return Real("uniform", low, high, when)


HARTMANN_A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
                       [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
HARTMANN_P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886],
                              [2329, 4135, 8307, 3736, 1004, 9991],
                              [2348, 1451, 3522, 2883, 3047, 6650],
                              [4047, 8828, 8732, 5743, 1091, 381]])


def hartmann6(p):
    x = np.array([p[f"x{i}"] for i in range(6)])
    inner = (HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)
    return float(-np.array([1, 1.2, 3, 3.2]) @ np.exp(-inner))


def branin(p):
    x, y = p["x"], p["y"]
    return ((y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
            + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10)


def training(p):
    """A learning rate that decides, then momentum, units, an optimizer; batch size hardly."""
    return ((math.log10(p["learning_rate"]) + 2.5) ** 2
            + 0.5 * (math.log10(1 - p["momentum"]) + 1.3) ** 2
            + {"adam": 0, "momentum": 0.4, "rmsprop": 0.8}[p["optimizer"]]
            + 0.25 * [16, 32, 64, 128].index(p["units"])
            + 0.02 * [32, 64, 128].index(p["batch_size"]))


def conditional(p):
    return p["x"] + p.get("y", 0) + 0.3 * p.get("z", 0)


# Name: space, function, and the variance shares that fANOVA is to find, where they are known.
CASES = {
    "sum of 4": (
        {f"x{i}": uniform() for i in range(4)},
        lambda p: 4 * p["x0"] + 2 * p["x1"] + p["x2"],
        {"x0": 16 / 21, "x1": 4 / 21, "x2": 1 / 21, "x3": 0}),
    "sum of 10": (
        {f"x{i}": uniform() for i in range(10)},
        lambda p: sum((10 - i) * p[f"x{i}"] for i in range(10)),
        {f"x{i}": (10 - i) ** 2 / 385 for i in range(10)}),
    "choice of 3": (
        {"c": Listed("choice", ["a", "b", "c"]), "x": uniform(), "z": uniform()},
        lambda p: {"a": 0, "b": 1, "c": 2}[p["c"]] + 2 * p["x"],
        {"c": 2 / 3, "x": 1 / 3, "z": 0}),
    "Branin": ({"x": uniform(-5, 10), "y": uniform(0, 15)}, branin, None),
    "Hartmann6": ({f"x{i}": uniform() for i in range(6)}, hartmann6, None),
    "like training": (
        {"batch_size": Listed("values", [32, 64, 128]),
         "learning_rate": Real("log", 1e-5, 1),
         "momentum": Real("log_complement", 0.5, 0.999),
         "optimizer": Listed("choice", ["adam", "momentum", "rmsprop"]),
         "units": Listed("values", [16, 32, 64, 128])},
        training, None),
    "conditional": (
        {"c": Listed("choice", ["on", "off"]),
         "x": uniform(),
         "y": uniform(when={"c": ["on"]}),
         "z": uniform(when={"c": ["off"]})},
        conditional, None),
}
# Shares of `conditional`: x has 1/12; y and z act in half of the space each; c moves the mean of
# the rest from 0.15 to 0.5.
_PARTS = {"x": 1 / 12, "y": 0.5 / 12, "z": 0.5 * 0.09 / 12, "c": 0.175**2}
CASES["conditional"] = CASES["conditional"][:2] + (
    {name: part / sum(_PARTS.values()) for name, part in _PARTS.items()},)


def draw(space, count, seed):
    """Places by parameter, None where it is inactive, one dict a trial."""
    rng = np.random.default_rng(seed)
    trials = []
    for _ in range(count):
        places = {name: float(rng.uniform()) for name in space}
        for name, parameter in space.items():
            for parent, allowed in (parameter.when or {}).items():
                if space[parent].value(places[parent]) not in allowed:
                    places[name] = None
        trials.append(places)
    return trials


def by_caviar(binary, space, points, values, seed):
    """The binary's answer: milliseconds and importances by method."""
    domains = {}
    for name, parameter in space.items():
        domains[name] = parameter.domain()
        if parameter.when:
            domains[name]["when"] = parameter.when
    leaderboard = {
        "job": {"spec": {"space": domains, "objective": {"direction": "MINIMIZE"}}},
        "entries": [{"state": "COMPLETED", "value": v, "point": p} for p, v in zip(points, values)],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(leaderboard, file)
        file.flush()
        answer = subprocess.run([binary, file.name, str(seed)], stdout=subprocess.PIPE, check=True)
    return json.loads(answer.stdout)


def study_of(space, trials, values, as_places):
    study = optuna.create_study(direction="minimize")
    for places, value in zip(trials, values):
        pairs = {name: space[name].for_optuna(place, as_places)
                 for name, place in places.items() if place is not None}
        study.add_trial(optuna.trial.create_trial(
            params={name: pair[0] for name, pair in pairs.items()},
            distributions={name: pair[1] for name, pair in pairs.items()},
            value=value))
    return study


def by_optuna(evaluator, study):
    """Milliseconds and importances."""
    start = time.perf_counter()
    importances = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {"milliseconds": 1e3 * (time.perf_counter() - start), "importances": dict(importances)}


def normal_cdf(x):
    return 0.5 * (1 + np.vectorize(math.erf)(np.asarray(x) / math.sqrt(2)))


def ordered_density(counts):
    """Parzen estimator on a grid: Scott's bandwidth, kernels cut at the ends, one flat prior."""
    at = np.flatnonzero(counts)
    weights = counts[at]
    n = weights.sum()
    mean = at @ weights / n
    deviation = math.sqrt((at - mean) ** 2 @ weights / max(1, n - 1))
    reached = np.cumsum(weights)
    low = at[np.searchsorted(reached, n // 4, side="left")]
    high = at[min(len(at) - 1, np.searchsorted(reached, n * 3 // 4, side="right"))]
    bandwidth = max(1.059 * min((high - low) / 1.34, deviation) * n**-0.2, 0.5 / 1.64)
    centres = np.append(at, (len(counts) - 1) / 2)
    bandwidths = np.append(np.full(len(at), bandwidth), len(counts))
    ends = np.arange(len(counts) + 1) - 0.5
    cdf = normal_cdf((ends[None, :] - centres[:, None]) / bandwidths[:, None])
    kernels = np.diff(cdf, axis=1) / (cdf[:, -1:] - cdf[:, :1])
    return np.append(weights, 1) / (n + 1) @ kernels


def choice_density(counts):
    at = np.flatnonzero(counts)
    kernels = np.full((len(at) + 1, len(counts)), 1 / (len(at) + 1))
    kernels[np.arange(len(at)), at] += 1
    kernels /= kernels.sum(axis=1, keepdims=True)
    return np.append(counts[at], 1) / (counts.sum() + 1) @ kernels


def by_numpy(space, trials, values):
    """PED-ANOVA (arXiv:2304.10255), conditional parameters as in arXiv:2601.20800."""
    order = np.argsort(values, kind="stable")
    cut = values[order[math.ceil(len(values) / 10) - 1]]
    is_top = np.asarray(values) <= cut
    effects = {}
    for name, parameter in space.items():
        is_active = np.array([places[name] is not None for places in trials])
        cells, count = parameter.cells([p[name] for p in trials if p[name] is not None])
        top = np.bincount(cells[is_top[is_active]], minlength=count)
        all_trials = np.bincount(cells, minlength=count)
        density = choice_density if parameter.kind == "choice" else ordered_density
        p, q = density(top) + 1e-12, density(all_trials) + 1e-12
        share_top, share_all = top.sum() / is_top.sum(), all_trials.sum() / len(trials)
        effects[name] = share_top**2 / share_all * float(q @ (p / q - 1) ** 2)
    total = sum(effects.values())
    return {"importances": {name: effect / total for name, effect in effects.items()}}


def ped_anova_peer(space, trials, values):
    is_conditional = any(parameter.when for parameter in space.values())
    if HAS_CONDITIONAL or (HAS_PED_ANOVA and not is_conditional):
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        return "Optuna", by_optuna(evaluator, study_of(space, trials, values, as_places=False))
    return "NumPy", by_numpy(space, trials, values)


def in_other_units(values, seed):
    """Changes no share, but how rounding breaks the ties between scikit-learn's splits, which would
    else lean the same way in every forest."""
    rng = np.random.default_rng(seed)
    return [float(v) for v in rng.uniform(0.5, 2) * np.asarray(values) + rng.uniform(-1, 1)]


def fanova_peers(space, trials, values, seeds, flags):
    if flags.without_fanova or any(parameter.when for parameter in space.values()):
        return []  # Optuna leaves conditional parameters out
    return [by_optuna(optuna.importance.FanovaImportanceEvaluator(seed=seed),
                      study_of(space, trials, in_other_units(values, seed), as_places=True))
            for seed in seeds]


def differ_in_order(ours, theirs, margin):
    """Whether two parameters stand the other way round, and by more than `margin` in both."""
    return any(ours[a] - ours[b] > margin and theirs[b] - theirs[a] > margin
               for a in ours for b in ours)


def mean_of(answers):
    return {name: float(np.mean([answer["importances"][name] for answer in answers]))
            for name in answers[0]["importances"]}


def difference(ours, theirs):
    return max(abs(ours[name] - theirs[name]) for name in ours)


def apart(answers):
    return [difference(a["importances"], b["importances"])
            for a, b in itertools.combinations(answers, 2)]


class Comparison:
    """Of one method with its peer, over several sets of trials."""

    def __init__(self):
        self.ours, self.theirs, self.speed, self.reordered = [], [], [], 0
        self.our_apart, self.apart = [], []  # the answers of one program to one set

    def add(self, ours, peers):
        """The answers to one set of trials; ours to compare is the first."""
        self.ours.append(ours[0]["importances"])
        self.our_apart += apart(ours)
        if not peers:
            return
        self.theirs.append(mean_of(peers))
        self.reordered += differ_in_order(self.ours[-1], self.theirs[-1], 0.01)
        self.apart += apart(peers)
        if "milliseconds" in peers[0]:
            self.speed += [b["milliseconds"] / a["milliseconds"] for a, b in zip(ours, peers)]

    def mean(self, side, name):
        rows = getattr(self, side)
        return f"{np.mean([row[name] for row in rows]):.3f}" if rows else ""

    def differences(self):
        """Of each set, the largest of any parameter."""
        return [difference(*pair) for pair in zip(self.ours, self.theirs)]

    def difference_of_means(self):
        """The largest, over all parameters: what is not the forests' noise."""
        return max(abs(np.mean([ours[name] - theirs[name]
                                for ours, theirs in zip(self.ours, self.theirs)]))
                   for name in self.ours[0])

    def line(self, case, method, peer):
        if not self.theirs:
            return
        speed = f", {np.median(self.speed):.0f} times as fast" if self.speed else ""
        forests = ""
        if self.apart and self.our_apart:
            forests = (f" (between forests of {peer}'s up to {max(self.apart):.3f}, "
                       f"of Caviar's {max(self.our_apart):.3f})")
        differences = self.differences()
        low, high = interval(differences, statistics.median)
        print(f"{case}, {method} against {peer}: largest difference of a set, median "
              f"{statistics.median(differences):.3f} ({low:.3f} to {high:.3f}), most {max(differences):.3f}, "
              f"of means over the sets {self.difference_of_means():.3f}{forests}"
              f", order differs in {self.reordered} of {len(self.theirs)} sets{speed}")


def answers_to_set(case, flags, seed):
    """One set of trials by everyone: Caviar's answers, the PED-ANOVA peer and its name, Optuna's fANOVA."""
    space, function, _ = CASES[case]
    trials = draw(space, flags.trials, seed)
    points = [{name: space[name].value(place) for name, place in places.items()
               if place is not None} for places in trials]
    values = [function(point) for point in points]
    seeds = [100 * seed + forest for forest in range(flags.forests)]
    ours = [by_caviar(flags.binary, space, points, values, s) for s in seeds[:OUR_FORESTS]]
    return (ours, *ped_anova_peer(space, trials, values),
            fanova_peers(space, trials, values, seeds, flags))


def compare(case, flags, pool):
    """Prints the case's table; the largest difference."""
    space, _, known = CASES[case]
    ped, fanova, milliseconds = Comparison(), Comparison(), []
    sets = range(1, flags.sets + 1)
    for ours, peer_name, peer, fanovas in pool.map(
            functools.partial(answers_to_set, case, flags), sets):
        milliseconds += [[o[m]["milliseconds"] for m in ("ped_anova", "fanova")] for o in ours]
        ped.add([ours[0]["ped_anova"]], [peer])
        fanova.add([o["fanova"] for o in ours], fanovas)

    print(f"\n| {case} | PED-ANOVA | {peer_name} | fANOVA | Optuna | exact |")
    print("|---|---|---|---|---|---|")
    for name in space:
        exact = f"{known[name]:.3f}" if known else ""
        print(f"| {name} | {ped.mean('ours', name)} | {ped.mean('theirs', name)} | "
              f"{fanova.mean('ours', name)} | {fanova.mean('theirs', name)} | {exact} |")
    print()
    ped.line(case, "PED-ANOVA", peer_name)
    fanova.line(case, "fANOVA", "Optuna")
    ped_ms, fanova_ms = np.median(milliseconds, axis=0)
    print(f"Caviar's milliseconds: PED-ANOVA {ped_ms:.2f}, fANOVA {fanova_ms:.1f}", flush=True)
    return max(ped.differences() + fanova.differences())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--sets", type=int, default=3, help="sets of trials, by seed")
    parser.add_argument("--forests", type=int, default=10, help="of Optuna's for a set")
    parser.add_argument("--cases", nargs="*", choices=list(CASES),
                        default=[case for case in CASES if case != "sum of 10"])
    parser.add_argument("--without-fanova", action="store_true",
                        help="of Optuna: it takes minutes for 1,000 trials of 10 parameters")
    parser.add_argument("--binary", default=str(TOP / "build/release/bin/bench_importance"))
    flags = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"{flags.trials} random trials, mean of {flags.sets} sets, {flags.forests} forests by Optuna; "
          f"Optuna {optuna.__version__}")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        differences = {case: compare(case, flags, pool) for case in flags.cases}
    worst = max(differences, key=differences.get)
    print(f"\nLargest difference of all: {differences[worst]:.3f} ({worst})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
