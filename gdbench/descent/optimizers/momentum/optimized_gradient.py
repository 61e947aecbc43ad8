"""The optimized gradient method: of all fixed first-order steps those with the least worst case."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple, cast

from gdbench.descent.domains import natural, optional
from gdbench.descent.functions import below, sqrt, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer
from gdbench.descent.theory.worst_case import theorems
from gdbench.descent.theory.worst_case.theorems import Theorem


class _State(NamedTuple):
    """y_k, θ_k, and k, counted anew from each beginning."""

    y: Vector
    theta: float
    k: float


def _worst(rate: float, least: float, top: float, /, *, steps: Optional[int]) -> Tuple[Theorem, ...]:
    """Only of the last step: without `steps` there is no promise of the points where the gradient is taken."""
    return () if steps is None else theorems.optimized_gradient(rate, top, steps)


@optimizer(
    "optimized_gradient",
    facts={
        "also": ("ogm", "optimised_gradient"),
        "recommended": lambda least, top, /, **_: 1.0 / top,
        "worst": _worst,
    },
    steps=optional(natural),
)
def optimized_gradient(steps: Optional[int] = None) -> Optimizer:
    """x_{k+1} = y_{k+1} + ((θ_k − 1) (y_{k+1} − y_k) + θ_k (y_{k+1} − x_k)) / θ_{k+1}  (Kim & Fessler 2016).

    OGM2: y_{k+1} = x_k − η ∇f(x_k), y_0 = x_0, θ_0 = 1 and θ_{k+1} = ½ (1 + √(1 + 4 θ_k²)), meant for η = 1/L.
    The iterates of the run are the x, where the gradient is taken.
    steps: N ≥ 1; the last of N steps takes θ_N = ½ (1 + √(1 + 8 θ_{N−1}²)) instead, and x_N is what the method
    gives: f(x_N) − f* ≤ L ‖x_0 − x*‖² / (2 θ_N²), the least that any method can promise (Drori 2017). It is
    then at its end, and begins anew from there. Without it each step takes the inner factor, and the promise
    is of the y: f(y_{k+1}) − f* ≤ L ‖x_0 − x*‖² / (4 θ_k²)  (Kim & Fessler 2017).
    """

    def init(w: Vector) -> _State:
        return _State(w, 1.0, 0.0)

    def update(x: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        theta, k = state.theta, state.k + 1.0
        following = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * theta * theta)))
        if steps is not None:
            last = cast(float, 0.5 * (1.0 + sqrt(1.0 + 8.0 * theta * theta)))
            following = cast(float, where(below(k, steps), following, last))
        along, onward = (theta - 1.0) / following, theta / following
        y = [x_j - rate * g_j for x_j, g_j in zip(x, g)]
        moved = [y_j + along * (y_j - v_j) + onward * (y_j - x_j) for y_j, v_j, x_j in zip(y, state.y, x)]
        if steps is None:
            return moved, _State(y, following, k)
        goes_on = below(k, steps)
        kept = [cast(float, where(goes_on, y_j, x_j)) for y_j, x_j in zip(y, moved)]
        return moved, _State(
            kept, cast(float, where(goes_on, following, 1.0)), cast(float, where(goes_on, k, 0.0))
        )

    return Optimizer(init, update, traceable=True)
