"""What a learning rate is, the registry it joins, and the contradictions that several can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, ClassVar, Optional, Tuple, TypeVar

from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.registry import Choice, Registry, find

#: Facts: needs, what must be known of the problem, or its parameters → that.  search: it looks along −∇f.
#: along: it looks along any direction that an optimizer takes, as a `Search`.
#: whole: it looks at the whole cost.  fixed: (L, the rate recommended, its parameters) → the one rate of all
#: iterations.  dies: its parameters → whether the sum of all rates is finite.  rests: its parameters → within
#: how many iterations it is as high again as it will ever be, None where that is not known; 0 of one that is
#: fixed or searches.  minimises: whether it goes to the least cost along the direction.
#: worst: (μ, L, its parameters) → the theorems that bound plain descent with it.
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
    memory: ClassVar[Tuple[object, ...]] = ()

    def __call__(self, now: Iterate) -> float:
        return self.rate_at(now.k)


@dataclass(frozen=True)
class Remembering:
    """A chooser that says what it remembers from one iterate to the next, so that a run can be gone on with.

    memory: as `gdbench.descent.recording.memory` says; nothing, where it looks at the iterate at hand alone.
    """

    choose: Chooser
    memory: Tuple[object, ...] = ()

    def __call__(self, now: Iterate) -> float:
        return self.choose(now)


@dataclass(frozen=True)
class Search:
    """A chooser that looks along the step's direction: the rate of w_k + η d, by default of d = −∇f(w_k).

    memory: as of `Remembering`.
    """

    along: Callable[[Iterate, Vector], float]
    memory: Tuple[object, ...] = ()

    def __call__(self, now: Iterate) -> float:
        return self.along(now, [-g_j for g_j in now.gradient])


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


def needs_of(choice: Choice) -> Tuple[str, ...]:
    """What a learning rate in config form must know of the problem, as fields of `Landscape`."""
    entry, given = find(LEARNING_RATES, choice)
    needs = entry.facts.get("needs", ())
    return tuple(needs(**given) if callable(needs) else needs)


def positive_smoothness(name: str, smoothness: Optional[float]) -> float:
    """L, where it is known and above 0; raises `GdbenchError` elsewhere."""
    top = needed(smoothness, name, "a bound L on the curvature of the cost", "a number, such as 0.1")
    if top <= 0.0:
        raise GdbenchError(
            f"learning rate '{name}' needs a curvature L above 0, but here L = {top:g}: "
            "the cost is flat. Try a number, such as 0.1."
        )
    return top


def curvatures_needed(*, mu: Optional[float], smoothness: Optional[float], **_: object) -> Tuple[str, ...]:
    """Of a learning rate that takes μ and L from the problem unless it is given them."""
    return (() if mu else ("convexity",)) + (() if smoothness else ("smoothness",))


def curvatures(
    name: str, landscape: Landscape, mu: Optional[float], smoothness: Optional[float]
) -> Tuple[float, float]:
    """(μ, L) as given, or of the problem."""
    least = needed(mu or landscape.convexity, name, "μ > 0, the least curvature of the cost", "mu: a number")
    return least, max(least, positive_smoothness(name, smoothness or landscape.smoothness))


def of_curvatures(name: str) -> Callable[..., None]:
    """A check that μ is not above L, where both are given."""

    def check(*, mu: Optional[float], smoothness: Optional[float], **_: object) -> None:
        if mu is not None and smoothness is not None:
            in_order(name, "mu", mu, "smoothness", smoothness)

    return check


def in_order(kind: str, low_name: str, low: float, high_name: str, high: float) -> None:
    """Raise `BadParameter` where the lower of two parameters is above the other."""
    if low > high:
        raise BadParameter(
            low_name,
            f"'{low_name}' of learning rate '{kind}' must not be above '{high_name}', but {low:g} > {high:g}.",
        )
