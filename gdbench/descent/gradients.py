"""Step 3 of gradient descent, which way is down: exactly, or numerically by differences.

A gradient method turns an objective into cost_and_gradient(w).
"""

from __future__ import annotations

import math
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.domains import optional, positive
from gdbench.descent.errors import GdbenchError
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.problems.objective import CostAndGradient, Objective
from gdbench.descent.registry import Registry, build

GRADIENTS: Registry[Gradient] = Registry("gradient", "gradients", also=("derivative", "jac"))
gradient = GRADIENTS.register

Gradient = Callable[[Objective], CostAndGradient]

# √ε and ∛ε for ε = 2⁻⁵², as literals because pow may round differently from one machine to the next
_SQUARE_ROOT_OF_EPSILON = 1.4901161193847656e-08
_CUBE_ROOT_OF_EPSILON = 6.055454452393343e-06
_TINY = 1e-100
#: The method that goes by a slope which the cost brings.
GIVEN = "given"
#: The slope over a step that was lost to rounding: it ends the run.
_UNKNOWN = float("nan")


@gradient("analytic", facts={"exact": True, "batches": True, "at_kinks": True})
def analytic() -> Gradient:
    """∇f by reverse-mode differentiation of the traced definition: exact to rounding."""
    return lambda objective: objective.cost_and_gradient


@gradient(GIVEN)
def given() -> Gradient:
    """∇f by the slope that the cost's or surface's author wrote down, as in @cost("name", gradient=slope).

    It is compared with the exact one where a run begins, and what is wrong with it is told.
    """

    def of(objective: Objective) -> CostAndGradient:
        if objective.given is None:
            raise GdbenchError(NOT_GIVEN)
        return objective.given

    return of


#: What is said where nothing is given.
NOT_GIVEN = (
    "gradient 'given' goes by the slope that a cost or surface brings, as in @cost('name', gradient=slope); "
    "this one brings none. Use analytic."
)


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


class StepError(NamedTuple):
    """How far a method's gradient with a step h is from the exact one: ‖g_h − ∇f‖ / ‖∇f‖."""

    method: str
    step: float
    error: float


#: The steps at which errors are looked at: 1, 0.3, 0.1, … 1e-16.
STEPS = tuple(float(text) for k in range(17) for text in (f"1e-{k}", f"3e-{k + 1}"))


def step_errors(
    objective: Objective, w: Vector, methods: Sequence[str] = ("forward", "central", "complex_step")
) -> List[StepError]:
    """The errors of numerical gradients at w, step by step; a step at which there is no value is left out.

    A long step pays for truncation, h or h² of it, a short one for rounding, ε/h: a V with its best step at
    the bottom. A complex step subtracts nothing, so it has one side only.
    """
    exact = objective.cost_and_gradient(w)[1]
    length = norm(exact)
    found: List[StepError] = []
    if not length or not math.isfinite(length):
        return found
    for method in methods:
        for step in STEPS:
            try:
                g = build(GRADIENTS, {method: {"step": step}})(objective)(w)[1]
            except (ArithmeticError, ValueError, TypeError, GdbenchError):
                continue
            error = norm([a - b for a, b in zip(g, exact)]) / length
            if math.isfinite(error):
                found.append(StepError(method, step, error))
    return found


def best_step(errors: Sequence[StepError], method: str) -> Optional[StepError]:
    """Where a method errs least; of several such steps the longest."""
    return min((one for one in errors if one.method == method), key=lambda one: one.error, default=None)


def order_of(errors: Sequence[StepError], method: str) -> Optional[float]:
    """The power of h by which a method's error falls towards its best step, the median of neighbours' ones.

    Steps within a factor of ten of the best one, and the longest, are passed over; None where none is left.
    """
    best = best_step(errors, method)
    if best is None:
        return None
    mine = [one for one in errors if one.method == method]
    steep = [one for one in mine if 10.0 * best.step < one.step <= 0.1 and one.error > 0.0]
    orders = sorted(math.log(a.error / b.error) / math.log(a.step / b.step) for a, b in zip(steep, steep[1:]))
    return orders[len(orders) // 2] if orders else None
