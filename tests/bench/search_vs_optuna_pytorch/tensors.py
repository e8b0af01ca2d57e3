"""Reads the prepared tensors of a Caviar data set: a file in the safetensors layout."""
import json
import pathlib
import struct

import numpy

DTYPES = {"F32": numpy.float32, "I32": numpy.int32}


def read_tensors(path):
    """Name -> array for every tensor of the file, or None when it is not a prepared data set."""
    content = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    if "caviar.preprocessing" not in header.pop("__metadata__", {}) or "train_x" not in header:
        return None
    arrays = {}
    for name, place in header.items():
        begin, end = (8 + length + offset for offset in place["data_offsets"])
        arrays[name] = numpy.frombuffer(
            content[begin:end], DTYPES[place["dtype"]]).reshape(place["shape"])
    return arrays


def dataset_of_run(directory):
    """The prepared data set among the artifacts of `caviar run --dir DIRECTORY`."""
    for path in sorted(pathlib.Path(directory).glob("artifacts/*/*")):
        arrays = read_tensors(path) if path.is_file() else None
        if arrays is not None:
            return arrays
    raise SystemExit(f"no prepared data set under {directory}/artifacts")
