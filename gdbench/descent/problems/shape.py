"""How a model's parameters lie in one vector: its layers, with their weights and biases."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from gdbench.descent.problems.table import Table


class Layer(NamedTuple):
    """A map from `fan_in` to `fan_out` numbers.

    weights: positions in the parameter vector, row by row (fan_out rows of fan_in).  biases: likewise.
    """

    fan_in: int
    fan_out: int
    weights: Tuple[int, ...]
    biases: Tuple[int, ...]


class Shape(NamedTuple):
    """A model's parameters for one problem.

    size: p, how many there are.  layers: from the input on; empty for formulas and surfaces.
    table, link: what initializers that look at data need: the data, and the function that takes a mean
    of the targets to a score ("identity", "log", "logit", "softmax"; "" where there is none).
    starts: the problem's own starting points, of a surface or of a certified data set.
    """

    size: int
    layers: Tuple[Layer, ...] = ()
    table: Optional[Table] = None
    link: str = ""
    starts: Tuple[Tuple[float, ...], ...] = ()


def dense(fan_in: int, fan_out: int, start: int = 0) -> Layer:
    """All weights row by row, then all biases."""
    end = start + fan_in * fan_out
    return Layer(fan_in, fan_out, tuple(range(start, end)), tuple(range(end, end + fan_out)))


def rows_with_bias(fan_in: int, fan_out: int) -> Layer:
    """For each output its weights and then its bias, output after output."""
    width = fan_in + 1
    rows = [range(k * width, k * width + fan_in) for k in range(fan_out)]
    weights = tuple(i for row in rows for i in row)
    return Layer(fan_in, fan_out, weights, tuple(row.stop for row in rows))
