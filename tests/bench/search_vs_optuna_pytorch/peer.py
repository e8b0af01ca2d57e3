#!/usr/bin/env python3
"""The peer: Optuna with SQLite storage and several processes, each driving PyTorch on one thread.

  peer.py --data DATA.npz --points POINTS.json --epochs 5 --processes 2

Trains the given points and prints, as JSON, what each reached: best validation accuracy, and the
test accuracy of the weights at that epoch. Written as a careful user would: data in memory as
tensors, batches by index (no DataLoader, which is several times slower on such data), whole-set
evaluation, one thread a process.
"""
import argparse
import copy
import json
import multiprocessing
import os
import sys
import tempfile


def make_network(torch, point, features, classes):
    layers = []
    width = features
    for _ in range(point["hidden_layers"]):
        dense = torch.nn.Linear(width, point["hidden_units"], bias=False)
        torch.nn.init.kaiming_normal_(dense.weight, nonlinearity="relu")
        layers += [dense, torch.nn.BatchNorm1d(point["hidden_units"], eps=1e-8, momentum=0.1),
                   torch.nn.ReLU()]
        if point["dropout"] > 0:
            layers.append(torch.nn.Dropout(point["dropout"]))
        width = point["hidden_units"]
    last = torch.nn.Linear(width, classes)
    torch.nn.init.kaiming_normal_(last.weight, nonlinearity="relu")
    torch.nn.init.zeros_(last.bias)
    return torch.nn.Sequential(*layers, last)


def batches_of(torch, rows, size):
    """Shuffled; a last one that is too small for its statistics joins the one before."""
    batches = list(torch.randperm(rows).split(size))
    if len(batches) > 1 and len(batches[-1]) < max(2, size // 4):
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches


def accuracy(torch, network, x, labels):
    network.eval()
    with torch.no_grad():
        return (network(x).argmax(1) == labels).float().mean().item()


def train(torch, point, epochs, data):
    classes = int(data["train_labels"].max()) + 1
    network = make_network(torch, point, data["train_x"].shape[1], classes)
    optimizer = torch.optim.Adam(network.parameters(), lr=point["learning_rate"],
                                 betas=(0.9, point["beta2"]), eps=1e-8)
    loss_of = torch.nn.CrossEntropyLoss()
    best, best_weights = -1.0, None
    for _ in range(epochs):
        network.train()
        for rows in batches_of(torch, len(data["train_x"]), point["batch_size"]):
            optimizer.zero_grad(set_to_none=True)
            loss_of(network(data["train_x"][rows]), data["train_labels"][rows]).backward()
            optimizer.step()
        value = accuracy(torch, network, data["validation_x"], data["validation_labels"])
        if value > best:
            best, best_weights = value, copy.deepcopy(network.state_dict())
    network.load_state_dict(best_weights)
    return best, accuracy(torch, network, data["test_x"], data["test_labels"])


def work(storage, flags, index):
    import numpy
    import optuna
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(index)
    arrays = numpy.load(flags.data)
    data = {name: torch.from_numpy(arrays[name].astype("int64" if "labels" in name else "float32"))
            for name in arrays.files}
    points = json.load(open(flags.points))

    def objective(trial):
        point = points[trial.suggest_categorical("point", list(range(len(points))))]
        value, test = train(torch, point, flags.epochs, data)
        trial.set_user_attr("test_accuracy", test)
        return value

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(study_name="peer", storage=storage)
    callback = optuna.study.MaxTrialsCallback(
        len(points), states=(optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.RUNNING))
    waiting = (optuna.trial.TrialState.WAITING,)
    while study.get_trials(deepcopy=False, states=waiting):
        study.optimize(objective, n_trials=1, callbacks=[callback])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--points", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--processes", type=int, default=2)
    flags = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as scratch:
        storage = f"sqlite:///{scratch}/study.db"
        study = optuna.create_study(study_name="peer", storage=storage, direction="maximize")
        for index in range(len(json.load(open(flags.points)))):
            study.enqueue_trial({"point": index})
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=work, args=(storage, flags, i))
                     for i in range(flags.processes)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        if any(process.exitcode != 0 for process in processes):
            sys.exit("a process of the peer failed, so its time would mean nothing")
        trials = [t for t in study.get_trials() if t.state == optuna.trial.TrialState.COMPLETE]
        trials.sort(key=lambda t: -t.value)
        print(json.dumps([{"point": t.params["point"], "value": t.value,
                           "test": t.user_attrs["test_accuracy"]} for t in trials]))


if __name__ == "__main__":
    main()
