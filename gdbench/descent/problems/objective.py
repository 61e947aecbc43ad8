"""What descent minimises: the small protocol between a problem and the methods that go down it."""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Optional, Protocol, Sequence, Tuple, TypeVar

from gdbench.descent.functions import Number
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.table import Row

CostAndGradient = Callable[[Vector], Tuple[float, Vector]]
#: w → (f, ∇f, f(w) − f*); the gap is None where it is not known.
Evaluate = Callable[[Vector], Tuple[float, Vector, Optional[float]]]
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
    on(rows) → cost_and_gradient over these rows only, for batches.
    with_gap(w) → (f(w), ∇f(w), f(w) − f*), fused, the gap to full relative precision.  minimum: that f*.
    rise(w, d) → α ↦ (f(w + αd) − f(w), ∇f(w + αd)·d), the difference to full relative precision.
    given(w) → (f(w), the gradient that its author wrote down).
    about(start) → the same function, worked out anew about the point where a run starts.
    None where there is no such thing.
    """

    cost: Callable[[Vector], float]
    cost_and_gradient: CostAndGradient
    size: int
    rows: int
    complex_cost: Optional[NumericCost] = None
    along: Optional[Along] = None
    on: Optional[Callable[[Sequence[Row]], CostAndGradient]] = None
    with_gap: Optional[Callable[[Vector], Tuple[float, Vector, float]]] = None
    rise: Optional[Along] = None
    about: Optional[Callable[[Sequence[float]], Objective]] = None
    given: Optional[CostAndGradient] = None
    minimum: Optional[float] = None


def carries_gap(cost_and_gradient: CostAndGradient, objective: Objective, optimum: Optional[float]) -> bool:
    """Whether the objective's own gap serves: it is from the optimum that is known, and so is the gradient."""
    same = optimum is None or objective.minimum in (None, optimum)
    return objective.with_gap is not None and same and cost_and_gradient is objective.cost_and_gradient


def with_gaps(cost_and_gradient: CostAndGradient, objective: Objective, optimum: Optional[float]) -> Evaluate:
    """w → (f, ∇f, gap), for the cost and gradient that a gradient method makes of the objective.

    The gap is the objective's own where it has one, measured from the optimum that is known, and its own
    gradient is taken, which then costs no further evaluation. Else it is f(w) − f*, as precise as the cost;
    without an optimum there is none.
    """
    if objective.with_gap and carries_gap(cost_and_gradient, objective, optimum):
        return objective.with_gap

    def evaluate(w: Vector) -> Tuple[float, Vector, Optional[float]]:
        cost, gradient = cost_and_gradient(w)
        return cost, gradient, None if optimum is None else cost - optimum

    return evaluate


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

    def evaluations(self) -> int:
        """Of the cost and of its gradient, together."""
        return self.costs + self.gradients

    def add(self, evaluations: int, rows: int) -> None:
        """So many evaluations of cost and gradient, of so many rows each."""
        self.costs += evaluations
        self.gradients += evaluations
        self.row_passes += evaluations * rows

    def counted(self, objective: Objective) -> Objective:
        """The same objective, its evaluations counted here."""
        return objective._replace(
            cost=self._cost(objective.cost, objective.rows),
            cost_and_gradient=self._both(objective.cost_and_gradient, objective.rows),
            complex_cost=objective.complex_cost and self._cost(objective.complex_cost, objective.rows),
            along=objective.along and self._along(objective.along, objective.rows),
            on=objective.on and self._on(objective.on),
            rise=objective.rise and self._along(objective.rise, objective.rows),
            given=objective.given and self._both(objective.given, objective.rows),
            with_gap=objective.with_gap and self._both(objective.with_gap, objective.rows),
        )

    def _cost(self, cost: Callable[[A], B], rows: int) -> Callable[[A], B]:
        def counted(w: A) -> B:
            self.costs += 1
            self.row_passes += rows
            return cost(w)

        return counted

    def _both(self, function: Callable[[A], B], rows: int) -> Callable[[A], B]:
        def counted(argument: A) -> B:
            self.add(1, rows)
            return function(argument)

        return counted

    def _along(self, along: Along, rows: int) -> Along:
        return lambda w, d: self._cost(along(w, d), rows)

    def _on(self, on: Callable[[Sequence[Row]], CostAndGradient]) -> Callable[[Sequence[Row]], CostAndGradient]:
        return lambda rows: self._both(on(rows), len(rows))
