"""The room of surfaces: problems without data, each a function of the parameters w alone."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from gdbench.descent.registry import Registry

#: A surface is f(w, …): w a list of floats, complex numbers or traced scalars, then what a config chooses.
#: Its facts, each but `source` and the flags a function of those choices:
#:   start → the standard starting point.  dimension → how many parameters.
#:   minimum → (f*, w*), the least value and a point that has it (None where the literature gives none),
#:   or None where it is unknown or does not exist.  others → further minimisers, local ones included,
#:   as (f, w).  source: where the definition comes from.
#:   quadratic, unbounded, kinked: True where f is a quadratic, has no least value, has a kink.
SURFACES: Registry[Any] = Registry("surface", "surfaces", given=1)
surface = SURFACES.register

Point = List[float]
Minimum = Optional[Tuple[float, Optional[Point]]]


def fixed(
    source: str,
    start: Sequence[float],
    minimum: Optional[Tuple[float, Sequence[float]]],
    others: Sequence[Tuple[float, Sequence[float]]] = (),
    **flags: bool,
) -> Dict[str, Any]:
    """The facts of a surface whose dimension and minimum no parameter changes."""
    return {
        "source": source,
        "start": lambda: list(start),
        "dimension": lambda: len(start),
        "minimum": lambda: None if minimum is None else (minimum[0], list(minimum[1])),
        "others": lambda: [(f, list(w)) for f, w in others],
        **flags,
    }


def any_dimension(
    source: str, start: Callable[[int], Point], minimum: Callable[[int], Minimum], **flags: bool
) -> Dict[str, Any]:
    """The facts of a surface whose only parameter is its dimension."""
    return {
        "source": source,
        "start": lambda dimension: start(dimension),  # noqa: PLW0108  facts are called by keyword
        "dimension": lambda dimension: dimension,
        "minimum": lambda dimension: minimum(dimension),  # noqa: PLW0108
        "others": lambda dimension: [],
        **flags,
    }
