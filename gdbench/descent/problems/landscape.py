"""What step sizes and stopping rules may know of a problem besides the iterates."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Along, CostAndGradient


class Landscape(NamedTuple):
    """The problem around an iterate; everything but `cost_and_gradient` may be missing (None).

    cost_and_gradient(w) → (f, ∇f).  along(w, d) → φ with φ(α) = (f(w + αd), ∇f(w + αd)·d).
    curvature(w, d) → dᵀ∇²f(w)d, only where f is quadratic and that is exact.
    optimum: f*.  baseline: f at zero parameters.  smoothness: L, a Lipschitz constant of ∇f.
    recommended: the fixed rate that theory recommends for this problem and the optimizer chosen.
    """

    cost_and_gradient: CostAndGradient
    along: Optional[Along] = None
    curvature: Optional[Callable[[Vector, Vector], float]] = None
    optimum: Optional[float] = None
    baseline: Optional[float] = None
    smoothness: Optional[float] = None
    recommended: Optional[float] = None
