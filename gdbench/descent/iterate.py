"""One point of a descent, and the landscape around it, as steps, stopping rules and recorders see them."""

from __future__ import annotations

import math
from math import isfinite
from typing import Callable, NamedTuple, Optional, Tuple

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Along, CostAndGradient

#: The values of an iterate in their order, as the printed loop has them; an iterate is one of these.
Values = Tuple[int, Vector, float, Vector, float, Optional[float]]


class Iterate(NamedTuple):
    """k, w_k, f(w_k), ∇f(w_k), ‖∇f(w_k)‖₂ and f(w_k) − f*; k = 0 is the starting point.

    gap: None where f* is not known. Some kernels work it out for itself: it then goes on falling where the
    rounded cost no longer does, and may differ from the difference of the two costs.
    """

    k: int
    w: Vector
    cost: float
    gradient: Vector
    gradient_norm: float
    gap: Optional[float] = None

    @property
    def finite(self) -> bool:
        return isfinite(self.cost) and isfinite(self.gradient_norm)

    def lower(self, other: Iterate) -> bool:
        """Whether f is lower here than there: by the gap, which resolves more, and else by the cost."""
        if self.gap is None or other.gap is None or self.gap == other.gap:
            return self.cost < other.cost
        return self.gap < other.gap


def slope_along_step(last: Iterate, now: Iterate) -> float:
    """∇f(w_{k−1}) · (w_k − w_{k−1}): the change of cost that the tangent at the last iterate promises."""
    total = 0.0
    for g_j, w_j, v_j in zip(last.gradient, now.w, last.w):
        total += g_j * (w_j - v_j)
    return total


class Landscape(NamedTuple):
    """The problem around an iterate; everything but `cost_and_gradient` may be missing (None).

    cost_and_gradient(w) → (f, ∇f).  along(w, d) → φ with φ(α) = (f(w + αd), ∇f(w + αd)·d).
    rise(w, d) → α ↦ (f(w + αd) − f(w), the same slope), where the difference is known better than the costs.
    curvature(w, d) → dᵀ∇²f(w)d, only where f is quadratic and that is exact.
    optimum: f*.  baseline: f at zero parameters.  smoothness: L, a Lipschitz constant of ∇f.  convexity: μ.
    finest: the least gap f − f* that an iterate's tells from 0.
    recommended: the fixed rate that theory recommends for this problem and the optimizer chosen.
    held_out(now) → the cost of the rows that are held out.
    spent() → the evaluations of cost and gradient so far; without end where nobody counts.
    rests: how many steps in a row may have length zero and be followed by others, None where nobody knows.
    """

    cost_and_gradient: CostAndGradient
    along: Optional[Along] = None
    rise: Optional[Along] = None
    curvature: Optional[Callable[[Vector, Vector], float]] = None
    optimum: Optional[float] = None
    baseline: Optional[float] = None
    smoothness: Optional[float] = None
    recommended: Optional[float] = None
    finest: float = 0.0
    rests: Optional[int] = 0
    held_out: Optional[Callable[[Iterate], float]] = None
    spent: Callable[[], float] = lambda: math.inf
    convexity: Optional[float] = None
