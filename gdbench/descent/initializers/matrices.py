"""Weights that are a whole matrix by design: orthogonal, sparse, identity; biases are 0."""

from __future__ import annotations

import math
from random import Random
from typing import Dict, List

from gdbench.descent.domains import fraction, non_negative, number, positive
from gdbench.descent.initializers.room import LAYERS, RANDOM, fill, initializer
from gdbench.descent.numerics.householder import orthonormal
from gdbench.descent.problems.shape import Layer, Shape

_FACTS: Dict[str, bool] = {**RANDOM, **LAYERS}


@initializer("orthogonal", facts=_FACTS, gain=positive)
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


@initializer("sparse", facts=_FACTS, sparsity=fraction, std=non_negative)
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
