"""Claims 4, 6 and 7: what batch norm does to searching, to overfitting, and under covariate shift."""
import math
import statistics

import letters
from coordinator import metric, validation
from intervals import Difference, interval, signed, verdict
from plot import Plot, ticks

NORMS = (True, False)
NAMES = {True: "batch norm", False: "without"}


def first_epoch(curve, accuracy):
    """The first epoch with so much validation accuracy, or infinity."""
    return next((epoch for epoch, value in enumerate(curve, 1) if value >= accuracy), math.inf)


def share_that_trains(coordinator, points, folder):
    print("\n## 4 With batch norm far more points train well, and they train faster\n")
    space = {
        "learning_rate": {"log": [1e-4, 10.0]},
        "momentum": {"log_complement": [0.5, 0.99]},
        "hidden_layers": {"int": [1, 4]},
        "hidden_units": {"int_log": [16, 64]},
        "batch_size": {"values": [32, 64, 128, 256]},
        "activation": {"choice": ["relu", "tanh", "sigmoid"]},
    }
    ids = {norm: coordinator.submit({
        "name": "norm", "dataset": "letters", "seed": 1, "sampler": "random", "space": space,
        "budget": {"trials": points, "epochs": 10}, "fixed": {"optimizer": "momentum", "batch_norm": norm}})
        for norm in NORMS}
    trials = {norm: coordinator.finish(number) for norm, number in ids.items()}
    curves = {norm: [coordinator.curve(number, trial["number"]) for trial in trials[norm]]
              for norm, number in ids.items()}
    pairs = list(zip(trials[True], curves[True], curves[False]))
    shares(pairs)
    speed(pairs)
    plot = Plot("Points that reach an accuracy within 10 epochs", (0, 0.9), (0, 1), "validation accuracy",
                "share of points", ticks([0, 0.2, 0.4, 0.6, 0.8]), ticks([0, 0.25, 0.5, 0.75, 1]))
    for norm in NORMS:
        best = [max(curve, default=0) for curve in curves[norm]]
        plot.line([(a / 100, sum(b >= a / 100 for b in best) / points) for a in range(91)], 0 if norm else 1,
                  NAMES[norm])
    plot.save(folder / "share_that_trains.svg")


def shares(pairs):
    groups = [("all points", lambda point: True)]
    groups += [(f"{n} hidden layer{'s' * (n > 1)}", lambda point, n=n: point["hidden_layers"] == n)
               for n in (1, 2, 3, 4)]
    groups += [(word, lambda point, word=word: point["activation"] == word)
               for word in ("relu", "tanh", "sigmoid")]
    print("| points | how many | reach | without | with batch norm | difference, 95 % interval | verdict |\n"
          "|---|---|---|---|---|---|---|")
    for name, belongs in groups:
        for accuracy in (0.5, 0.7, 0.8) if name == "all points" else (0.7,):
            reached = [(max(ours, default=0) >= accuracy, max(theirs, default=0) >= accuracy)
                       for trial, ours, theirs in pairs if belongs(trial["point"])]
            gain = [a - b for a, b in reached]
            low, high = interval(gain, statistics.fmean)
            ours, theirs = (100 * statistics.fmean(side) for side in zip(*reached))
            print(f"| {name} | {len(reached)} | {accuracy} | {theirs:.0f} % | {ours:.0f} % "
                  f"| {signed(ours - theirs, 100 * low, 100 * high, 0)} points | {verdict(low, high)} |")


