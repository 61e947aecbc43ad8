"""Step 4b of gradient descent, the update: pure (init, update) pairs, state in and state out.

An optimizer never sees data or cost: only the parameters, the gradient there, and the learning rate.
"""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Tuple

from gdbench.descent.registry import Registry

OPTIMIZERS = Registry("optimizer", "optimizers")
optimizer = OPTIMIZERS.register

Vector = List[float]


class Optimizer(NamedTuple):
    """init(w) → state;  update(w, gradient, state, η) → (new w, new state)."""

    init: Callable[[Vector], Any]
    update: Callable[[Vector, Vector, Any, float], Tuple[Vector, Any]]


@optimizer("gradient_descent")
def gradient_descent() -> Optimizer:
    """w ← w − η g  (Cauchy 1847)."""

    def init(w: Vector) -> None:  # noqa: ARG001  plain descent remembers nothing
        return None

    def update(w: Vector, g: Vector, state: None, rate: float) -> Tuple[Vector, None]:
        return [w_j - rate * g_j for w_j, g_j in zip(w, g)], state

    return Optimizer(init, update)
