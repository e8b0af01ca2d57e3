"""Claim 5: the learning rate is the most important hyperparameter."""
import statistics

from intervals import interval
from plot import Plot, ticks
from searching import job

TRIALS = 120
METHODS = ("ped_anova", "fanova")
OPTIMIZERS = {"momentum": "momentum", "adam": "beta1"}  # and its beta


def learning_rate_first(coordinator, seeds, folder):
    print("\n## 5 The learning rate is the most important hyperparameter\n")
    print("| optimizer | method | hyperparameter | mean share, 95 % interval | ranked first |\n"
          "|---|---|---|---|---|")
    shares = {}
    for optimizer, beta in OPTIMIZERS.items():
        space = {
            "learning_rate": {"log": [1e-4, 1.0]},
            beta: {"log_complement": [0.5, 0.999]},
            "hidden_units": {"int_log": [16, 64]},
            "batch_size": {"values": [32, 64, 128, 256]},
            "hidden_layers": {"int": [1, 4]},
            "decay_rate": {"log": [0.01, 1.0]},
            "dropout": {"uniform": [0.0, 0.5]},
            "weight_decay": {"log": [1e-6, 1e-2]},
        }
        fixed = {"optimizer": optimizer, "batch_norm": True, "learning_rate_schedule": "inverse_time"}
        ids = [coordinator.submit(job("importance", seed, "random", TRIALS, space, fixed))
               for seed in range(1, seeds + 1)]
        for number in ids:
            coordinator.finish(number)
        for method in METHODS:
            answers = [coordinator.importance(number, method) for number in ids]
            firsts = [max(answer, key=answer.get) for answer in answers]
            means = {name: statistics.mean(answer[name] for answer in answers) for name in space}
            shares[optimizer, method] = means
            for name in sorted(means, key=means.get, reverse=True):
                low, high = interval([answer[name] for answer in answers], statistics.mean)
                print(f"| {optimizer} | {method} | {name} | {means[name]:.3f} [{low:.3f}, {high:.3f}] "
                      f"| {firsts.count(name)} of {seeds} |")
    draw(shares, folder / "importance.svg")


def draw(shares, path):
    names = ["learning_rate", "momentum", "hidden_units", "batch_size", "hidden_layers", "decay_rate",
             "dropout", "weight_decay"]
    short = ["rate", "beta", "units", "batch", "layers", "decay", "dropout", "L2"]
    plot = Plot("Share of importance, means over seeds", (-0.6, len(names) - 0.4), (0, 1), "hyperparameter",
                "share", list(enumerate(short)), ticks([0, 0.25, 0.5, 0.75, 1]))
    for i, ((optimizer, method), means) in enumerate(shares.items()):
        for place, name in enumerate(names):
            name = OPTIMIZERS[optimizer] if name == "momentum" else name
            plot.bar(place + 0.2 * (i - 1.5), 0.18, means[name], i,
                     name=f"{optimizer}, {method}" if place == 0 else "")
    plot.save(path)
