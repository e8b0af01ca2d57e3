#!/usr/bin/python3
"""Training steps in PyTorch, on request: bench_trainer_step's peer.

Reads lines from standard input and answers each with one line:
  {"features": 64, "hidden": [64, 64], "classes": 10, "batch": 32, "batch_norm": true,
   "activation": "relu", "dropout": 0.0, "optimizer": "adam"}   makes this network; answers "ok"
  STEPS    takes so many steps; answers the seconds of processor time of one
The first line out names the version. A step gathers its mini-batch by index, as ours does.
"""
import json
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("PyTorch is missing: apt-get install --no-install-recommends python3-torch")

BATCHES = 16
ACTIVATIONS = {
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
}
OPTIMIZERS = {
    "gradient_descent": lambda p: torch.optim.SGD(p, lr=1e-3),
    "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, dampening=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1e-3),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3),
}


class Training:
    def __init__(self, spec):
        layers, inputs = [], spec["features"]
        for units in spec["hidden"]:
            layers.append(torch.nn.Linear(inputs, units, bias=not spec["batch_norm"]))
            if spec["batch_norm"]:
                layers.append(torch.nn.BatchNorm1d(units))
            layers.append(ACTIVATIONS[spec["activation"]]())
            if spec["dropout"] > 0:
                layers.append(torch.nn.Dropout(spec["dropout"]))
            inputs = units
        layers.append(torch.nn.Linear(inputs, spec["classes"]))
        self.model = torch.nn.Sequential(*layers).train()
        self.loss = torch.nn.CrossEntropyLoss()
        self.optimizer = OPTIMIZERS[spec["optimizer"]](self.model.parameters())
        self.batch = spec["batch"]
        rows = self.batch * BATCHES
        self.x = torch.randn(rows, spec["features"])
        self.y = torch.randint(spec["classes"], (rows,))
        self.order = torch.randperm(rows)
        self.next = 0

    def step(self):
        first = self.next * self.batch
        self.next = (self.next + 1) % BATCHES
        rows = self.order[first : first + self.batch]
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.model(self.x[rows]), self.y[rows]).backward()
        self.optimizer.step()

    def seconds_of_a_step(self, steps):
        start = time.thread_time()
        for _ in range(steps):
            self.step()
        return (time.thread_time() - start) / steps


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    print(f"PyTorch {torch.__version__}", flush=True)
    training = None
    for line in sys.stdin:
        if line.startswith("{"):
            training = Training(json.loads(line))
            print("ok", flush=True)
        else:
            print(training.seconds_of_a_step(int(line)), flush=True)


if __name__ == "__main__":
    main()
