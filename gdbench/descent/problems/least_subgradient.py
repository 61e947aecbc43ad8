"""A cost with a 1-norm as proximal methods see it: its smooth part by slopes, its kinks by their height.

f(w) = s(w) + Σⱼ λⱼ |wⱼ|. Where wⱼ = 0 every slope from ∂s/∂wⱼ − λⱼ to ∂s/∂wⱼ + λⱼ is one of f; the least of
these in size is 0 exactly where nothing is to be gained along wⱼ. The gradient that steps, rules and records
see of a run with a proximal optimizer is made of these: the least subgradient, 0 at a minimum and nowhere else
where f is convex. Elsewhere it is ∇f.
"""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from gdbench.descent.kernels.definition import NO_PENALTY, penalised
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.objective import CostAndGradient
from gdbench.descent.problems.problem import Problem
from gdbench.descent.problems.table import Row
from gdbench.descent.registry import Spec


def kinks_of(spec: Spec, problem: Problem) -> Optional[Tuple[float, ...]]:
    """λⱼ of each parameter, where the optimizer steps by them and any is above 0; else None."""
    penalty = spec.get("penalty", NO_PENALTY)
    added = strengths(penalty)
    if added is None or not added.l1 > 0.0 or not optimizer_facts(spec["optimizer"]).proximal:
        return None
    chosen = set(penalised(penalty, problem.shape))
    return tuple(added.l1 if j in chosen else 0.0 for j in range(problem.shape.size))


def with_least_subgradient(problem: Problem, kinks: Optional[Sequence[float]]) -> Problem:
    """The same problem, whose gradient is the least subgradient: at 0 the kernels' own is that of s."""
    if kinks is None:
        return problem
    objective, on = problem.objective, problem.objective.on

    def least(gradient: Vector, w: Vector) -> Vector:
        return [least_slope(g_j, k_j) if w_j == 0.0 else g_j for g_j, w_j, k_j in zip(gradient, w, kinks)]

    def seen(evaluate: CostAndGradient) -> CostAndGradient:
        def both(w: Vector) -> Tuple[float, Vector]:
            cost, gradient = evaluate(w)
            return cost, least(gradient, w)

        return both

    def on_rows(rows: Sequence[Row]) -> CostAndGradient:
        assert on is not None
        return seen(on(rows))

    apart = objective._replace(cost_and_gradient=seen(objective.cost_and_gradient), on=on and on_rows)
    return problem._replace(objective=apart)


def least_slope(slope: float, kink: float) -> float:
    """The number nearest to 0 in [slope − λ, slope + λ]."""
    return slope - kink if slope > kink else slope + kink if slope < -kink else slope - slope
