#!/usr/bin/env python3
"""Two generations of CMA-ES by NumPy, from the formulas of Hansen's tutorial (arXiv:1604.00772).

Prints cma_es_reference.h. Regenerate with
  python3 tests/coordinator/search/cma_es_reference.py > tests/coordinator/search/cma_es_reference.h
Written from the paper, not from Caviar's code; checked once against the Python package cmaes 0.9.1.
"""

import numpy as np

N, POPULATION, SIGMA = 3, 7, 0.3
MEAN = np.array([0.5, 0.4, 0.6])


def rates(n, population):
    raw = np.log((population + 1) / 2) - np.log(np.arange(1, population + 1))
    mu = population // 2
    mu_eff = raw[:mu].sum() ** 2 / (raw[:mu] ** 2).sum()
    mu_eff_minus = raw[mu:].sum() ** 2 / (raw[mu:] ** 2).sum()
    c1 = 2 / ((n + 1.3) ** 2 + mu_eff)
    cmu = min(1 - c1, 2 * (mu_eff - 2 + 1 / mu_eff) / ((n + 2) ** 2 + mu_eff))
    negative = min(1 + c1 / cmu, 1 + 2 * mu_eff_minus / (mu_eff + 2), (1 - c1 - cmu) / (n * cmu))
    weights = np.where(raw >= 0, raw / raw[raw > 0].sum(), negative * raw / -raw[raw < 0].sum())
    c_sigma = (mu_eff + 2) / (n + mu_eff + 5)
    d_sigma = 1 + 2 * max(0, np.sqrt((mu_eff - 1) / (n + 1)) - 1) + c_sigma
    c_c = (4 + mu_eff / n) / (n + 4 + 2 * mu_eff / n)
    return weights, mu, mu_eff, c_sigma, d_sigma, c_c, c1, cmu


def inverse_root(c):
    values, vectors = np.linalg.eigh(c)
    return vectors @ np.diag(values**-0.5) @ vectors.T


def update(state, samples):
    mean, sigma, c, p_sigma, p_c, generation = state
    weights, mu, mu_eff, c_sigma, d_sigma, c_c, c1, cmu = rates(N, POPULATION)
    chi = np.sqrt(N) * (1 - 1 / (4 * N) + 1 / (21 * N**2))
    y = (samples - mean) / sigma
    step = weights[:mu] @ y[:mu]
    whiten = inverse_root(c)
    p_sigma = (1 - c_sigma) * p_sigma + np.sqrt(c_sigma * (2 - c_sigma) * mu_eff) * whiten @ step
    length = np.linalg.norm(p_sigma)
    bound = (1.4 + 2 / (N + 1)) * chi * np.sqrt(1 - (1 - c_sigma) ** (2 * (generation + 1)))
    h = 1.0 if length < bound else 0.0
    p_c = (1 - c_c) * p_c + h * np.sqrt(c_c * (2 - c_c) * mu_eff) * step
    scaled = np.where(weights >= 0, weights, weights * N / (np.linalg.norm(y @ whiten, axis=1) ** 2))
    c = (1 + c1 * (1 - h) * c_c * (2 - c_c) - c1 - cmu * weights.sum()) * c
    c = c + c1 * np.outer(p_c, p_c) + cmu * (y.T * scaled) @ y
    return mean + sigma * step, sigma * np.exp(c_sigma / d_sigma * (length / chi - 1)), c, p_sigma, p_c, generation + 1


def show(name, values):
    text = ", ".join(repr(float(v)) for v in np.ravel(values))
    print(f"inline const std::vector<double> {name} = {{{text}}};")


def main():
    rng = np.random.default_rng(1)
    first = np.round(MEAN + SIGMA * rng.standard_normal((POPULATION, N)), 3)
    second = np.round(MEAN + 0.1 + 0.2 * rng.standard_normal((POPULATION, N)), 3)
    one = update((MEAN, SIGMA, np.eye(N), np.zeros(N), np.zeros(N), 0), first)
    two = update(one, second)
    print("// Made by cma_es_reference.py, which says from what.")
    print("// clang-format off")
    print("#ifndef CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_")
    print("#define CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_")
    print("\n#include <vector>\n\nnamespace caviar::search::reference {\n")
    print(f"inline constexpr int kPopulation = {POPULATION};")
    print(f"inline constexpr double kSigma = {SIGMA};")
    show("kMean", MEAN)
    show("kFirstSamples", first)
    show("kSecondSamples", second)
    show("kWeights", rates(N, POPULATION)[0])
    for name, state in (("First", one), ("Second", two)):
        show(f"k{name}Mean", state[0])
        show(f"k{name}Sigma", state[1])
        show(f"k{name}Covariance", state[2])
    print("\n}  // namespace caviar::search::reference\n")
    print("#endif  // CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_")


main()
