"""Step 4a of gradient descent, how far to go: a schedule maps the iteration to a learning rate."""

from __future__ import annotations

from typing import Callable

from gdbench.descent.domains import positive
from gdbench.descent.registry import Registry

LEARNING_RATES = Registry("learning rate", "learning_rates")
learning_rate = LEARNING_RATES.register

#: k, the number of updates already done → η_k, the rate of the next one.
Schedule = Callable[[int], float]


@learning_rate("constant", rate=positive)
def constant(rate: float) -> Schedule:
    """η_k = rate.

    rate: > 0, in units of parameter² per cost.
    """
    return lambda k: rate  # noqa: ARG005  every schedule is asked with k
