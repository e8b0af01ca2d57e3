#!/usr/bin/env python3
"""Our samplers against Optuna's at equal evaluations, on two real tasks: Letter Recognition and DNA.

Both sides search the same space of a small network, conditional and wide, one trial at a time, and
Caviar trains the points of both: its own samplers run as jobs, and Optuna's points come by `caviar
add` to jobs whose sampler is `external`. So seeds, epochs, data and evaluations are the same, and
only who chooses the points differs. Everything counts trials and epochs; nothing depends on how
fast or busy the machine is, but for points of gp: they are thought of ahead, so that one may not
know of the trial before it yet.

Prints, for each task, the median of the best validation accuracies after so many trials with its
95 % interval (from the order statistics, so without an assumption about their distribution); then
whether tpe overlaps or beats Optuna's TPEs, cmaes its CMA-ES, and the others the best of all
three, and how often a search of ours finds more than one of theirs.

  tests/bench/real_tasks_vs_optuna.py --datasets DIR      DIR/uci has DNA.csv.gz
  tests/bench/real_tasks_vs_optuna.py --only letter --seeds 21 --trials 60

Needs Debian's python3-optuna, and the programs in build/release/bin.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import tempfile
import warnings

import optuna

from claims.coordinator import FLAWED, Coordinator
from samplers_vs_optuna import PEERS, TOP, median_interval

# As somebody would who does not know yet where good values lie.
SPACE = {
    "learning_rate": {"log": [1e-4, 1.0]},
    "optimizer": {"choice": ["momentum", "rmsprop", "adam"]},
    "momentum": {"log_complement": [0.5, 0.999], "when": {"optimizer": ["momentum"]}},
    "beta2": {"log_complement": [0.9, 0.9999], "when": {"optimizer": ["rmsprop", "adam"]}},
    "hidden_layers": {"int": [1, 3]},
    "hidden_units": {"int_log": [16, 128]},
    "batch_size": {"values": [32, 64, 128, 256]},
    "dropout": {"uniform": [0.0, 0.5]},
}
OURS = ["random", "zoom", "tpe", "gp", "cmaes", "auto"]
PEERS_OF = {"tpe": [p for p in PEERS if "TPE" in p], "cmaes": ["Optuna CMA-ES"]}

# Searches of Optuna's that are under way at once: enough for two workers, as most of one's time
# goes into the start of a process a trial.
ASKING = 8


def suggest(trial):
    """A point of SPACE by Optuna. It has no scale for 1 - x; its user searches that on a log scale."""
    point = {}
    for name, domain in SPACE.items():
        if any(point[parent] not in values for parent, values in domain.get("when", {}).items()):
            continue
        kind = next(iter(domain))
        places = domain[kind]
        if kind == "choice":
            point[name] = trial.suggest_categorical(name, places)
        elif kind == "values":
            point[name] = places[trial.suggest_int(name + "_index", 0, len(places) - 1)]
        elif kind in ("int", "int_log"):
            point[name] = trial.suggest_int(name, *places, log=kind == "int_log")
        elif kind == "log_complement":
            low, high = places
            complement = trial.suggest_float("one_minus_" + name, 1 - high, 1 - low, log=True)
            point[name] = min(max(1 - complement, low), high)
        else:
            point[name] = trial.suggest_float(name, *places, log=kind == "log")
    return point


def job(task, seed, sampler, flags):
    return {"name": f"{task}-{sampler}", "dataset": task, "seed": seed, "sampler": sampler,
            "budget": {"trials": flags.trials, "epochs": flags.epochs}, "space": SPACE,
            "max_parallel_trials": 1}


def value_of(trial):
    return trial.get("value", FLAWED)


def peer_search(coordinator, peer, external, seed):
    """Values of an external job's trials, in order, with points by a sampler of Optuna's."""
    study = optuna.create_study(direction="maximize", sampler=PEERS[peer](seed))
    values = []
    asked = study.ask()
    number = coordinator.add(external["id"], suggest(asked))
    for trial in coordinator.ended_trials(external["id"]):
        if trial["number"] != number:
            continue  # told already
        values.append(value_of(trial))
        study.tell(asked, values[-1])
        if len(values) < external["trials"]:
            asked = study.ask()
            number = coordinator.add(external["id"], suggest(asked))
    if len(values) != external["trials"]:
        sys.exit(f"the watch of job {external['id']} ended after {len(values)} trials")
    return values


def search_all(coordinator, task, flags):
    """Sampler -> values of the trials in order, a list a seed."""
    seeds = range(1, flags.seeds + 1)
    keys = [(sampler, seed) for sampler in OURS for seed in seeds]
    runs = coordinator.run_all([job(task, seed, sampler, flags) for sampler, seed in keys])
    found = {sampler: [] for sampler in [*OURS, *PEERS]}
    for (sampler, _), trials in zip(keys, runs):
        found[sampler].append([value_of(trial) for trial in trials])

    def ask(key):
        peer, seed = key
        external = coordinator.submit(job(task, seed, "external", flags))
        return peer_search(coordinator, peer, {"id": external, "trials": flags.trials}, seed)

    keys = [(peer, seed) for peer in PEERS for seed in seeds]
    with concurrent.futures.ThreadPoolExecutor(ASKING) as pool:
        for (peer, _), values in zip(keys, pool.map(ask, keys)):
            found[peer].append(values)
    return found


def interval_text(values):
    return "{:.4f} ({:.4f} to {:.4f})".format(*median_interval(values))


def verdict(ours, theirs):
    """By the intervals of the medians; more is better."""
    (_, low, high), (_, their_low, their_high) = median_interval(ours), median_interval(theirs)
    return "better" if low > their_high else "worse" if high < their_low else "overlap"


def chance_of_more(ours, theirs):
    """That a search of ours finds more than one of theirs; a tie is half of that."""
    wins = sum((a > b) + (a == b) / 2 for a in ours for b in theirs)
    return wins / (len(ours) * len(theirs))


def print_table(task, found, flags):
    stages = sorted({max(1, flags.trials // 3), max(1, flags.trials * 2 // 3), flags.trials})
    best = {name: [[max(run[:n]) for run in runs] for n in stages] for name, runs in found.items()}
    print(f"\n| {task} | " + " | ".join(f"best of {n}" for n in stages)
          + f" | peer | after {flags.trials} against it | finds more |")
    print("|---" * (len(stages) + 4) + "|")
    for name, columns in best.items():
        cells = [name] + [interval_text(values) for values in columns]
        if name in OURS:
            peer = max(PEERS_OF.get(name, PEERS), key=lambda p: median_interval(best[p][-1])[0])
            pair = columns[-1], best[peer][-1]
            cells += [peer.removeprefix("Optuna "), verdict(*pair), f"{chance_of_more(*pair):.0%}"]
        else:
            cells += ["", "", ""]
        print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=pathlib.Path, default=os.environ.get("CAVIAR_DATASETS"))
    parser.add_argument("--only", choices=["letter", "dna"])
    parser.add_argument("--seeds", type=int, default=41)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--caviar", type=pathlib.Path, default=TOP / "build/release/bin/caviar")
    flags = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")

    tasks = [flags.only] if flags.only else ["letter", "dna"]
    if "dna" in tasks and flags.datasets is None:
        sys.exit("DNA is looked for in --datasets or CAVIAR_DATASETS; or take --only letter")
    print(f"Best validation accuracy after so many trials of {flags.epochs} epochs, one at a time: "
          f"median of {flags.seeds} seeds (95 % interval of the median). "
          f"Optuna {optuna.__version__}.")
    with tempfile.TemporaryDirectory() as folder, Coordinator(flags.caviar, folder, workers=2) as up:
        for task in tasks:
            # As many validation rows as training rows: few would make the best of many trials luck.
            if task == "letter":
                up.import_data(task, TOP / "tests/data/letter-recognition.csv.gz", "Letter",
                               "--split", "0.25,0.25,0.5")
            else:
                up.import_data(task, flags.datasets / "uci/DNA.csv.gz", "Class",
                               "--split", "0.5,0.5,0")
            print_table(task, search_all(up, task, flags), flags)


if __name__ == "__main__":
    main()
