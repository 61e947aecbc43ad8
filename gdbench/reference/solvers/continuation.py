"""A cost for Newton's method, and the easier costs that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gdbench.descent import costs
from gdbench.descent.costs import COSTS, CostFacts, cost_facts
from gdbench.descent.registry import Choice, find
from gdbench.reference.solvers import losses
from gdbench.reference.solvers.design import Array
from gdbench.reference.solvers.losses import Loss
from gdbench.reference.solvers.traced import traced

#: A definition → the same written by hand for arrays, which the optima on record rest on to the bit.
_BY_HAND: Mapping[Any, Callable[..., Loss]] = {
    costs.huber: losses.huber,
    costs.log_cosh: losses.log_cosh,
    costs.logistic: losses.logistic,
    costs.softmax: losses.softmax,
    costs.squared_hinge: losses.squared_hinge,
    costs.poisson: losses.poisson,
}
#: (scale, parameters) → `widened` of those, likewise; and how far from the target they are nearly quadratic.
_WIDENED_BY_HAND: Mapping[Any, Callable[..., Loss]] = {
    costs.huber: lambda scale, delta: losses.huber(delta * scale),
    costs.log_cosh: losses.log_cosh,
}
_WIDTHS: Mapping[Any, Callable[..., float]] = {costs.huber: lambda delta: delta, costs.log_cosh: lambda: 1.0}


def loss_of(cost: Choice, outputs: int = 1) -> Loss:
    """A cost in config form, of so many scores, on all rows at once."""
    entry, parameters = find(COSTS, cost)
    written = _BY_HAND.get(entry.function)
    return written(**parameters) if written else traced(cost, outputs)


def path_to(cost: Choice, targets: Array) -> list[Loss]:
    """From nearly least squares down to the cost itself: far from the targets its curvature may be scarce.

    Of costs that look at scores, which know no such distance, there is the cost alone.
    """
    entry, parameters = find(COSTS, cost)
    facts, loss = cost_facts(cost), loss_of(cost, targets.shape[1])
    if facts.on == "score":
        return [loss]
    spread = float(np.abs(targets - np.median(targets)).max())
    known = _WIDTHS.get(entry.function)
    width = known(**parameters) if known else _width(loss, facts, targets, spread)
    farthest = max(int(np.ceil(np.log(max(spread / width, 1.0)) / np.log(4.0))), 0)
    by_hand = _WIDENED_BY_HAND.get(entry.function)
    scales = [4.0**k for k in range(farthest, -1, -1)]
    return [by_hand(scale, **parameters) if by_hand else widened(loss, scale) for scale in scales]


def widened(loss: Loss, scale: float) -> Loss:
    """s² φ(y + (p − y)/s): as curved where p = y as φ is there, and s times as wide."""
    if scale == 1.0:
        return loss

    def inner(z: Array, y: Array) -> Array:
        return np.asarray(y + (z - y) / scale)

    return Loss(
        lambda z, y: np.asarray(scale * scale * loss.value(inner(z, y), y)),
        lambda z, y: np.asarray(scale * loss.slope(inner(z, y), y)),
        lambda z, y: loss.bend(inner(z, y), y),
    )


def _width(loss: Loss, facts: CostFacts, targets: Array, spread: float) -> float:
    """How far from the targets it still bends a quarter of its most."""
    bound, width, ones = facts.smooth_curvature or 0.0, max(spread, 1e-300), np.ones_like(targets)
    for _ in range(60):
        bends = [loss.bend(targets + side * width, targets)(ones) for side in (-1.0, 1.0)]
        if min(float(b.min()) for b in bends) >= 0.25 * bound:
            break
        width *= 0.5
    return width
