"""Rates that follow from the last two iterates and gradients: Barzilai and Borwein's, and AdGD."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Tuple

from gdbench.descent.domains import one_or_two, positive
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import Chooser, LearningRate, Remembering, learning_rate
from gdbench.descent.numerics.vectors import dot, norm

# --- Barzilai and Borwein's step: the curvature along the last step, taken for that along the next


@dataclass
class _Step:
    """The rate of the last step, and where it began."""

    rate: float
    last: Optional[Iterate] = None


@learning_rate("barzilai_borwein", facts={"search": True}, first=positive, variant=one_or_two)
def barzilai_borwein(first: float, variant: int = 1) -> LearningRate:
    """η_k = sᵀs / sᵀy (variant 1) or sᵀy / yᵀy (variant 2)  (Barzilai & Borwein 1988).

    s = w_k − w_{k−1},  y = ∇f(w_k) − ∇f(w_{k−1}).  first: η₀ > 0.  The cost may rise in between.  Where
    the quotient is not a positive number, as after a step of negative curvature, the rate stays as it was.
    """

    def begin(landscape: Landscape) -> Chooser:
        step = _Step(first)

        def choose(now: Iterate) -> float:
            if step.last is not None:
                step.rate = _quotient(step.last, now, variant) or step.rate
            step.last = now
            return step.rate

        return Remembering(choose, (step,))

    return begin


def _quotient(last: Iterate, now: Iterate, variant: int) -> Optional[float]:
    s = [w_j - v_j for w_j, v_j in zip(now.w, last.w)]
    y = [g_j - h_j for g_j, h_j in zip(now.gradient, last.gradient)]
    above, below = (dot(s, s), dot(s, y)) if variant == 1 else (dot(s, y), dot(y, y))
    if not (above > 0.0 and below > 0.0):
        return None
    quotient = above / below
    return quotient if 0.0 < quotient < math.inf else None


# --- Adaptive gradient descent: a rate that grows slowly, and heeds the curvature along the last step


@dataclass
class _Grown:
    """The rate of the last step, by what it had grown, and where it began."""

    rate: float
    theta: float
    last: Optional[Iterate] = None


@learning_rate(
    "adgd",
    facts={"also": ("adaptive_gradient_descent", "malitsky_mishchenko"), "search": True},
    first=positive,
    variant=one_or_two,
)
def adgd(first: float, variant: int = 1) -> LearningRate:
    """η_k = min(√(1 + θ_{k−1}) η_{k−1}, 1/(2 L_k)),  θ_k = η_k/η_{k−1}, θ_0 = ∞  (Malitsky & Mishchenko 2020).

    L_k = ‖∇f(w_k) − ∇f(w_{k−1})‖ / ‖w_k − w_{k−1}‖: for convex f no search and no L is needed; the cost may
    rise in between.  first: η₀ > 0; so small a one as 1e-10 serves.
    variant: 2 takes the longer steps of their paper of 2024, algorithm 2:
    η_k = min(√(⅔ + θ_{k−1}) η_{k−1}, η_{k−1} / √(max(2 η²_{k−1} L_k² − 1, 0))), θ_0 = ⅓.
    Where the gradient has not changed, and nothing else bounds it, the rate stays as it was.
    """
    theta, share = (math.inf, 1.0) if variant == 1 else (1.0 / 3.0, 2.0 / 3.0)
    bound = _first_bound if variant == 1 else _second_bound

    def begin(landscape: Landscape) -> Chooser:
        step = _Grown(first, theta)

        def choose(now: Iterate) -> float:
            if step.last is not None:
                slowly = math.sqrt(share + step.theta) * step.rate
                found = min(slowly, bound(step.rate, *_change(step.last, now)))
                if 0.0 < found < math.inf:
                    step.rate, step.theta = found, found / step.rate
            step.last = now
            return step.rate

        return Remembering(choose, (step,))

    return begin


def _change(last: Iterate, now: Iterate) -> Tuple[float, float]:
    """‖w_k − w_{k−1}‖ and ‖∇f(w_k) − ∇f(w_{k−1})‖."""
    step = norm([w_j - v_j for w_j, v_j in zip(now.w, last.w)])
    return step, norm([g_j - h_j for g_j, h_j in zip(now.gradient, last.gradient)])


def _first_bound(rate: float, step: float, change: float) -> float:
    return step / (2.0 * change) if change > 0.0 else math.inf


def _second_bound(rate: float, step: float, change: float) -> float:
    curved = rate * change / step if step > 0.0 else 0.0
    beyond = 2.0 * curved * curved - 1.0
    return rate / math.sqrt(beyond) if beyond > 0.0 else math.inf
