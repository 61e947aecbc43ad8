"""Shapes and starts that the tests of initializers share."""

import json
import math
from pathlib import Path
from random import Random

import numpy as np
from scipy import stats

from gdbench.descent.initializers import (
    INITIALIZERS,
)
from gdbench.descent.problems.shape import Shape, dense
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Entry, find

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "initializers.json").read_text())
SIZE = 20000
#: A correct initializer fails a test at this level once in a million seeds; the seeds are fixed.
LEVEL = 1e-6

#: The least that a config must give for each initializer.
REQUIRED = {"constant": {"value": 0.5}, "values": {"given": [0.5] * 35}, "sparse": {"sparsity": 0.5}}

TABLE = Table([(float(i), float(i * i % 7), 1.0, float(i % 2)) for i in range(12)], features=3)
#: A network of 3 inputs, 4 hidden units and 1 output, whose parameters are followed by three more weights.
NETWORK = Shape(24, (dense(3, 4), dense(4, 1, 16)), TABLE, "identity", ((1.5,) * 24,))


def drawn(entry: Entry, shape: Shape, random: Random) -> list[float]:
    given = REQUIRED.get(entry.name, {})
    if entry.name == "values":
        given = {"given": given["given"][: shape.size]}
    return entry.function(shape, random, **entry.resolve(given))


def start(choice: dict, shape: Shape, seed: int = 0) -> list[float]:
    """As a run begins: the parameters are read and checked first."""
    entry, parameters = find(INITIALIZERS, choice)
    return entry.function(shape, Random(seed), **parameters)


def matrix(w: list[float], layer) -> np.ndarray:
    return np.array([w[i] for i in layer.weights]).reshape(layer.fan_out, layer.fan_in)


def check_deviation(sample: list[float], mean: float, std: float) -> None:
    """Of a normal sample."""
    size = len(sample)
    centre = math.fsum(sample) / size
    assert abs(centre - mean) < stats.norm.isf(LEVEL / 2) * std / math.sqrt(size)
    low, high = stats.chi2.interval(1 - LEVEL, size - 1)
    assert low < math.fsum((v - centre) ** 2 for v in sample) / std**2 < high
