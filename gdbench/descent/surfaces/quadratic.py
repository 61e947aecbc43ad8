"""Quadratics whose spectrum is known: where every theorem about gradient descent can be checked."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random
from typing import Any, List, Optional, Sequence, Tuple

from gdbench.descent.domains import (
    at_least,
    boolean,
    list_of,
    natural,
    non_negative,
    one_of,
    one_or_more,
    optional,
)
from gdbench.descent.errors import BadParameter
from gdbench.descent.functions import Scalar, dot
from gdbench.descent.limits import OPERATION_BYTES, ROTATED, as_bytes, too_much
from gdbench.descent.numerics.householder import rotation as drawn
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.surfaces.registry import Minimum, square, surface, total

CONDITION, DIMENSION, DISTRIBUTION = 10.0, 2, "geometric"


def spectrum_of(
    spectrum: Optional[Sequence[float]] = None,
    condition: Optional[float] = None,
    dimension: Optional[int] = None,
    distribution: Optional[str] = None,
    **_: object,
) -> List[float]:
    """The eigenvalues λ₁, λ₂, …: those given, or else `dimension` of them from 1/κ to 1.

    geometric: λᵢ = κ^(−(d − i)/(d − 1)).  uniform: evenly spaced.  two_clusters: the first half 1/κ (the
    larger half if d is odd), the rest 1.
    """
    if spectrum is not None:
        return list(spectrum)
    kappa, d = condition or CONDITION, dimension or DIMENSION
    if d == 1:
        return [1.0]
    distribution = distribution or DISTRIBUTION
    inner = [_between(1.0 / kappa, i / (d - 1), distribution) for i in range(1, d - 1)]
    return [1.0 / kappa, *inner, 1.0]  # the ends to the last bit, so that κ is what was asked for


def _between(smallest: float, share: float, distribution: str) -> float:
    """The eigenvalue at a share in (0, 1) of the way up."""
    if distribution == "geometric":
        return math.exp((1.0 - share) * math.log(smallest))
    if distribution == "uniform":
        return smallest + share * (1.0 - smallest)
    return smallest if share <= 0.5 else 1.0


def _consistent(
    spectrum: Optional[Sequence[float]],
    condition: Optional[float],
    dimension: Optional[int],
    distribution: Optional[str],
    *,
    rotated: bool = False,
    **_: object,
) -> None:
    """A spectrum that is given leaves nothing to draw, and is not all flat; rotations are not too large."""
    size = len(spectrum) if spectrum is not None else dimension or DIMENSION
    if rotated and size > ROTATED:
        what = f"a rotation of {size:,} dimensions"
        need = as_bytes(6 * OPERATION_BYTES * size * size)
        raise BadParameter("rotated", too_much(what, need, f"{ROTATED} dimensions", "Leave out 'rotated'."))
    if spectrum is not None and not any(spectrum):
        raise BadParameter(
            "spectrum", "'spectrum' of surface 'quadratic' needs a number above 0 among its own."
        )
    drawn = {"condition": condition, "dimension": dimension, "distribution": distribution}
    for name, value in drawn.items():
        if spectrum is not None and value is not None:
            raise BadParameter(
                name, f"'{name}' of surface 'quadratic' is settled by 'spectrum': give one or the other."
            )
    if dimension == 1 and condition not in (None, 1.0):
        raise BadParameter(
            "condition", f"a quadratic of one dimension has condition 1, not {condition:g}: raise 'dimension'."
        )


def _centre(**choices: Any) -> Vector:
    return [1.0] * len(spectrum_of(**choices))


def _start(**choices: Any) -> Vector:
    return [0.0] * len(spectrum_of(**choices))


def _minimum(**choices: Any) -> Minimum:
    return 0.0, _centre(**choices)


@lru_cache(maxsize=16)
def rotation(size: int, seed: int) -> Tuple[Tuple[float, ...], ...]:
    """Q with QᵀQ = I, uniform over the rotations, as rows; every evaluation on numbers asks for it.

    size: rows and columns, ≥ 1.  seed: of the one generator used.
    """
    return tuple(tuple(row) for row in drawn(size, Random(seed)))


@surface(
    "quadratic",
    facts={
        "source": "gdbench; rotations as in Stewart (1980), SIAM J. Numer. Anal. 17(3)",
        "quadratic": True,
        "check": _consistent,
        "start": _start,
        "dimension": lambda **choices: len(spectrum_of(**choices)),
        "minimum": _minimum,
        "others": lambda **choices: [],
        "spectrum": spectrum_of,
        "axes": lambda rotated, **choices: not rotated,
    },
    spectrum=optional(list_of(non_negative, "a list of numbers of 0 or more")),
    condition=optional(one_or_more),
    dimension=optional(natural),
    distribution=optional(one_of("geometric", "uniform", "two_clusters")),
    rotated=boolean,
    seed=at_least(0),
)
def quadratic(
    w: Sequence[Scalar],
    spectrum: Optional[Sequence[float]] = None,
    condition: Optional[float] = None,
    dimension: Optional[int] = None,
    distribution: Optional[str] = None,
    *,
    rotated: bool = False,
    seed: int = 0,
) -> Scalar:
    """½ Σ λᵢ zᵢ² with z = Q(w − c): its Hessian is Qᵀ diag(λ) Q, its minimum 0 at c = (1, …, 1).

    spectrum: the λᵢ ≥ 0; or, instead, the three that follow.  condition: κ = λ_max/λ_min ≥ 1, by default
    10; the largest is 1, so a learning rate of 1 is 1/L whatever κ.  dimension: d ≥ 1, by default 2.
    distribution: geometric (default), uniform or two_clusters.  rotated: Q a rotation drawn from `seed`,
    otherwise the identity.  The standard start is 0.
    """
    lambdas = spectrum_of(spectrum, condition, dimension, distribution)
    u = [w_j - 1.0 for w_j in w]
    z = [dot(u, row) for row in rotation(len(lambdas), seed)] if rotated else u
    return 0.5 * total(lambda_i * square(z_i) for lambda_i, z_i in zip(lambdas, z))
