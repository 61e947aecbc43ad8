"""Step 1 of gradient descent, where to begin: each initializer draws the parameters w₀.

An initializer receives the number of parameters and the run's own random generator. Those that draw
are marked `random`: only they are repeated. A starting point never depends on the learning rate, so
runs that differ in it alone start from the same place.
"""

from __future__ import annotations

from random import Random
from typing import List

from gdbench.descent.domains import non_negative, number
from gdbench.descent.errors import BadParameter
from gdbench.descent.registry import Registry

INITIALIZERS = Registry("initializer", "initializers", given=2)
initializer = INITIALIZERS.register

RANDOM = {"random": True}


@initializer("zeros")
def zeros(size: int, random: Random) -> List[float]:  # noqa: ARG001  every initializer is called alike
    """wⱼ = 0."""
    return [0.0] * size


@initializer("constant", value=number)
def constant(size: int, random: Random, value: float) -> List[float]:  # noqa: ARG001
    """wⱼ = value."""
    return [value] * size


@initializer("normal", facts=RANDOM, mean=number, std=non_negative)
def normal(size: int, random: Random, mean: float = 0.0, std: float = 1.0) -> List[float]:
    """wⱼ ~ N(mean, std²), independent.

    mean: of each parameter.  std: standard deviation, ≥ 0.
    """
    return [random.gauss(mean, std) for _ in range(size)]


def _in_order(low: float, high: float) -> None:
    if low > high:
        message = f"'low' of initializer 'uniform' must not be above 'high', but {low:g} > {high:g}."
        raise BadParameter("low", message)


@initializer("uniform", facts={**RANDOM, "check": _in_order}, low=number, high=number)
def uniform(size: int, random: Random, low: float = -1.0, high: float = 1.0) -> List[float]:
    """wⱼ ~ U(low, high), independent.

    low, high: ends of the interval; a draw is low · (1 − u) + high · u with u in [0, 1).
    """
    # low·(1 − u) + high·u and not low + (high − low)·u, which overflows for ends that are far apart
    draws = (random.random() for _ in range(size))
    return [low * (1.0 - u) + high * u for u in draws]
