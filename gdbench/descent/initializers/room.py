"""What initializers share: their registry, the facts about them, and filling a model layer by layer."""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

from gdbench.descent.errors import BadPairing
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.shape import Layer, Shape
from gdbench.descent.registry import Registry

INITIALIZERS: Registry[Vector] = Registry(
    "initializer", "initializers", given=2, also=("init", "start", "weights", "initialisation", "initial")
)
initializer = INITIALIZERS.register

RANDOM: Dict[str, bool] = {"random": True}
LAYERS: Dict[str, bool] = {"layers": True}


def layers_of(shape: Shape, name: str) -> Tuple[Layer, ...]:
    """The layers of a model, from the input on; a formula or a surface has none and is refused."""
    if not shape.layers:
        raise BadPairing(
            f"initializer '{name}' goes by a model's layers, and this one has none. "
            "Choose one that needs no layers: zeros, constant, values, uniform or normal."
        )
    return shape.layers


def fill(shape: Shape, name: str, weights_of: Callable[[Layer], List[float]]) -> List[float]:
    """The weights of each layer, row by row (fan_out rows of fan_in); everything else is 0."""
    w = [0.0] * shape.size
    for layer in layers_of(shape, name):
        for position, weight in zip(layer.weights, weights_of(layer)):
            w[position] = weight
    return w
