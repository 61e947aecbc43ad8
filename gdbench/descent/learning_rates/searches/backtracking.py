"""Backtracking: begin with a long step and shorten it until the cost has decreased enough."""

from __future__ import annotations

from gdbench.descent.domains import inner_fraction, positive
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import (
    Chooser,
    LearningRate,
    Search,
    in_order,
    learning_rate,
    needed,
)
from gdbench.descent.learning_rates.searches.ray import search_line
from gdbench.descent.numerics.vectors import Vector


def _check(initial: float, shrink: float, c1: float, smallest: float) -> None:
    in_order("backtracking", "smallest", smallest, "initial", initial)


@learning_rate(
    "backtracking",
    facts={"check": _check, "needs": ("along",), "search": True, "along": True},
    initial=positive,
    shrink=inner_fraction,
    c1=inner_fraction,
    smallest=positive,
)
def backtracking(
    initial: float = 1.0, shrink: float = 0.5, c1: float = 1e-4, smallest: float = 1e-20
) -> LearningRate:
    """The first η of initial · shrinkⁱ with f(w − η g) ≤ f(w) − c₁ η ‖g‖²  (Armijo 1966).

    Of an optimizer with a direction d of its own: f(w + η d) ≤ f(w) + c₁ η g·d.
    initial: > 0.  shrink: in (0, 1).  c1: in (0, 1).  smallest: > 0; trials end there, and the last one
    is taken if none was good enough.
    """

    def begin(landscape: Landscape) -> Chooser:
        needed(landscape.along, "backtracking", "the cost along a line", "a schedule, such as constant")

        def choose(now: Iterate, direction: Vector) -> float:
            ray, rate = search_line(landscape, now, direction), initial
            while not ray.decreases(ray.at(rate), c1) and rate * shrink >= smallest:
                rate *= shrink
            return rate

        return Search(choose)

    return begin
