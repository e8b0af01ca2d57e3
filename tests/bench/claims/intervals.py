"""Medians, means and shares with 95 % bootstrap intervals. Every draw comes from a fixed seed, so that the same
trials print the same figures."""
import random
import statistics

RESAMPLES = 2000


def interval(sample, figure, resamples=RESAMPLES):
    """95 % percentile-bootstrap interval of figure(sample)."""
    draws = random.Random(1)
    values = sorted(figure(draws.choices(sample, k=len(sample))) for _ in range(resamples))
    return values[int(0.025 * resamples)], values[int(0.975 * resamples) - 1]


def verdict(low, high):
    """What an interval of a difference says of the claim that it is > 0."""
    if low > 0:
        return "holds"
    return "does not hold" if high < 0 else "undecided"


class Difference:
    """Paired differences: their median and mean with intervals, and who wins how often. The mean decides: it is
    what may be expected of a choice that is made once."""

    def __init__(self, ours, theirs):
        self._values = [a - b for a, b in zip(ours, theirs)]
        self.count = len(self._values)
        self.wins = sum(value > 0 for value in self._values)

    def median(self):
        return _with_interval(self._values, statistics.median)

    def mean(self):
        return _with_interval(self._values, statistics.fmean)

    def verdict(self):
        return verdict(*interval(self._values, statistics.fmean))


def _with_interval(values, figure):
    return signed(figure(values), *interval(values, figure))


def signed(middle, low, high, digits=4):
    """A difference and its interval as text."""
    return f"{middle:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def expected_best(pool, count):
    """Expected score of the best of `count` draws from a pool of (what is selected by, score)."""
    ranked = sorted(pool, reverse=True)
    size = len(ranked)
    return sum(score * (((size - i) / size) ** count - ((size - i - 1) / size) ** count)
               for i, (_, score) in enumerate(ranked))


def pools_difference(ours, theirs, count, resamples=500):
    """Difference of the expected best of `count` draws, with its interval over both pools."""
    draws = random.Random(1)
    values = sorted(expected_best(draws.choices(ours, k=len(ours)), count)
                    - expected_best(draws.choices(theirs, k=len(theirs)), count) for _ in range(resamples))
    middle = expected_best(ours, count) - expected_best(theirs, count)
    return middle, values[int(0.025 * resamples)], values[int(0.975 * resamples) - 1]


def chance_of_winning(ours, theirs, count, searches=4000):
    """Share of searches of `count` draws from each pool whose best scores higher than the other's."""
    draws = random.Random(1)
    wins = sum(max(draws.choices(ours, k=count))[1] > max(draws.choices(theirs, k=count))[1]
               for _ in range(searches))
    return wins / searches
