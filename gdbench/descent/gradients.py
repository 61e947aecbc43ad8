"""Step 3 of gradient descent, which way is down: exactly, or numerically by differences.

A gradient method turns an objective into cost_and_gradient(w).
"""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from gdbench.descent.domains import optional, positive
from gdbench.descent.errors import GdbenchError
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import CostAndGradient, Objective
from gdbench.descent.registry import Registry

GRADIENTS: Registry[Gradient] = Registry("gradient", "gradients")
gradient = GRADIENTS.register

Gradient = Callable[[Objective], CostAndGradient]

# √ε and ∛ε for ε = 2⁻⁵², as literals because pow may round differently from one machine to the next
_SQUARE_ROOT_OF_EPSILON = 1.4901161193847656e-08
_CUBE_ROOT_OF_EPSILON = 6.055454452393343e-06
_TINY = 1e-100
#: The slope over a step that was lost to rounding: it ends the run.
_UNKNOWN = float("nan")


@gradient("analytic", facts={"exact": True})
def analytic() -> Gradient:
    """∇f by reverse-mode differentiation of the traced definition: exact to rounding."""
    return lambda objective: objective.cost_and_gradient


@gradient("forward", step=optional(positive))
def forward(step: Optional[float] = None) -> Gradient:
    """∂f/∂wⱼ ≈ (f(w + hⱼeⱼ) − f(w)) / hⱼ, error O(h).

    step: h, absolute, in the parameter's unit; by default hⱼ = √ε · max(1, |wⱼ|), which balances
    truncation against rounding for a function of unit scale (Nocedal & Wright 2006, §8.1).
    """

    def of(objective: Objective) -> CostAndGradient:
        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            here, g, moved = objective.cost(w), [], list(w)
            for j, w_j in enumerate(w):
                moved[j] = w_j + (step or _SQUARE_ROOT_OF_EPSILON * max(1.0, abs(w_j)))
                # the step really taken: w + h is rounded, and dividing by h itself would not know
                run = moved[j] - w_j
                g.append((objective.cost(moved) - here) / run if run else _UNKNOWN)
                moved[j] = w_j
            return here, g

        return cost_and_gradient

    return of


@gradient("central", step=optional(positive))
def central(step: Optional[float] = None) -> Gradient:
    """∂f/∂wⱼ ≈ (f(w + hⱼeⱼ) − f(w − hⱼeⱼ)) / 2hⱼ, error O(h²).

    step: h, absolute, in the parameter's unit; by default hⱼ = ∛ε · max(1, |wⱼ|), which balances
    truncation against rounding for a function of unit scale (Nocedal & Wright 2006, §8.1).
    """

    def of(objective: Objective) -> CostAndGradient:
        cost = objective.cost

        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            g, moved = [], list(w)
            for j, w_j in enumerate(w):
                h = step or _CUBE_ROOT_OF_EPSILON * (w_j if w_j > 1.0 else -w_j if w_j < -1.0 else 1.0)
                moved[j] = above = w_j + h
                rise = cost(moved)
                moved[j] = below = w_j - h
                rise -= cost(moved)
                moved[j] = w_j
                run = above - below
                g.append(rise / run if run else _UNKNOWN)
            return cost(w), g

        return cost_and_gradient

    return of


@gradient("complex_step", facts={"exact": True}, step=positive)
def complex_step(step: float = _TINY) -> Gradient:
    """∂f/∂wⱼ = Im f(w + i h eⱼ) / h, exact to rounding for any small h: nothing is subtracted.

    step: h > 0 (Squire & Trapp 1998). Piecewise definitions follow the branch of the real part.
    """

    def of(objective: Objective) -> CostAndGradient:
        complex_cost = objective.complex_cost
        if complex_cost is None:
            raise GdbenchError("gradient 'complex_step' needs a cost that takes complex numbers; use central.")

        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            g, moved = [], list(w)
            for j, w_j in enumerate(w):
                moved[j] = complex(w_j, step)  # type: ignore[call-overload]
                g.append(complex_cost(moved).imag / step)
                moved[j] = w_j
            return objective.cost(w), g

        return cost_and_gradient

    return of
