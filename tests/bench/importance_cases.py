"""Functions of hyperparameters whose importance is known or plain to see, and random trials of them
(importance_vs_optuna.py)."""
import math

import numpy as np
import optuna


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
