"""Letter Recognition as files for the claims: as it is, and with a shifted held-out part."""
import gzip
import pathlib
import random
import statistics

LETTERS = pathlib.Path(__file__).resolve().parents[3] / "tests/data/letter-recognition.csv.gz"
PATTERNS = 5
OFFSETS = [0.25, 0.5, 0.75, 1.0]   # standard deviations
SCALES = [1.25, 1.5, 1.75, 2.0]    # times


def rows_of_letters():
    """Header, then rows of 17 texts, shuffled always the same way."""
    with gzip.open(LETTERS, "rt") as file:
        rows = [line.strip().split(",") for line in file]
    header, rows = rows[0], rows[1:]
    random.Random(1).shuffle(rows)
    return header, rows


def write(path, header, rows):
    path.write_text("".join(",".join(row) + "\n" for row in [header] + rows))


def shifted(rows, kind, amount):
    """Each feature moved by `amount` standard deviations, up or down as one of five patterns of signs says, or
    stretched about its mean."""
    columns = list(zip(*[map(float, row[1:]) for row in rows]))
    means = [statistics.fmean(column) for column in columns]
    deviations = [statistics.pstdev(column) for column in columns]
    draw = random.Random(2)
    signs = [[draw.choice((-1, 1)) for _ in columns] for _ in range(PATTERNS)]
    moved = []
    for i, row in enumerate(rows):
        values = [float(text) for text in row[1:]]
        if kind == "offset":
            values = [x + amount * sign * deviation
                      for x, sign, deviation in zip(values, signs[i % PATTERNS], deviations)]
        elif kind == "scale":
            values = [mean + amount * (x - mean) for x, mean in zip(values, means)]
        moved.append([row[0]] + [f"{x:.5f}" for x in values])
    return moved
