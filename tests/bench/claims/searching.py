"""Claims 1 to 3: random against grid, scales, and zoom against random."""
import math
import random
import statistics

from coordinator import metric, tested_best, validation
from intervals import Difference, chance_of_winning, expected_best, pools_difference, signed, verdict
from plot import Plot, ticks

EPOCHS = 5
NETWORK = {"hidden_layers": 1, "hidden_units": 64, "batch_size": 64, "batch_norm": True}
POOL_SIZES = (5, 10, 20, 40)


def job(name, seed, sampler, trials, space, fixed, **more):
    return {"name": name, "dataset": "letters", "seed": seed, "sampler": sampler,
            "budget": {"trials": trials, "epochs": EPOCHS}, "space": space, "fixed": fixed, **more}


def someones_ranges(seed):
    """The space of somebody who does not know yet where good values lie. Bounds are drawn, so that a grid's
    places are not lucky or unlucky once and for all."""
    draw = random.Random(seed)
    return {
        "learning_rate": {"log": [10 ** draw.uniform(-5, -2.5), 10 ** draw.uniform(-0.5, 1.5)]},
        "momentum": {"log_complement": [draw.uniform(0, 0.8), 1 - 10 ** draw.uniform(-3.5, -2)]},
        "dropout": {"uniform": [0, draw.uniform(0.3, 0.8)]},
        "weight_decay": {"log": [10 ** draw.uniform(-7, -5), 10 ** draw.uniform(-3, -1)]},
    }


def middles(domain, places):
    """The middles of `places` equal cells of a domain, on its scale."""
    (scale, (low, high)), = domain.items()
    units = [(i + 0.5) / places for i in range(places)]
    if scale == "uniform":
        return {"values": [low + u * (high - low) for u in units]}
    if scale == "log":
        return {"values": [math.exp(math.log(low) + u * math.log(high / low)) for u in units]}
    first, ratio = math.log(1 - low), math.log((1 - high) / (1 - low))
    return {"values": [1 - math.exp(first + u * ratio) for u in units]}


PLACES = 3  # of each of the four hyperparameters


def random_against_grid(coordinator, seeds, folder):
    print("\n## 1 Random search beats a grid at equal budget\n")
    jobs = []
    for seed in range(1, seeds + 1):
        space = someones_ranges(seed)
        inside = {name: middles(domain, PLACES) for name, domain in space.items()}
        fixed = {"optimizer": "momentum", **NETWORK}
        trials = PLACES ** len(space)
        jobs += [job("random", seed, "random", trials, space, fixed),
                 job("ends", seed, {"grid": {"points": PLACES}}, trials, space, fixed),
                 job("middles", seed, "grid", trials, inside, fixed)]
    best = [tested_best(trials) for trials in coordinator.run_all(jobs)]
    drawn, ends, inner = best[0::3], best[1::3], best[2::3]
    print("| trials | grid's places | grid, median | random, median | difference: median | mean, 95 % interval "
          "| random wins | verdict |\n|---|---|---|---|---|---|---|---|")
    for name, grid in (("ends of each range, too", ends), ("middles of equal cells", inner)):
        difference = Difference(drawn, grid)
        print(f"| {trials} | {PLACES}: {name} | {statistics.median(grid):.4f} | {statistics.median(drawn):.4f} "
              f"| {difference.median()} | {difference.mean()} | {difference.wins} of {seeds} "
              f"| {difference.verdict()} |")
    scatter(folder / "random_against_grid.svg", f"{trials} trials: each point one search space",
            "grid, test accuracy", "random, test accuracy",
            [("grid with the ends", ends, drawn), ("grid of middles", inner, drawn)])


def scatter(path, title, x_label, y_label, series):
    values = [value for _, xs, ys in series for value in (*xs, *ys)]
    low, high = math.floor(min(values) * 20) / 20, math.ceil(max(values) * 20) / 20
    step = 0.05 if high - low < 0.35 else 0.2
    places = ticks([low + i * step for i in range(int((high - low) / step + 1.5))], "{:.2f}")
    plot = Plot(title, (low, high), (low, high), x_label, y_label, places, places)
    plot.line([(low, low), (high, high)], 5, dashed=True)
    for colour, (name, xs, ys) in enumerate(series):
        plot.points(list(zip(xs, ys)), colour, name)
    plot.save(path, "bottom right")


