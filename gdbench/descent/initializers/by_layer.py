"""Weights by layer: scaled by its width, or a whole matrix by design; biases are 0."""

from __future__ import annotations

import math
from random import Random
from typing import Callable, Dict, List

from gdbench.descent.domains import Domain, fraction, non_negative, number, one_of, positive
from gdbench.descent.initializers.drawn import between
from gdbench.descent.initializers.room import LAYERS, RANDOM, fill, initializer
from gdbench.descent.numerics.householder import orthonormal
from gdbench.descent.problems.shape import Layer, Shape

# --- Weights drawn on a scale that keeps a signal's variance through a layer; biases are 0

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


# --- Weights that are a whole matrix by design: orthogonal, sparse, identity; biases are 0

_MATRIX: Dict[str, bool] = {**RANDOM, **LAYERS}


@initializer("orthogonal", facts=_MATRIX, gain=positive)
def orthogonal(shape: Shape, random: Random, gain: float = 1.0) -> List[float]:
    """W = gain · Q with QᵀQ = I, or QQᵀ = I where W is wider than tall  (Saxe et al. 2014).

    Q: from the Householder QR of a Gaussian matrix, signs such that R's diagonal is positive, which makes
    it uniform over such matrices.  gain: > 0; 5/3 for tanh, √2 for relu.
    """

    def weights_of(layer: Layer) -> List[float]:
        rows, columns = layer.fan_out, layer.fan_in
        tall, narrow = max(rows, columns), min(rows, columns)
        q = orthonormal([[random.gauss(0.0, 1.0) for _ in range(tall)] for _ in range(narrow)])
        by_row = q if rows < columns else zip(*q)
        return [gain * q_ij for row in by_row for q_ij in row]

    return fill(shape, "orthogonal", weights_of)


@initializer("sparse", facts=_MATRIX, sparsity=fraction, std=non_negative)
def sparse(shape: Shape, random: Random, sparsity: float, std: float = 0.01) -> List[float]:
    """Weights ~ N(0, std²), but for each input those to ⌈sparsity · fan_out⌉ outputs are 0  (Martens 2010).

    sparsity: from 0 to 1; with a single output, anything above 0 leaves no weight at all.
    std: standard deviation, ≥ 0.
    """

    def weights_of(layer: Layer) -> List[float]:
        rows, columns = layer.fan_out, layer.fan_in
        weights = [random.gauss(0.0, std) for _ in layer.weights]
        for j in range(columns):
            for i in _choose(random, rows, math.ceil(sparsity * rows)):
                weights[i * columns + j] = 0.0
        return weights

    return fill(shape, "sparse", weights_of)


def _choose(random: Random, n: int, k: int) -> List[int]:
    """k of 0 … n − 1, each choice as likely: the first k cards of a shuffle (Fisher & Yates 1938)."""
    cards = list(range(n))
    for i in range(k):
        j = i + int(random.random() * (n - i))
        cards[i], cards[j] = cards[j], cards[i]
    return cards[:k]


@initializer("identity", facts=LAYERS, gain=number)
def identity(shape: Shape, random: Random, gain: float = 1.0) -> List[float]:
    """Wᵢⱼ = gain if i = j, else 0: a layer hands its inputs on (Le, Jaitly & Hinton 2015).

    gain: what each is multiplied by.  Of a layer with fewer outputs than inputs, the first inputs.
    """

    def weights_of(layer: Layer) -> List[float]:
        return [gain if i == j else 0.0 for i in range(layer.fan_out) for j in range(layer.fan_in)]

    return fill(shape, "identity", weights_of)
