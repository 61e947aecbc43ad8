"""Hidden units that are copies of one another: no step can tell them apart."""

from __future__ import annotations

from typing import List, Tuple

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.shape import Layer, Shape


def hidden_units(shape: Shape, start: Vector, end: Vector) -> List[List[int]]:
    """[layer, width, different units at the start, at the end] of each hidden layer of two units and more."""
    found = []
    for number, (layer, following) in enumerate(zip(shape.layers, shape.layers[1:]), start=1):
        if layer.fan_out > 1:
            counts = [len(set(_units(layer, following, w))) for w in (start, end)]
            found.append([number, layer.fan_out, *counts])
    return found


def _units(layer: Layer, following: Layer, w: Vector) -> List[Tuple[float, ...]]:
    """Each unit's incoming weights, its bias, and its outgoing weights."""
    return [
        (
            *(w[i] for i in layer.weights[k * layer.fan_in : (k + 1) * layer.fan_in]),
            w[layer.biases[k]],
            *(w[following.weights[m * following.fan_in + k]] for m in range(following.fan_out)),
        )
        for k in range(layer.fan_out)
    ]