def scales(coordinator, pool, folder):
    print("\n## 2 A log scale beats a linear one for the learning rate, LOG_COMPLEMENT for beta\n")
    rate, rate_linear = {"log": [1e-4, 1.0]}, {"uniform": [1e-4, 1.0]}
    beta, beta_linear = {"log_complement": [0.9, 0.999]}, {"uniform": [0.9, 0.999]}
    wide, wide_linear = {"log_complement": [0.5, 0.999]}, {"uniform": [0.5, 0.999]}
    second, second_linear = {"log_complement": [0.9, 0.9999]}, {"uniform": [0.9, 0.9999]}
    others = {"hidden_units": {"int_log": [16, 64]}, "batch_size": {"values": [32, 64, 128, 256]}}
    fixed = {name: {"optimizer": name, "hidden_layers": 1, "batch_norm": True} for name in ("momentum", "adam")}
    pairs = [
        ("learning rate 0.0001 to 1, adam", "adam", {"learning_rate": rate}, {"learning_rate": rate_linear}),
        ("learning rate 0.0001 to 1, momentum", "momentum", {"learning_rate": rate, "momentum": beta},
         {"learning_rate": rate_linear, "momentum": beta}),
        ("learning rate 0.0001 to 10, momentum", "momentum",
         {"learning_rate": {"log": [1e-4, 10]}, "momentum": beta},
         {"learning_rate": {"uniform": [1e-4, 10]}, "momentum": beta}),
        ("momentum 0.9 to 0.999", "momentum", {"learning_rate": rate, "momentum": beta},
         {"learning_rate": rate, "momentum": beta_linear}),
        ("momentum 0.5 to 0.999", "momentum", {"learning_rate": rate, "momentum": wide},
         {"learning_rate": rate, "momentum": wide_linear}),
        ("beta2 0.9 to 0.9999, adam", "adam", {"learning_rate": rate, "beta2": second},
         {"learning_rate": rate, "beta2": second_linear}),
    ]
    jobs = [job("scales", 1 + 2 * i + side, "random", pool, {**pair[2 + side], **others}, fixed[pair[1]])
            for i, pair in enumerate(pairs) for side in (0, 1)]
    runs = coordinator.run_all(jobs)
    pools = [[(validation(trial), metric(trial, "test_accuracy")) for trial in trials] for trials in runs]
    print("| hyperparameter | trials | expected, linear | expected, log | difference, 95 % interval "
          "| log wins | verdict |\n|---|---|---|---|---|---|---|")
    for i, pair in enumerate(pairs):
        ours, theirs = pools[2 * i], pools[2 * i + 1]
        for count in POOL_SIZES:
            difference = pools_difference(ours, theirs, count)
            linear, log = expected_best(theirs, count), expected_best(ours, count)
            print(f"| {pair[0]} | {count} | {linear:.4f} | {log:.4f} | {signed(*difference)} "
                  f"| {100 * chance_of_winning(ours, theirs, count):.0f} % | {verdict(*difference[1:])} |")
    plot = Plot("Best of n trials; dashed: linear scale", (0, math.log2(40)), (0.2, 0.9), "trials",
                "test accuracy", [(math.log2(n), str(n)) for n in (1, 2, 5, 10, 20, 40)],
                ticks([0.2, 0.4, 0.6, 0.8]))
    for i, name in enumerate(["rate to 1, adam", "rate to 1, momentum", "rate to 10, momentum"]):
        for side in (0, 1):
            plot.line([(math.log2(n), expected_best(pools[2 * i + side], n)) for n in range(1, 41)], i,
                      name if side == 0 else "", dashed=side == 1)
    plot.save(folder / "scales.svg", "bottom right")


def zoom_against_random(coordinator, seeds, folder):
    print("\n## 3 Coarse to fine beats plain random at equal budget\n")
    space = {
        "learning_rate": {"log": [1e-5, 10.0]},
        "momentum": {"log_complement": [0.5, 0.999]},
        "hidden_layers": {"int": [1, 3]},
        "hidden_units": {"int_log": [16, 64]},
        "batch_size": {"values": [32, 64, 128, 256]},
        "dropout": {"uniform": [0.0, 0.6]},
    }
    fixed = {"optimizer": "momentum", "batch_norm": True}
    jobs = []
    for seed in range(1, seeds + 1):
        # One trial at a time: zoom's points depend on what has ended, and so do not depend on the machine.
        jobs += [job("random", seed, "random", 60, space, fixed),
                 job("zoom", seed, "zoom", 20, space, fixed, max_parallel_trials=1),
                 job("zoom", seed, "zoom", 60, space, fixed, max_parallel_trials=1)]
    runs = coordinator.run_all(jobs)
    print("| trials | random, median | zoom, median | difference: median | mean, 95 % interval | zoom wins "
          "| verdict |\n|---|---|---|---|---|---|---|")
    series = []
    for trials, place in ((20, 1), (60, 2)):
        drawn = [tested_best(runs[i][:trials]) for i in range(0, len(runs), 3)]
        zoom = [tested_best(runs[i + place]) for i in range(0, len(runs), 3)]
        difference = Difference(zoom, drawn)
        series.append((f"{trials} trials", drawn, zoom))
        print(f"| {trials} | {statistics.median(drawn):.4f} | {statistics.median(zoom):.4f} "
              f"| {difference.median()} | {difference.mean()} | {difference.wins} of {seeds} "
              f"| {difference.verdict()} |")
    scatter(folder / "zoom_against_random.svg", "Each point one seed", "random, test accuracy",
            "zoom, test accuracy", series)
