"""A starting point that the data suggest: predict the mean, or begin at a least-squares fit."""

from __future__ import annotations

import math
from random import Random
from typing import Callable, Dict, List, NamedTuple

from gdbench.descent.domains import boolean
from gdbench.descent.errors import BadPairing
from gdbench.descent.initializers.room import LAYERS, initializer, layers_of
from gdbench.descent.numerics.householder import factor
from gdbench.descent.numerics.householder import least_squares as solve
from gdbench.descent.problems.shape import Layer, Shape
from gdbench.descent.problems.table import Table

_FACTS: Dict[str, bool] = {**LAYERS, "data": True}


class Link(NamedTuple):
    """g takes a mean of the targets to a score; slope is g′; both where low < mean < high."""

    g: Callable[[float], float]
    slope: Callable[[float], float]
    low: float = -math.inf
    high: float = math.inf


_LOG = Link(math.log, lambda m: 1.0 / m, low=0.0)
_LINKS: Dict[str, Link] = {
    "identity": Link(lambda m: m, lambda m: 1.0),
    "log": _LOG,
    "logit": Link(lambda m: math.log(m / (1.0 - m)), lambda m: 1.0 / (m * (1.0 - m)), low=0.0, high=1.0),
    "softmax": _LOG._replace(high=1.0),  # of each class's share; scores count up to a common constant
}


@initializer("from_data", facts=_FACTS, least_squares=boolean)
def from_data(shape: Shape, random: Random, *, least_squares: bool = False) -> List[float]:
    """Weights 0, and the last biases g(ȳ): the best constant prediction; or a least-squares fit.

    g: the link: ȳ itself for regression, log(ȳ / (1 − ȳ)) for two classes, log ȳ for counts, the log of
    each class's share for softmax.  Without biases all is 0.  Of an mlp all other parameters are 0, and
    hidden layers of zeros never learn: use it for models of one layer.
    least_squares: for models of one layer, the first step of Fisher scoring from there: the weights are
    g′(ȳ) times those of ordinary least squares; for regression that is the least-squares fit itself.
    """
    layer, link = layers_of(shape, "from_data")[-1], _LINKS.get(shape.link)
    if shape.table is None or link is None:
        raise BadPairing(
            "initializer 'from_data' needs data and a cost with a score for the mean of the targets, as mse, "
            "logistic, softmax and poisson have. Choose another initializer, such as zeros."
        )
    targets = _targets(shape.table, layer, shape.link)
    means = [_mean(y, link) for y in targets]
    w = [0.0] * shape.size
    for position, mean in zip(layer.biases, means):
        w[position] = link.g(mean)
    if least_squares:
        _check_single(shape, layer)
        _add_fit(w, shape.table, layer, targets, link, means)
    return w


def _targets(table: Table, layer: Layer, link: str) -> List[List[float]]:
    """For each output the column that it is to predict; of class numbers, 1 where it is the output's own."""
    columns = [[row[table.features + t] for row in table.rows] for t in range(table.targets)]
    if link == "softmax" and table.targets == 1:
        return [[1.0 if y == k else 0.0 for y in columns[0]] for k in range(layer.fan_out)]
    if len(columns) != layer.fan_out:
        raise BadPairing(
            f"initializer 'from_data' cannot match {layer.fan_out} outputs with {len(columns)} targets."
        )
    return columns


def _mean(y: List[float], link: Link) -> float:
    mean = math.fsum(y) / len(y)
    if not link.low < mean < link.high:
        raise BadPairing(
            f"initializer 'from_data' finds a target (or class) with the mean {mean:g}, which no finite score "
            "predicts. Choose another initializer, such as zeros."
        )
    return mean


def _check_single(shape: Shape, layer: Layer) -> None:
    if len(shape.layers) > 1 or shape.table is None or layer.fan_in != shape.table.features:
        raise BadPairing(
            "initializer 'from_data' can fit by least squares only a model of one layer on the features "
            "themselves. Leave out 'least_squares', or choose a linear model."
        )


def _add_fit(
    w: List[float],
    table: Table,
    layer: Layer,
    targets: List[List[float]],
    link: Link,
    means: List[float],
) -> None:
    """Add g′(ȳ) · argmin ‖[1 X] c − (y − ȳ)‖ to each output's bias and weights.

    Without biases g(ȳ) is not among the scores yet: argmin ‖X c − (y − ȳ + g(ȳ) / g′(ȳ))‖.
    """
    # ones first, so that of constant features none takes their place
    ones = [[1.0] * len(table.rows)] if layer.biases else []
    columns = [*ones, *([row[j] for row in table.rows] for j in range(table.features))]
    qr, width = factor(columns), layer.fan_in
    for k, (y, mean) in enumerate(zip(targets, means)):
        slope = link.slope(mean)
        missing = mean - (0.0 if layer.biases else link.g(mean) / slope)
        found = solve(qr, len(columns), [y_i - missing for y_i in y])
        for position, bias in zip(layer.biases[k : k + 1], found):
            w[position] += slope * bias
        for position, weight in zip(layer.weights[k * width : (k + 1) * width], found[len(ones) :]):
            w[position] = slope * weight
