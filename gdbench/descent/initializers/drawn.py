"""Starting points whose parameters are drawn alike, whatever the model: uniform, normal, truncated normal."""

from __future__ import annotations

import math
from random import Random
from typing import Callable, List

from gdbench.descent.domains import non_negative, number, positive
from gdbench.descent.errors import BadParameter
from gdbench.descent.initializers.room import RANDOM, initializer
from gdbench.descent.problems.shape import Shape

#: √(2π): an interval this many deviations wide holds as much as the bell's height times its width.
_BELL = 2.5066282746310002
#: The mean may lie this many deviations outside the interval, as far as PyTorch trusts its own draws.
_OUTSIDE = 2.0


@initializer("normal", facts={"also": ("gaussian", "random", "randn"), **RANDOM}, mean=number, std=non_negative)
def normal(shape: Shape, random: Random, mean: float = 0.0, std: float = 1.0) -> List[float]:
    """wⱼ ~ N(mean, std²), independent.

    mean: of each parameter.  std: standard deviation, ≥ 0.
    """
    return [random.gauss(mean, std) for _ in range(shape.size)]


def _in_order(low: float, high: float) -> None:
    if low > high:
        message = f"'low' of initializer 'uniform' must not be above 'high', but {low:g} > {high:g}."
        raise BadParameter("low", message)


@initializer(
    "uniform", facts={"also": ("random", "rand"), **RANDOM, "check": _in_order}, low=number, high=number
)
def uniform(shape: Shape, random: Random, low: float = -1.0, high: float = 1.0) -> List[float]:
    """wⱼ ~ U(low, high), independent.

    low, high: ends of the interval; a draw is low · (1 − u) + high · u with u in [0, 1).
    """
    return [between(random, low, high) for _ in range(shape.size)]


def between(random: Random, low: float, high: float) -> float:
    """A draw from U(low, high)."""
    # low·(1 − u) + high·u and not low + (high − low)·u, which overflows for ends that are far apart
    u = random.random()
    return low * (1.0 - u) + high * u


def _near_the_bell(mean: float, std: float, low: float, high: float) -> None:
    name = "initializer 'truncated_normal'"
    if not low < high:
        raise BadParameter("low", f"'low' of {name} must be below 'high', but {low:g} ≥ {high:g}.")
    if not low - _OUTSIDE * std <= mean <= high + _OUTSIDE * std:
        raise BadParameter(
            "mean",
            f"'mean' of {name} must be within {_OUTSIDE:g} std of the interval from 'low' to 'high', as "
            f"hardly a draw would fall into it; {mean:g} is further than {_OUTSIDE * std:g} from "
            f"[{low:g}, {high:g}].",
        )


@initializer(
    "truncated_normal",
    facts={**RANDOM, "check": _near_the_bell},
    mean=number,
    std=positive,
    low=number,
    high=number,
)
def truncated_normal(
    shape: Shape, random: Random, mean: float = 0.0, std: float = 1.0, low: float = -2.0, high: float = 2.0
) -> List[float]:
    """wⱼ ~ N(mean, std²) given low ≤ wⱼ ≤ high, independent, by rejection (Robert 1995).

    mean, std: of the bell before it is cut, std > 0.  low, high: where it is cut, in the parameter's own
    unit and not in deviations, as in PyTorch.  The mean lies at most 2 std outside; then 50 draws are
    enough for one on average, at the worst.
    """
    _near_the_bell(mean, std, low, high)  # or the draws below would go on for ever
    # an interval narrower than √(2π) std holds so little of the bell that it is better drawn from evenly
    even = high - low < _BELL * std
    draw = _from_the_interval if even else _from_the_bell
    one = draw(random, mean, std, low, high)
    return [one() for _ in range(shape.size)]


def _from_the_bell(random: Random, mean: float, std: float, low: float, high: float) -> Callable[[], float]:
    """Draw from N(mean, std²) until a value falls into the interval."""

    def one() -> float:
        while True:
            v = random.gauss(mean, std)
            if low <= v <= high:
                return v

    return one


def _from_the_interval(random: Random, mean: float, std: float, low: float, high: float) -> Callable[[], float]:
    """Draw v from U(low, high) until it is accepted, with probability φ(v) / max φ over the interval."""
    top = (min(max(mean, low), high) - mean) / std

    def one() -> float:
        while True:
            v = between(random, low, high)
            z = (v - mean) / std
            if random.random() <= math.exp(0.5 * (top * top - z * z)):
                return v

    return one
