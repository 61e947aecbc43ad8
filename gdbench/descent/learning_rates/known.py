"""Rates that follow from what is known of the problem: its curvature, its minimum, or its smoothness."""

from __future__ import annotations

from typing import Optional

from gdbench.descent.domains import positive
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import (
    Chooser,
    LearningRate,
    Remembering,
    Search,
    always,
    learning_rate,
    needed,
    positive_smoothness,
)
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.theory.worst_case.theorems import polyak_step

_INFINITY = float("inf")


@learning_rate("exact", facts={"needs": ("curvature",), "search": True, "along": True, "minimises": True})
def exact() -> LearningRate:
    """η = gᵀg / gᵀHg, the minimum along −g of a quadratic  (Cauchy 1847).

    H: the Hessian.  Of an optimizer with a direction d of its own: η = −gᵀd / dᵀHd.  Where the cost falls for
    ever along it, dᵀHd ≤ 0, the rate is infinite, and the run diverges; at a stationary point it is 0.
    """

    def begin(landscape: Landscape) -> Chooser:
        curvature = needed(
            landscape.curvature, "exact", "a quadratic cost", "backtracking or wolfe, which search any cost"
        )

        def choose(now: Iterate, direction: Vector) -> float:
            back = [-d_j for d_j in direction]
            fall, bend = dot(now.gradient, back), curvature(now.w, back)
            if fall == 0.0:
                return 0.0
            return fall / bend if bend > 0.0 else _INFINITY

        return Search(choose)

    return begin


@learning_rate("polyak", facts={"needs": ("optimum",), "search": True, "worst": polyak_step}, factor=positive)
def polyak(factor: float = 1.0) -> LearningRate:
    """η_k = factor · (f(w_k) − f*) / ‖∇f(w_k)‖²  (Polyak 1969).

    f*: the minimum of f, which must be known.  factor: > 0; a convex f is approached below 2.
    """

    def begin(landscape: Landscape) -> Chooser:
        needed(landscape.optimum, "polyak", "the minimum of the cost", "backtracking or barzilai_borwein")

        def choose(now: Iterate) -> float:
            square, gap = dot(now.gradient, now.gradient), now.gap
            return factor * gap / square if square > 0.0 and gap is not None and gap > 0.0 else 0.0

        return Remembering(choose)

    return begin


def _over_smoothness(
    smoothness: Optional[float], recommended: Optional[float], *, factor: float
) -> Optional[float]:
    return factor / smoothness if smoothness else None


@learning_rate("over_L", facts={"needs": ("smoothness",), "fixed": _over_smoothness}, factor=positive)
def over_L(factor: float = 1.0) -> LearningRate:  # noqa: N802  L is the literature's letter
    """η = factor / L, with L the largest curvature of the cost.

    factor: > 0; plain gradient descent converges below 2 (Nesterov 2004, §2.1.5), and 2 / (1 + μ/L) is
    the best one on a quadratic.
    """

    def begin(landscape: Landscape) -> Chooser:
        return always(factor / positive_smoothness("over_L", landscape.smoothness))(landscape)

    return begin


@learning_rate(
    "theoretical", facts={"needs": ("recommended",), "fixed": lambda smoothness, recommended: recommended}
)
def theoretical() -> LearningRate:
    """η = 2 / (L + μ), the best fixed rate; with heavy_ball 4 / (√L + √μ)², with nesterov 1 / L, and so on.

    L, μ: the largest and the least curvature of the cost, which must be known  (Polyak 1964; Nesterov 2004).
    """

    def begin(landscape: Landscape) -> Chooser:
        rate = needed(
            landscape.recommended, "theoretical", "μ and L of the cost", "over_L, or a number, such as 0.1"
        )
        return always(rate)(landscape)

    return begin
