"""What descent minimises: the small protocol between a problem and the methods that go down it."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Tuple

Vector = List[float]


class Objective(NamedTuple):
    """f: ℝᵖ → ℝ with its gradient.

    cost(w) → f(w).  cost_and_gradient(w) → (f(w), ∇f(w)), fused: one pass over the rows.
    size: p, the number of parameters.  rows: n, rows passed over in one evaluation (0 without data).
    """

    cost: Callable[[Vector], float]
    cost_and_gradient: Callable[[Vector], Tuple[float, Vector]]
    size: int
    rows: int
