"""Gradient descent, plain or with momentum in the form that PyTorch made common."""

from __future__ import annotations

from typing import Optional, Tuple

from gdbench.descent.domains import boolean, fraction, non_negative
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer, with_decay
from gdbench.descent.theory.rates import Update, forgotten, plain_rate
from gdbench.descent.theory.worst_case.theorems import Theorem, exact_search


def _check(momentum: float, dampening: float, *, nesterov: bool, weight_decay: float) -> None:
    if nesterov and not momentum:
        raise BadParameter(
            "nesterov",
            "'nesterov' of optimizer 'gradient_descent' needs a momentum above 0. Add momentum: 0.9.",
        )
    if nesterov and dampening:
        raise BadParameter(
            "dampening",
            f"'dampening' of optimizer 'gradient_descent' must be 0 with nesterov, not {dampening:g}.",
        )


def _update(
    rate: float,
    least: Optional[float],
    top: Optional[float],
    /,
    *,
    momentum: float,
    dampening: float,
    nesterov: bool,
    weight_decay: float,
) -> Optional[Update]:
    """PyTorch's momentum is the heavy ball's, and its nesterov is Nesterov's with the same start."""
    if weight_decay:
        return None
    if not momentum:
        return Update("plain", rate)
    if dampening:
        return Update("dampened", rate, momentum, 1.0 - dampening)
    return Update("nesterov" if nesterov else "heavy ball", rate, momentum)


def _searched(least: float, top: float, /, **given: object) -> Tuple[Theorem, ...]:
    return () if any(given.values()) else exact_search(least, top)


@optimizer(
    "gradient_descent",
    facts={
        "also": ("sgd", "gd", "vanilla", "steepest_descent", "momentum"),
        "check": _check,
        "along_gradient": lambda **given: not any(given.values()),
        "steady": True,
        "update": _update,
        "recommended": plain_rate,
        "searched": _searched,
        "rests": lambda momentum, **_: forgotten(momentum),
    },
    momentum=non_negative,
    dampening=fraction,
    nesterov=boolean,
    weight_decay=non_negative,
)
def gradient_descent(
    momentum: float = 0.0, dampening: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0
) -> Optimizer:
    """w ← w − η g  (Cauchy 1847);  with momentum  b ← μ b + (1 − τ) g,  w ← w − η b  (Polyak 1964).

    momentum: μ ≥ 0; it converges only below 1.  dampening: τ in [0, 1], not applied to the first g.
    nesterov: w ← w − η (g + μ b) instead (Sutskever et al. 2013).  weight_decay: λ ≥ 0, g ← g + λ w.
    """

    def init(w: Vector) -> Optional[Vector]:
        return None

    def update(w: Vector, g: Vector, b: Optional[Vector], rate: float) -> Tuple[Vector, Optional[Vector]]:
        g = with_decay(g, w, weight_decay)
        if momentum:
            # the first buffer is the gradient itself: no dampening yet
            kept = 1.0 - dampening
            b = list(g) if b is None else [momentum * b_j + kept * g_j for b_j, g_j in zip(b, g)]
            g = [g_j + momentum * b_j for g_j, b_j in zip(g, b)] if nesterov else b
        return [w_j - rate * g_j for w_j, g_j in zip(w, g)], b

    return Optimizer(init, update, traceable=True)
