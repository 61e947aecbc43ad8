"""What descent minimises: the small protocol between a problem and the methods that go down it."""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Optional, Protocol, Sequence, Tuple, TypeVar

from gdbench.descent.functions import Number
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.table import Row

CostAndGradient = Callable[[Vector], Tuple[float, Vector]]
#: (cost, cost_and_gradient).
Functions = Tuple[Callable[[Vector], float], CostAndGradient]
A = TypeVar("A")
B = TypeVar("B")
#: φ(α) = (f(w + αd), ∇f(w + αd) · d).
Ray = Callable[[float], Tuple[float, float]]
#: (w, d) → φ.
Along = Callable[[Vector, Vector], Ray]


class NumericCost(Protocol):
    """f(w) for floats or for complex numbers."""

    def __call__(self, w: Sequence[Number], /) -> Number: ...


class Objective(NamedTuple):
    """f: ℝᵖ → ℝ with its gradient.

    cost(w) → f(w).  cost_and_gradient(w) → (f(w), ∇f(w)), fused: one pass over the rows.
    size: p, the number of parameters.  rows: n, rows passed over in one evaluation (0 without data).
    complex_cost(w) → f(w) for complex w, for the complex step.  along(w, d) → φ, cheap where it can be.
    on(rows) → cost_and_gradient over these rows only, for batches.  None where there is no such thing.
    """

    cost: Callable[[Vector], float]
    cost_and_gradient: CostAndGradient
    size: int
    rows: int
    complex_cost: Optional[NumericCost] = None
    along: Optional[Along] = None
    on: Optional[Callable[[Sequence[Row]], CostAndGradient]] = None


class Count:
    """How often an objective was evaluated, whatever kernel does the work."""

    def __init__(self) -> None:
        self.costs = 0
        self.gradients = 0
        self.row_passes = 0

    def so_far(self) -> Dict[str, int]:
        """The counters under the names that a result gives them."""
        return {
            "cost_evaluations": self.costs,
            "gradient_evaluations": self.gradients,
            "row_passes": self.row_passes,
        }

    def counted(self, objective: Objective) -> Objective:
        """The same objective, its evaluations counted here."""
        return objective._replace(
            cost=self._cost(objective.cost, objective.rows),
            cost_and_gradient=self._both(objective.cost_and_gradient, objective.rows),
            complex_cost=objective.complex_cost and self._cost(objective.complex_cost, objective.rows),
            along=objective.along and self._along(objective.along, objective.rows),
            on=objective.on and self._on(objective.on),
        )

    def _cost(self, cost: Callable[[A], B], rows: int) -> Callable[[A], B]:
        def counted(w: A) -> B:
            self.costs += 1
            self.row_passes += rows
            return cost(w)

        return counted

    def _both(self, function: Callable[[A], B], rows: int) -> Callable[[A], B]:
        def counted(argument: A) -> B:
            self.costs += 1
            self.gradients += 1
            self.row_passes += rows
            return function(argument)

        return counted

    def _along(self, along: Along, rows: int) -> Along:
        return lambda w, d: self._cost(along(w, d), rows)

    def _on(self, on: Callable[[Sequence[Row]], CostAndGradient]) -> Callable[[Sequence[Row]], CostAndGradient]:
        return lambda rows: self._both(on(rows), len(rows))
