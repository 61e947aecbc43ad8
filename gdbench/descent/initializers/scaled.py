"""Weights drawn on a scale that keeps a signal's variance through a layer; biases are 0.

Normal schemes draw from the whole bell, as the papers and PyTorch do; Keras cuts it at two deviations.
"""

from __future__ import annotations

import math
from random import Random
from typing import Callable, Dict, List

from gdbench.descent.domains import Domain, number, one_of, positive
from gdbench.descent.initializers.drawn import between
from gdbench.descent.initializers.room import LAYERS, RANDOM, fill, initializer
from gdbench.descent.problems.shape import Layer, Shape

_FACTS: Dict[str, bool] = {**RANDOM, **LAYERS}
_MODE = one_of("fan_in", "fan_out")
#: The standard deviation of a layer's weights.
Spread = Callable[[Layer], float]

#: He et al. 2015 (relu), Klambauer et al. 2017 (selu: 1 to the paper, ¾ is steadier in practice), and
#: PyTorch's `calculate_gain`, which has ¾ for selu and 5/3 for tanh.
_GAINS: Dict[str, float] = {
    "identity": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}

nonlinearity_name: Domain[str] = one_of(*_GAINS, "leaky_relu")


def gain_of(nonlinearity: str, slope: float = 0.01) -> float:
    """1 for identity and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + slope²)) for leaky_relu, ¾ for selu.

    slope: of leaky_relu below 0; the others ignore it.
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + slope * slope))
    return _GAINS[nonlinearity]


@initializer("xavier_uniform", facts={"also": ("xavier", "glorot", "glorot_uniform"), **_FACTS}, gain=positive)
def xavier_uniform(shape: Shape, random: Random, gain: float = 1.0) -> List[float]:
    """Weights ~ U(−a, a), a = gain · √(6 / (fan_in + fan_out))  (Glorot & Bengio 2010).

    gain: > 0; 5/3 for tanh, √2 for relu.
    """
    return _uniform(shape, random, "xavier_uniform", _xavier(gain))


@initializer("xavier_normal", facts={"also": ("xavier", "glorot", "glorot_normal"), **_FACTS}, gain=positive)
def xavier_normal(shape: Shape, random: Random, gain: float = 1.0) -> List[float]:
    """Weights ~ N(0, std²), std = gain · √(2 / (fan_in + fan_out))  (Glorot & Bengio 2010).

    gain: > 0; 5/3 for tanh, √2 for relu.
    """
    return _normal(shape, random, "xavier_normal", _xavier(gain))


@initializer(
    "he_uniform",
    facts={"also": ("he", "kaiming", "kaiming_uniform"), **_FACTS},
    mode=_MODE,
    nonlinearity=nonlinearity_name,
    slope=number,
)
def he_uniform(
    shape: Shape, random: Random, mode: str = "fan_in", nonlinearity: str = "relu", slope: float = 0.01
) -> List[float]:
    """Weights ~ U(−a, a), a = gain · √(3 / fan)  (He et al. 2015).

    mode: fan_in keeps the variance on the way forward, fan_out on the way back.
    nonlinearity: gives the gain, √2 for relu.  slope: of leaky_relu below 0.
    """
    return _uniform(shape, random, "he_uniform", _he(mode, gain_of(nonlinearity, slope)))


@initializer(
    "he_normal",
    facts={"also": ("he", "kaiming", "kaiming_normal"), **_FACTS},
    mode=_MODE,
    nonlinearity=nonlinearity_name,
    slope=number,
)
def he_normal(
    shape: Shape, random: Random, mode: str = "fan_in", nonlinearity: str = "relu", slope: float = 0.01
) -> List[float]:
    """Weights ~ N(0, std²), std = gain / √fan  (He et al. 2015).

    mode: fan_in keeps the variance on the way forward, fan_out on the way back.
    nonlinearity: gives the gain, √2 for relu.  slope: of leaky_relu below 0.
    """
    return _normal(shape, random, "he_normal", _he(mode, gain_of(nonlinearity, slope)))


@initializer("lecun_uniform", facts={"also": ("lecun",), **_FACTS})
def lecun_uniform(shape: Shape, random: Random) -> List[float]:
    """Weights ~ U(−a, a), a = √(3 / fan_in)  (LeCun et al. 1998)."""
    return _uniform(shape, random, "lecun_uniform", _he("fan_in", 1.0))


@initializer("lecun_normal", facts={"also": ("lecun",), **_FACTS})
def lecun_normal(shape: Shape, random: Random) -> List[float]:
    """Weights ~ N(0, std²), std = 1 / √fan_in  (LeCun et al. 1998)."""
    return _normal(shape, random, "lecun_normal", _he("fan_in", 1.0))


def _xavier(gain: float) -> Spread:
    return lambda layer: gain * math.sqrt(2.0 / (layer.fan_in + layer.fan_out))


def _he(mode: str, gain: float) -> Spread:
    return lambda layer: gain / math.sqrt(layer.fan_in if mode == "fan_in" else layer.fan_out)


def _uniform(shape: Shape, random: Random, name: str, spread: Spread) -> List[float]:
    """U(−a, a) has the deviation a / √3."""

    def weights_of(layer: Layer) -> List[float]:
        a = math.sqrt(3.0) * spread(layer)
        return [between(random, -a, a) for _ in layer.weights]

    return fill(shape, name, weights_of)


def _normal(shape: Shape, random: Random, name: str, spread: Spread) -> List[float]:
    def weights_of(layer: Layer) -> List[float]:
        std = spread(layer)
        return [random.gauss(0.0, std) for _ in layer.weights]

    return fill(shape, name, weights_of)
