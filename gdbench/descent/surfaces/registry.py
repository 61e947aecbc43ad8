"""The room of surfaces: problems without data, each a function of the parameters w alone.

A surface is f(w, …): w a list of floats, complex numbers or traced scalars, then what a config chooses.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterable, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.functions import Scalar
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.registry import Choice, Registry, find, settled

SURFACES: Registry[Scalar] = Registry("surface", "surfaces", given=1, also=("function", "test_function"))
surface = SURFACES.register

Minimum = Optional[Tuple[float, Optional[Vector]]]


class SurfaceFacts(NamedTuple):
    """What a surface claims of itself.

    dimension: how many parameters.  start: the standard starting point.  source: where it comes from.
    minimum: (f*, w*), the least value and a point that has it (None where the literature gives none); None
    where it is unknown or does not exist.  others: further minimisers, local ones included, as (f, w).
    quadratic, unbounded, kinked: whether it is a quadratic, has no least value, has a kink.
    gradient: w → ∇f as its author wrote it down: `gradient: given` goes by it, checks compare it.
    convex: whether it is known to be.  curvatures: (μ, L) that hold everywhere, of one that is no quadratic.
    spectrum: the eigenvalues of a quadratic's Hessian.  axes: whether they belong to w₁, w₂, … in order.
    """

    dimension: int
    start: Vector
    minimum: Minimum = None
    others: Sequence[Tuple[float, Vector]] = ()
    source: str = ""
    quadratic: bool = False
    unbounded: bool = False
    kinked: bool = False
    convex: Optional[bool] = None
    curvatures: Optional[Tuple[float, float]] = None
    spectrum: Optional[Sequence[float]] = None
    axes: bool = False
    gradient: Optional[Callable[..., Sequence[float]]] = None


def surface_facts(choice: Choice) -> SurfaceFacts:
    """The facts of a surface in config form."""
    entry, parameters = find(SURFACES, choice)
    return SurfaceFacts(**settled(entry.facts, parameters, functions=("gradient",)))


def fixed(
    source: str,
    start: Sequence[float],
    minimum: Optional[Tuple[float, Sequence[float]]],
    others: Sequence[Tuple[float, Sequence[float]]] = (),
    **flags: bool,
) -> Dict[str, object]:
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
    source: str, start: Callable[[int], Vector], minimum: Callable[[int], Minimum], **flags: bool
) -> Dict[str, object]:
    """The facts of a surface whose only parameter is its dimension."""
    return {
        "source": source,
        "start": lambda dimension: start(dimension),  # noqa: PLW0108  facts are called by keyword
        "dimension": lambda dimension: dimension,
        "minimum": lambda dimension: minimum(dimension),  # noqa: PLW0108
        "others": lambda dimension: [],
        **flags,
    }


def square(x: Scalar) -> Scalar:
    return x * x


def total(terms: Iterable[Scalar]) -> Scalar:
    """Σ tᵢ, in the order given; there must be at least one."""
    remaining = iter(terms)
    value = next(remaining)
    for term in remaining:
        value = value + term
    return value


def sum_of_squares(residuals: Iterable[Scalar]) -> Scalar:
    """Σ rᵢ², without a factor ½ or 1/m."""
    return total(r * r for r in residuals)
