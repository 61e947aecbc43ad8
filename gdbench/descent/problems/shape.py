"""How a model's parameters lie in one vector: its layers, with their weights and biases."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence, Tuple

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


def rows_of(fan_in: int, fan_out: int, *, bias: bool = True) -> Layer:
    """For each output its weights and then its bias, if there is one, output after output."""
    width = fan_in + 1 if bias else fan_in
    rows = [range(k * width, k * width + fan_in) for k in range(fan_out)]
    weights = tuple(i for row in rows for i in row)
    return Layer(fan_in, fan_out, weights, tuple(row.stop for row in rows if bias))


class ParameterName(NamedTuple):
    """What a parameter is called.

    term: what it multiplies, such as a feature; "" of a bias.  output: the class or unit whose score it is part
    of; "" where there is one only.  layer: from 1 on where there are several, else 0.
    """

    term: str
    output: str = ""
    layer: int = 0

    @property
    def text(self) -> str:
        """'area', 'bias', 'setosa: area', 'layer 1, unit 2 ← area'."""
        place = [f"layer {self.layer}"] if self.layer else []
        place += [self.output] if self.output else []
        sign = " ←" if self.layer else ":"
        return f"{', '.join(place)}{sign} {self.term or BIAS}" if place else self.term or BIAS


BIAS = "bias"


def names_of_layers(
    layers: Sequence[Layer], terms: Sequence[str], outputs: Sequence[str]
) -> List[ParameterName]:
    """The names of all parameters, in their places. terms: what the first layer's weights multiply.

    outputs: names of the scores; of a single one it is left out.
    """
    size = sum(len(layer.weights) + len(layer.biases) for layer in layers)
    names, several = [ParameterName("")] * size, len(layers) > 1
    for number, layer in enumerate(layers, start=1):
        last = number == len(layers)
        made = outputs if last and len(outputs) > 1 else [""] if last else _units(layer.fan_out)
        depth = number if several else 0
        for k, output in enumerate(made):
            for i, term in enumerate(terms):
                names[layer.weights[k * layer.fan_in + i]] = ParameterName(term, output, depth)
            for place in layer.biases[k : k + 1]:
                names[place] = ParameterName("", output, depth)
        terms = _units(layer.fan_out)
    return names


def _units(width: int) -> List[str]:
    return [f"unit {k}" for k in range(1, width + 1)]
