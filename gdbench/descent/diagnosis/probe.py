"""The ends of the Hessian's spectrum at a point, by power iterations on differences of the gradient."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Optional, Tuple

from gdbench.descent.numerics.vectors import Vector, dot, norm

Gradient = Callable[[Vector], Vector]

#: Gradients that one end of the spectrum may cost.
STEPS = 20
#: Length of the difference, relative to the parameters: rounding and curvature's change both stay small.
_STEP = 1e-5
#: Once the estimate moves by less than this share, it has settled.
_SETTLED = 1e-3


class Ends(NamedTuple):
    """largest, least: Rayleigh quotients, so the true ends lie at or beyond them, up to the differences' error.

    direction: the unit vector of `largest`, from which a search nearby goes on.
    """

    largest: float
    least: float
    direction: Vector


def ends(gradient: Gradient, w: Vector, begin: Optional[Vector] = None) -> Optional[Ends]:
    """Both ends of ∇²f(w); None where a gradient there is not finite."""
    try:
        times = _hessian(gradient, w)
        first = _power(times, begin or _scattered(len(w)), 0.0)
        # shifted by the end that is found, the other one is the largest in size
        second = _power(times, _scattered(len(w), 1), first[0])
    except (ArithmeticError, ValueError):
        return None
    values = [(first[0], first[1]), (second[0], second[1])]
    if not all(math.isfinite(value) for value, _ in values):
        return None
    (top, direction), (least, _) = max(values, key=lambda v: v[0]), min(values, key=lambda v: v[0])
    return Ends(top, least, direction)


def sharpness(gradient: Gradient, w: Vector, begin: Optional[Vector] = None) -> Optional[Tuple[float, Vector]]:
    """The eigenvalue of ∇²f(w) that is largest in size, and its direction."""
    try:
        value, direction = _power(_hessian(gradient, w), begin or _scattered(len(w)), 0.0)
    except (ArithmeticError, ValueError):
        return None
    return (value, direction) if math.isfinite(value) else None


def _hessian(gradient: Gradient, w: Vector) -> Callable[[Vector], Vector]:
    """v → ∇²f(w) v for unit vectors v."""
    here = gradient(w)
    step = _STEP * max(1.0, norm(w))

    def times(v: Vector) -> Vector:
        there = gradient([w_j + step * v_j for w_j, v_j in zip(w, v)])
        return [(a - b) / step for a, b in zip(there, here)]

    return times


def _power(times: Callable[[Vector], Vector], begin: Vector, shift: float) -> Tuple[float, Vector]:
    """The eigenvalue of H that is farthest from the shift, as vᵀHv, and v."""
    v, value = _unit(begin), math.nan
    for _ in range(STEPS):
        image = times(v)
        before, value = value, dot(v, image)
        moved = [a - shift * b for a, b in zip(image, v)]
        if not norm(moved) > 0.0 or abs(value - before) <= _SETTLED * abs(value - shift):
            break
        v = _unit(moved)
    return value, v


def _scattered(size: int, turn: int = 0) -> Vector:
    """A start that no symmetry of the problem is likely to share: the fractions of j·φ, as fixed as a table."""
    golden = 0.6180339887498949
    return [((j + 1 + turn) * golden * (1 + turn)) % 1.0 - 0.5 for j in range(size)]


def _unit(v: Vector) -> Vector:
    length = norm(v)
    return [v_j / length for v_j in v] if length > 0.0 else v
