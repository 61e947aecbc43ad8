"""Step 3 of gradient descent, which way is down: exactly, or numerically by finite differences.

A gradient method turns an objective into cost_and_gradient(w) and says what one call costs.
"""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Optional, Tuple

from gdbench.descent.domains import optional, positive
from gdbench.descent.objective import Objective
from gdbench.descent.registry import Registry

GRADIENTS = Registry("gradient", "gradients")
gradient = GRADIENTS.register

Vector = List[float]
CostAndGradient = Callable[[Vector], Tuple[float, Vector]]

# √ε and ∛ε for ε = 2⁻⁵², as literals because pow may round differently from one machine to the next
_SQUARE_ROOT_OF_EPSILON = 1.4901161193847656e-08
_CUBE_ROOT_OF_EPSILON = 6.055454452393343e-06


class Work(NamedTuple):
    """What one call costs: evaluations of the cost, of the gradient, and passes over the data."""

    costs: int
    gradients: int
    passes: int


class Gradient(NamedTuple):
    """of(objective) → cost_and_gradient;  work(p) → the work of one call with p parameters."""

    of: Callable[[Objective], CostAndGradient]
    work: Callable[[int], Work]


@gradient("analytic")
def analytic() -> Gradient:
    """∇f by reverse-mode differentiation of the traced definition: exact to rounding."""
    return Gradient(lambda objective: objective.cost_and_gradient, lambda p: Work(1, 1, 1))  # noqa: ARG005


@gradient("forward", step=optional(positive))
def forward(step: Optional[float] = None) -> Gradient:
    """∂f/∂wⱼ ≈ (f(w + hⱼeⱼ) − f(w)) / hⱼ, error O(h).

    step: h, absolute, in the parameter's unit; by default hⱼ = √ε · max(1, |wⱼ|), which balances
    truncation against rounding for a function of unit scale (Nocedal & Wright 2006, §8.1).
    """

    def of(objective: Objective) -> CostAndGradient:
        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            cost, g, moved = objective.cost(w), [], list(w)
            for j, w_j in enumerate(w):
                moved[j] = w_j + (step or _SQUARE_ROOT_OF_EPSILON * max(1.0, abs(w_j)))
                # the step really taken: w + h is rounded, and dividing by h itself would not know
                g.append(_quotient(objective.cost(moved) - cost, moved[j] - w_j))
                moved[j] = w_j
            return cost, g

        return cost_and_gradient

    return Gradient(of, lambda p: Work(p + 1, 0, p + 1))


@gradient("central", step=optional(positive))
def central(step: Optional[float] = None) -> Gradient:
    """∂f/∂wⱼ ≈ (f(w + hⱼeⱼ) − f(w − hⱼeⱼ)) / 2hⱼ, error O(h²).

    step: h, absolute, in the parameter's unit; by default hⱼ = ∛ε · max(1, |wⱼ|), which balances
    truncation against rounding for a function of unit scale (Nocedal & Wright 2006, §8.1).
    """

    def of(objective: Objective) -> CostAndGradient:
        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            g, moved = [], list(w)
            for j, w_j in enumerate(w):
                h = step or _CUBE_ROOT_OF_EPSILON * max(1.0, abs(w_j))
                moved[j] = above = w_j + h
                cost_above = objective.cost(moved)
                moved[j] = below = w_j - h
                g.append(_quotient(cost_above - objective.cost(moved), above - below))
                moved[j] = w_j
            return objective.cost(w), g

        return cost_and_gradient

    return Gradient(of, lambda p: Work(2 * p + 1, 0, 2 * p + 1))


def _quotient(rise: float, run: float) -> float:
    """rise / run; a step lost to rounding (run = 0) has no slope to tell: NaN, which ends the run."""
    return rise / run if run else float("nan")
