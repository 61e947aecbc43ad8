"""A convex problem as its solvers see it: a cost of scores, its rows in floats and in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gdbench.descent.costs import CostFacts, cost_facts
from gdbench.descent.penalties import Strengths
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice
from gdbench.reference.solvers.continuation import loss_of
from gdbench.reference.solvers.design import Design, design
from gdbench.reference.solvers.exact import ExactRows, exact_rows
from gdbench.reference.solvers.losses import Loss

#: A solver's point counts as the optimum when its gradient is this much smaller than at zero.
SOLVED = 1e-9


@dataclass(frozen=True)
class ConvexProblem:
    """The mean of a convex cost of scores w · row, plus a penalty."""

    expand: Terms
    cost: Choice
    added: Strengths
    table: Table

    @cached_property
    def facts(self) -> CostFacts:
        return cost_facts(self.cost)

    @cached_property
    def design(self) -> Design:
        return design(self.expand, self.table, self.added)

    @cached_property
    def exact(self) -> ExactRows:
        return exact_rows(self.expand, self.table)

    @cached_property
    def loss(self) -> Loss:
        return loss_of(self.cost, self.design.targets.shape[1])

    @property
    def penalised(self) -> bool:
        return self.added.l1 > 0.0 or self.added.l2 > 0.0

    @property
    def on_all(self) -> bool:
        """Whether a penalty would be on every parameter."""
        return all(self.expand.penalised(self.added, self.design.G.shape[1]))

    @property
    def smooth_penalty(self) -> bool:
        return self.added.l1 == 0.0

    @property
    def falls(self) -> bool | None:
        """Whether its cost is one that falls for ever on some side of some target; None: not known."""
        return None if self.facts.falls is None else self.facts.falls != 0.0
