"""gdbench's smooth convex costs on all rows at once, with slope and curvature in the scores, written by hand.

Any other cost is traced (`traced`), which gives the same up to rounding; these are what the optima on record
rest on, to the bit.

z: scores, n × K (K = 1 but for classes).  y: targets of the same shape.  All return arrays over the rows:
value n, slope n × K; bend a function of directions u, n × K.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdbench.reference.solvers.design import Array


class Loss(NamedTuple):
    """value(z, y), slope = ∂value/∂z, bend(z, y)(u) = ∂²value/∂z² u for each row (one-sided at a jump)."""

    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Callable[[Array], Array]]


def _scalar(value: Callable[..., Any], slope: Callable[..., Any], bend: Callable[..., Any]) -> Loss:
    def bending(z: Array, y: Array) -> Callable[[Array], Array]:
        curvature = np.asarray(bend(z, y))
        return lambda u: np.asarray(curvature * u)

    return Loss(lambda z, y: np.asarray(value(z, y))[:, 0], lambda z, y: np.asarray(slope(z, y)), bending)


def squared(factor: float) -> Loss:
    """factor · (z − y)²."""
    return _scalar(
        lambda z, y: factor * (z - y) ** 2,
        lambda z, y: 2.0 * factor * (z - y),
        lambda z, _: np.full_like(z, 2.0 * factor),
    )


def huber(delta: float) -> Loss:
    """½ r² for |r| ≤ δ, else δ (|r| − ½ δ)."""

    def value(z: Array, y: Array) -> Any:
        inner = np.clip(z - y, -delta, delta)
        return inner * ((z - y) - 0.5 * inner)

    return _scalar(
        value,
        lambda z, y: np.clip(z - y, -delta, delta),
        lambda z, y: (np.abs(z - y) <= delta).astype(float),
    )


def log_cosh(scale: float = 1.0) -> Loss:
    """s² log cosh(r/s) = s² (|r/s| + log1p(e^−2|r/s|) − log 2): cosh overflows from 711 on."""

    def value(z: Array, y: Array) -> Any:
        size = np.abs(z - y) / scale
        # near 0 the three terms cancel; there log cosh r = log(1 + 2 sinh²(r/2))
        near = np.log1p(2.0 * np.sinh(0.5 * np.minimum(size, 1.0)) ** 2)
        return scale * scale * np.where(size < 1.0, near, size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0))

    return _scalar(
        value,
        lambda z, y: scale * np.tanh((z - y) / scale),
        lambda z, y: 1.0 / np.cosh(np.minimum(np.abs(z - y) / scale, 350.0)) ** 2,
    )


def logistic() -> Loss:
    """log(1 + e^m) with m = (1 − 2y) z."""
    return _scalar(
        lambda z, y: np.logaddexp(0.0, (1.0 - 2.0 * y) * z),
        lambda z, y: (1.0 - 2.0 * y) * _sigmoid((1.0 - 2.0 * y) * z),
        lambda z, _: _sigmoid(z) * _sigmoid(-z),
    )


def squared_hinge() -> Loss:
    """max(0, 1 − s z)² with s = 2y − 1."""

    def short(z: Array, y: Array) -> Any:
        return np.maximum(0.0, 1.0 - (2.0 * y - 1.0) * z)

    return _scalar(
        lambda z, y: short(z, y) ** 2,
        lambda z, y: -2.0 * (2.0 * y - 1.0) * short(z, y),
        lambda z, y: 2.0 * (short(z, y) > 0.0),
    )


def poisson() -> Loss:
    """e^z − y z."""
    return _scalar(lambda z, y: np.exp(z) - y * z, lambda z, y: np.exp(z) - y, lambda z, _: np.exp(z))


def softmax() -> Loss:
    """log Σₖ e^zₖ − y·z; its curvature is diag(π) − ππᵀ."""

    def shares(z: Array) -> Any:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def value(z: Array, y: Array) -> Array:
        # relative to the row's own class, so that a good fit keeps its digits
        own = z - (z * y).sum(axis=1, keepdims=True)
        top = own.argmax(axis=1)
        high = own[np.arange(len(own)), top]
        e = np.exp(own - high[:, None])
        e[np.arange(len(own)), top] = 0.0
        return np.asarray(high + np.log1p(e.sum(axis=1)))

    def bend(z: Array, _: Array) -> Callable[[Array], Array]:
        p = shares(z)
        return lambda u: np.asarray(p * (u - (p * u).sum(axis=1, keepdims=True)))

    return Loss(value, lambda z, y: np.asarray(shares(z) - y), bend)


def _sigmoid(z: Array) -> Any:
    return np.exp(-np.logaddexp(0.0, -z))
