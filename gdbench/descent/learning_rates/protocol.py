"""What a learning rate is, the registry it joins, and the contradictions that several can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, TypeVar

from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.registry import Registry

#: Facts: needs, what must be known of the problem.  search: it looks along −∇f.  whole: it looks at the whole
#: cost.  fixed: (L, the rate recommended, its parameters) → the one rate of all iterations.
#: dies: its parameters → whether the sum of all rates is finite.  rests: its parameters → within how many
#: iterations it is as high again as it will ever be, None where that is not known; 0 of one that is fixed or
#: searches.
LEARNING_RATES: Registry[LearningRate] = Registry(
    "learning rate", "learning_rates", also=("lr", "eta", "rate", "step_size", "schedule", "scheduler")
)
learning_rate = LEARNING_RATES.register

#: Iterate k → η_k, the rate of the step from w_k to w_{k+1}.
Chooser = Callable[[Iterate], float]
#: begin(landscape) → the chooser of one run.
LearningRate = Callable[[Landscape], Chooser]

_Known = TypeVar("_Known")


@dataclass(frozen=True)
class Schedule:
    """A chooser that looks at the iteration alone: η_k = rate_at(k), k from 0.

    fixed: the rate, where it is always the same.
    """

    rate_at: Callable[[int], float]
    fixed: Optional[float] = None

    def __call__(self, now: Iterate) -> float:
        return self.rate_at(now.k)


def scheduled(rate_at: Callable[[int], float]) -> LearningRate:
    """The learning rate that depends on the iteration alone: η_k = rate_at(k), k from 0."""
    return lambda landscape: Schedule(rate_at)


def always(rate: float) -> LearningRate:
    """η_k = rate."""
    return lambda landscape: Schedule(lambda k: rate, rate)


def needed(known: Optional[_Known], name: str, what: str, instead: str) -> _Known:
    """What a learning rate must know of the landscape; raises `GdbenchError` where that is missing."""
    if known is None:
        raise GdbenchError(
            f"learning rate '{name}' needs {what}, which is not known for this problem. Try {instead}."
        )
    return known


def in_order(kind: str, low_name: str, low: float, high_name: str, high: float) -> None:
    """Raise `BadParameter` where the lower of two parameters is above the other."""
    if low > high:
        raise BadParameter(
            low_name,
            f"'{low_name}' of learning rate '{kind}' must not be above '{high_name}', but {low:g} > {high:g}.",
        )
