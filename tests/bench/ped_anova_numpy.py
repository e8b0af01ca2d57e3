"""PED-ANOVA in NumPy, written from the papers with Optuna's settings: the peer where the installed
Optuna has none (importance_vs_optuna.py)."""
import math

import numpy as np


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
