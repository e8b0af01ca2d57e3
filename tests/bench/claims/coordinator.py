"""A coordinator with two workers for a benchmark: data sets, jobs and their trials by `caviar`'s commands."""
import csv
import io
import json
import pathlib
import subprocess
import sys

FLAWED = 0.0  # accuracy of a trial without a value: its loss was not finite, so it knows nothing
UNREACHABLE = 4  # caviar's exit code
ATTEMPTS = 10


class Coordinator:
    """`caviar up` in a folder; leaves with its `with` block."""

    def __init__(self, caviar, folder, workers):
        self._caviar = str(caviar)
        self._folder = pathlib.Path(folder)
        self._up = subprocess.Popen(
            [self._caviar, "up", "--workers", str(workers), "--listen", "127.0.0.1:0", "--dir",
             str(self._folder / "up")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        words = self._up.stdout.readline().split()
        if words[:4] != ["caviar", "is", "up", "at"]:
            sys.exit(f"caviar up did not start: {' '.join(words)}")
        self._server = words[4]
        self.trials_made = 0
        self.epochs_made = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._up.terminate()
        self._up.wait()

    def _ask(self, *words):
        return self._tell(*words, "--output", "json")

    def _tell(self, *words, stdin=None):
        """What a command prints. Again, where a busy machine kept the coordinator from answering in time: a job
        that this submits twice costs time and changes no figure."""
        words = [self._caviar, *map(str, words), "--server", self._server]
        for _ in range(ATTEMPTS):
            run = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 check=False)
            if run.returncode != UNREACHABLE:
                break
        return _output(run)

    def import_data(self, name, path, target, *flags):
        """`target` is None where the labels are a file of their own."""
        of_target = [] if target is None else ["--target", target]
        self._tell("dataset", "import", "--data", path, *of_target, "--name", name, *flags)

    def submit(self, job):
        """Starts a job, a dict that is its job file; its id."""
        return json.loads(self._tell("submit", "-", "--output", "json", stdin=json.dumps(job)))["id"]

    def finish(self, job):
        """Waits for a job to end; its trials by number."""
        self._ask("watch", job)
        trials = json.loads(self._ask("trials", job))["trials"]
        trials.sort(key=lambda trial: trial["number"])
        self.trials_made += len(trials)
        self.epochs_made += sum(trial["epochs"] for trial in trials)
        return trials

    def add(self, job, point):
        """Adds a trial to a job that waits for points; its number."""
        return json.loads(self._ask("add", job, "--point", json.dumps(point)))["trials"][0]["number"]

    def ended_trials(self, job):
        """Each trial of a job as it ends, until the job does."""
        words = [self._caviar, "watch", str(job), "--server", self._server, "--output", "json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as watch:
            for line in watch.stdout:
                trial = json.loads(line).get("trial", {"state": "PENDING"})
                if trial["state"] not in ("PENDING", "RUNNING", "PAUSED"):
                    yield trial

    def run_all(self, jobs):
        """Trials of each job, in order. All jobs share the slots, so none of these may depend on what runs
        beside it."""
        return [self.finish(job) for job in [self.submit(job) for job in jobs]]

    def curve(self, job, trial):
        """Validation accuracy after each epoch."""
        rows = json.loads(self._ask("curve", job, trial))["measurements"]
        return [row["metrics"].get("validation_accuracy", FLAWED) for row in rows]

    def importance(self, job, method):
        """Hyperparameter -> share, the greatest first."""
        answer = json.loads(self._ask("importance", job, "--method", method))
        return {entry["name"]: entry["importance"] for entry in answer["parameters"]}

    def predictions(self, job, trial, rows):
        """Classes that a trial's model gives to the rows of a file."""
        model = self._folder / "model.safetensors"
        self._tell("model", job, "--trial", trial, "--output-file", model)
        words = [self._caviar, "predict", "--model", model, "--data", rows, "--output", "csv"]
        text = _output(subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                      check=False))
        return [row["class"] for row in csv.DictReader(io.StringIO(text))]


def _output(run):
    if run.returncode != 0:
        sys.exit(f"{' '.join(map(str, run.args))} ended with {run.returncode}: {run.stderr[-2000:]}")
    return run.stdout


def metric(trial, name):
    """A metric at the trial's best epoch."""
    return trial.get("metrics", {}).get(name, FLAWED)


def validation(trial):
    return metric(trial, "validation_accuracy")


def tested_best(trials):
    """Test accuracy of the trial that is best on the validation part: what a search is worth."""
    return metric(max(trials, key=validation), "test_accuracy")