def speed(pairs):
    print("\n| to | points that both reach | epochs without, median | with | epochs saved, mean, 95 % interval "
          "| earlier / same / later | fastest tenth of all points: without | with | verdict |\n"
          "|---|---|---|---|---|---|---|---|---|")
    for accuracy in (0.5, 0.7, 0.8):
        every = [(first_epoch(ours, accuracy), first_epoch(theirs, accuracy)) for _, ours, theirs in pairs]
        both = [(a, b) for a, b in every if max(a, b) < math.inf]
        saved = [b - a for a, b in both]
        low, high = interval(saved, statistics.fmean)
        tenth = [sorted(side)[len(every) // 10] for side in zip(*every)]
        print(f"| {accuracy} | {len(both)} | {statistics.median(b for _, b in both):g} "
              f"| {statistics.median(a for a, _ in both):g} | {signed(statistics.fmean(saved), low, high, 2)} "
              f"| {sum(s > 0 for s in saved)} / {sum(s == 0 for s in saved)} / {sum(s < 0 for s in saved)} "
              f"| {or_never(tenth[1])} | {or_never(tenth[0])} | {verdict(low, high)} |")


def or_never(epoch):
    return f"{epoch:g}" if epoch < math.inf else "not in 10"


def same_point(dataset, seeds, epochs, **fixed):
    """A job that trains one point with as many seeds."""
    return {"name": "seeds", "dataset": dataset, "seed": 1, "sampler": "random",
            "space": {"hidden_units": {"values": [64]}}, "budget": {"trials": seeds, "epochs": epochs},
            "fixed": fixed}


BATCHES = (16, 32, 64, 128, 256, 512)


def noise_and_batch_size(coordinator, seeds, folder, scratch):
    print("\n## 6 A larger mini-batch weakens batch norm's regularising noise\n")
    header, rows = letters.rows_of_letters()
    letters.write(scratch / "small.csv", header, rows[:4096])
    # The test part is all rows, so that the loss of a finished model on the training rows can be had from it.
    coordinator.import_data("small", scratch / "small.csv", "Letter", "--test", scratch / "small.csv",
                            "--split", "0.5,0.5,0.0")
    settings = {"optimizer": "adam", "learning_rate": 0.003, "hidden_layers": 2,
                "learning_rate_schedule": "cosine"}
    plots = []
    for regime in ("equal epochs", "equal steps"):
        jobs = []
        for batch in BATCHES:
            epochs = 48 if regime == "equal epochs" else 12 * batch // 16
            for norm in NORMS:
                job = same_point("small", seeds, epochs, batch_size=batch, batch_norm=norm, **settings)
                jobs.append({**job, "objective": {"metric": "train_loss"}})
        runs = coordinator.run_all(jobs)
        plots.append(noise_table(regime, {(batch, norm): runs[2 * i + (not norm)]
                                          for i, batch in enumerate(BATCHES) for norm in NORMS}))
    for (noise, gains), name in zip(plots, ("epochs", "steps")):
        top = 1.15 * max(high for side in (noise, gains) for _, _, _, high in side)
        bottom = min(0, 1.15 * min(low for side in (noise, gains) for _, _, low, _ in side))
        step = 10 ** math.floor(math.log10(top))
        step = step if top / step > 3 else step / 2 if top / step > 1.5 else step / 5
        places = [i * step for i in range(math.ceil(bottom / step), int(top / step) + 1)]
        plot = Plot(f"Batch norm over batch sizes, equal {name}", (4, 9), (bottom, top), "batch size", "loss",
                    [(math.log2(b), str(b)) for b in BATCHES], ticks(places))
        for colour, (label, side) in enumerate([("noise in training", noise), ("smaller gap by it", gains)]):
            plot.band([(x, low, high) for x, _, low, high in side], colour)
            plot.line([(x, middle) for x, middle, _, _ in side], colour, label)
        plot.save(folder / f"noise_equal_{name}.svg")


def noise_table(regime, runs):
    """Prints a row for each batch size; (x, mean, low, high) of the noise and of what the gap shrinks by.

    Noise is the loss while training, with each mini-batch's own statistics, less the loss of the finished model
    on the same rows. A cosine schedule has all but stopped the weights by the last epoch, so that little else
    differs.
    """
    print(f"{regime.capitalize()}:\n\n| batch size | noise in training, with | without "
          "| training rows' loss, with | without | gap, with | without "
          "| gap smaller by, 95 % interval | validation accuracy, with | without |\n"
          "|---|---|---|---|---|---|---|---|---|---|")
    noise, gains, first, last = [], [], None, None
    for batch in BATCHES:
        noisy, gap, fit = {}, {}, {}
        for norm in NORMS:
            trials = runs[batch, norm]
            # All rows are half training and half validation rows.
            trained = [2 * metric(t, "test_loss") - metric(t, "validation_loss") for t in trials]
            fit[norm] = statistics.fmean(trained)
            noisy[norm] = [metric(t, "train_loss") - loss for t, loss in zip(trials, trained)]
            gap[norm] = [metric(t, "validation_loss") - loss for t, loss in zip(trials, trained)]
        gain = [b - a for a, b in zip(gap[True], gap[False])]
        low, high = interval(gain, statistics.fmean)
        means = [statistics.fmean(side) for side in (noisy[True], noisy[False], gap[True], gap[False], gain)]
        noise.append((math.log2(batch), means[0], *interval(noisy[True], statistics.fmean)))
        gains.append((math.log2(batch), means[4], low, high))
        print(f"| {batch} | {means[0]:.4f} | {means[1]:.4f} | {fit[True]:.4f} | {fit[False]:.4f} "
              f"| {means[2]:.3f} | {means[3]:.3f} | {signed(means[4], low, high, 3)} "
              f"| {statistics.fmean(map(validation, runs[batch, True])):.4f} "
              f"| {statistics.fmean(map(validation, runs[batch, False])):.4f} |")
        first, last = first or (noisy[True], gain), (noisy[True], gain)
    for place, what in enumerate(("noise", "what the gap is smaller by")):
        fall = Difference(first[place], last[place])
        print(f"\n{what}, batch of {BATCHES[0]} less batch of {BATCHES[-1]}: mean {fall.mean()}, "
              f"{fall.wins} of {fall.count} seeds: {fall.verdict()}")
    print()
    return noise, gains


def covariate_shift(coordinator, seeds, folder, scratch):
    print("\n## 7 Batch norm makes a model sturdier under covariate shift\n")
    header, rows = letters.rows_of_letters()
    held_out, rest = rows[:2000], rows[2000:9000]
    letters.write(scratch / "rest.csv", header, rest)
    coordinator.import_data("rest", scratch / "rest.csv", "Letter")
    shifts = [("none", 0)] + [("offset", s) for s in letters.OFFSETS] + [("scale", s) for s in letters.SCALES]
    letters.write(scratch / "shifted.csv", header,
                  [row for kind, amount in shifts for row in letters.shifted(held_out, kind, amount)])
    classes = [row[0] for row in held_out]
    print("| shift | accuracy without | with batch norm | lost by the shift, without | with "
          "| with batch norm less is lost by: median | mean, 95 % interval | wins | verdict |\n"
          "|---|---|---|---|---|---|---|---|---|")
    accuracy = {norm: shifted_accuracies(coordinator, seeds, norm, classes, scratch / "shifted.csv")
                for norm in NORMS}
    for i, (kind, amount) in enumerate(shifts):
        ours, theirs = ([model[i] for model in accuracy[norm]] for norm in NORMS)
        name = {"none": "none", "offset": f"offset {amount} sd", "scale": f"scale {amount}"}[kind]
        row = f"| {name} | {statistics.median(theirs):.4f} | {statistics.median(ours):.4f} "
        if kind == "none":
            print(row + "| | | | | | |")
            continue
        lost = {norm: [model[0] - model[i] for model in accuracy[norm]] for norm in NORMS}
        saved = Difference(lost[False], lost[True])
        print(row + f"| {statistics.median(lost[False]):.4f} | {statistics.median(lost[True]):.4f} "
              f"| {saved.median()} | {saved.mean()} | {saved.wins} of {seeds} | {saved.verdict()} |")
    draw_shifts(folder, [(kind, amount, {norm: statistics.median(model[i] for model in accuracy[norm])
                                         for norm in NORMS}) for i, (kind, amount) in enumerate(shifts)])


def draw_shifts(folder, medians):
    """`medians` are (kind, amount, accuracy with and without batch norm)."""
    places = ticks([0.2, 0.4, 0.6, 0.8, 1])
    plots = {"offset": Plot("Every feature offset", (0, 1), (0.2, 1), "offset, standard deviations",
                            "accuracy on held-out rows", ticks([0, 0.25, 0.5, 0.75, 1]), places),
             "scale": Plot("Every feature stretched about its mean", (1, 2), (0.2, 1), "factor",
                           "accuracy on held-out rows", ticks([1, 1.25, 1.5, 1.75, 2]), places)}
    for kind, plot in plots.items():
        for norm in NORMS:
            none = 0 if kind == "offset" else 1
            plot.line([(none if name == "none" else amount, accuracy[norm])
                       for name, amount, accuracy in medians if name in ("none", kind)],
                      0 if norm else 1, NAMES[norm])
        plot.save(folder / f"covariate_{kind}.svg", "left bottom")


def shifted_accuracies(coordinator, seeds, norm, classes, path):
    """For each seed the model's accuracy under each shift, at the learning rate that is best without any."""
    rates = (0.001, 0.003, 0.01)
    jobs = [coordinator.submit(same_point("rest", seeds, 15, optimizer="adam", learning_rate=rate,
                                          batch_size=64, hidden_layers=2, batch_norm=norm))
            for rate in rates]
    runs = [coordinator.finish(number) for number in jobs]
    means = [statistics.fmean(map(validation, trials)) for trials in runs]
    number = jobs[means.index(max(means))]
    models = []
    for trial in range(1, seeds + 1):
        found = coordinator.predictions(number, trial, path)
        models.append([statistics.fmean(a == b for a, b in zip(found[i:i + len(classes)], classes))
                       for i in range(0, len(found), len(classes))])
    return models
