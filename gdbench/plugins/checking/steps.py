"""Does an optimizer step as the loop asks it to: on its own lists, from a fresh state, and down a quadratic?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.registry import Entry
from gdbench.plugins.checking.finding import FINE, WRONG, Finding
from gdbench.plugins.loading import line_in

#: ½ Σ λ w², and where it is descended from: the slopes differ in size and in sign.
LAMBDAS, BEGIN = (1.0, 0.1), (1.0, -2.0)
#: Rates from one that plain descent likes to one for steps as long as the rate; iterations with each.
RATES, ITERATIONS = (0.3, 0.03, 0.003), 400


class _Unfit(Exception):
    """A step that the loop could not take, in words."""


def steps(entry: Entry[Any], parameters: Mapping[str, Any], origin: str) -> Finding:
    """What is wrong with its steps, or that they lead down."""
    given = {**parameters, **({"theoretical": False} if "theoretical" in parameters else {})}
    try:
        return _descends(lambda: entry.function(**given))
    except _Unfit as unfit:
        return Finding(WRONG, "steps", str(unfit))
    except Exception as error:  # noqa: BLE001  whatever the user's update raises is what is to be told
        said = f"a step cannot be made ({type(error).__name__}: {error})."
        return Finding(WRONG, "steps", said, line_in(error, origin))


def _descends(make: Callable[[], Optimizer]) -> Finding:
    optimizer = make()
    ways = {rate: list(_way(optimizer, rate)) for rate in RATES}
    for rate, way in ways.items():
        if list(_way(optimizer, rate)) != way:
            raise _Unfit(
                "begun a second time it goes another way: init must make a new state, and update keep nothing "
                "outside of it."
            )
    start = _cost(BEGIN)
    least, rate = min((_cost(way[-1]), rate) for rate, way in ways.items())
    shown = f"½ (w₁² + 0.1 w₂²) goes from {start:.3g} to {least:.3g} in {ITERATIONS} iterations"
    if not least < start:
        raise _Unfit(f"it leads nowhere down: {shown}, at the best of the rates {', '.join(map(str, RATES))}.")
    evidence = {"rate": rate, "start": start, "end": least}
    return Finding(FINE, "steps", f"steps: {shown} at the rate {rate:g}.", evidence=evidence)


def _way(optimizer: Optimizer, rate: float) -> Iterator[Vector]:
    """Points of a descent, each step looked at; it ends where the cost is beyond all bounds."""
    w = list(BEGIN)
    state = optimizer.init(list(w))
    for k in range(ITERATIONS):
        slope = [lam * w_j for lam, w_j in zip(LAMBDAS, w, strict=True)]
        given, gradient = list(w), list(slope)
        made: object = optimizer.update(given, gradient, state, rate)
        if not isinstance(made, tuple) or len(made) != 2:
            raise _Unfit("update must give (new w, new state).")
        for name, before, after in (("w", w, given), ("gradient", slope, gradient)):
            if after != before:
                raise _Unfit(f"update changes the list {name} that it is given: it must make a new one.")
        w, state = _vector(made[0], k + 1), made[1]
        yield w
        if not _cost(w) < math.inf:
            return


def _vector(value: object, iteration: int) -> Vector:
    """The new w as it must be. Raises where it is no list of as many numbers."""
    numbers = [v for v in value if isinstance(v, float | int)] if isinstance(value, list | tuple) else []
    if not isinstance(value, list | tuple) or not len(numbers) == len(value) == len(BEGIN):
        raise _Unfit(f"the new w of iteration {iteration} is {value!r}, not a list of {len(BEGIN)} numbers.")
    return numbers


def _cost(w: Sequence[float]) -> float:
    """Not a number counts as above all numbers."""
    values = [0.5 * lam * w_j * w_j for lam, w_j in zip(LAMBDAS, w, strict=True)]
    return math.fsum(values) if all(map(math.isfinite, values)) else math.inf
