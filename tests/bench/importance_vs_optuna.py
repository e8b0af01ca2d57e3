#!/usr/bin/env python3
"""Hyperparameter importance by Caviar against Optuna, on the same trials.

For functions whose answer is known or plain to see, prints the importance of each parameter by both
methods and both programs, the mean over several sets of random trials; and the largest difference
within a set, its median over the sets with a 95 % bootstrap interval, and the most. fANOVA is
Optuna's; it gets places on each parameter's scale, which is where Caviar measures (on raw values,
almost all of a log-scaled range would be its last decade). A forest is random, and Optuna's are
small: Caviar's answer, which is of one forest, is compared with the mean of several of Optuna's, by
default as many as have as many trees. How far the answers of one program to the same trials lie
apart is printed beside it. Sets are computed side by side, one a core. PED-ANOVA is Optuna's where
its version has it (from 3.6; conditional parameters from 5), otherwise the computation of
ped_anova_numpy.py.

  /usr/bin/python3 tests/bench/importance_vs_optuna.py                  3 sets of 300 trials
  /usr/bin/python3 tests/bench/importance_vs_optuna.py --sets 20
  /usr/bin/python3 tests/bench/importance_vs_optuna.py --trials 1000 --sets 1 --cases "sum of 10"
"""
import argparse
import concurrent.futures
import functools
import itertools
import json
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
from importance_cases import CASES, draw
from ped_anova_numpy import by_numpy

TOP = pathlib.Path(__file__).resolve().parents[2]
HAS_PED_ANOVA = hasattr(optuna.importance, "_ped_anova")
OUR_FORESTS = 3  # to tell how far they lie apart
HAS_CONDITIONAL = HAS_PED_ANOVA and int(optuna.__version__.split(".")[0]) >= 5


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
