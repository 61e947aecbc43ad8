"""Where the slope jumps, and where the value itself does: along lines, by bisection."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

from gdbench.descent.kernels.compiler import Compiled
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Ray
from gdbench.plugins.checking.finding import CAUTION, FINE, NOTE, WRONG, Finding
from gdbench.plugins.checking.subject import Subject

#: The line is searched for −REACH ≤ t ≤ REACH; intervals of odd width, so that no kink is an end by plan.
REACH, _INTERVALS, _HALVINGS = 10.0, 467, 48
_JUMP = 1e-4
_SHOWN = 3
#: A value that grows this large between two moderate ones has a pole there.
_POLE = 1e9


class Jump(NamedTuple):
    """t: where on the line.  left, right: slopes, or values where `of_value`.  chosen: the slope taken at t."""

    t: float
    left: float
    right: float
    chosen: float
    of_value: bool


def kinks(subject: Subject, compiled: Compiled) -> Iterator[Finding]:
    """Kinks along the axis of a scalar function, else along a random line."""
    one, found = subject.size == 1, jumps_of(subject, compiled)
    where = subject.name if one else "a random line"
    if not found:
        said = (
            f"smooth: no kink for −{REACH:g} ≤ {where} ≤ {REACH:g}."
            if one
            else "smooth: no kink along a random line."
        )
        yield Finding(FINE, "kinks", said)
    for jump in found[:_SHOWN]:
        yield _finding_at(subject, jump, _point(subject, jump.t))
    if len(found) > _SHOWN:
        yield Finding(NOTE, "kinks", f"{len(found) - _SHOWN} more kinks along {where}.")


def jumps_of(subject: Subject, compiled: Compiled) -> list[Jump]:
    """Where slope or value jumps along the line."""
    direction = _line(subject)[1]

    def phi(t: float) -> tuple[float, float]:
        try:
            cost, gradient = compiled.cost_and_gradient(_point(subject, t), ())
            return cost, math.fsum(g * d for g, d in zip(gradient, direction, strict=True))
        except (ArithmeticError, ValueError):
            return math.nan, math.nan

    return list(_jumps(phi))


def _line(subject: Subject) -> tuple[Vector, Vector]:
    """Where it begins and which way it goes: the axis itself of a function of one number."""
    if subject.size == 1:
        return [0.0], [1.0]
    random = Random(1)  # noqa: S311  the same line every time
    base = [random.uniform(-1.0, 1.0) for _ in range(subject.size)]
    return base, [random.uniform(-1.0, 1.0) for _ in range(subject.size)]


def _point(subject: Subject, t: float) -> Vector:
    return [b + t * d for b, d in zip(*_line(subject), strict=True)]


def _finding_at(subject: Subject, jump: Jump, w: Vector) -> Finding:
    at, evidence = (
        subject.at([round(value, 6) + 0.0 for value in w]),
        {"point": w, "left": jump.left, "right": jump.right},
    )
    if jump.of_value and max(abs(jump.left), abs(jump.right)) > _POLE:
        return Finding(CAUTION, "kinks", f"a pole near {at}: the value leaves all bounds.", evidence=evidence)
    if jump.of_value:
        said = f"the value jumps from {jump.left:.6g} to {jump.right:.6g} at {at}: descent needs continuity."
        return Finding(WRONG, "kinks", said, evidence=evidence)
    slopes = f"from {jump.left:.6g} to {jump.right:.6g}"
    if not math.isfinite(jump.chosen):
        said = f"a kink at {at}: the slope jumps {slopes}, and there it cannot be computed."
        return Finding(CAUTION, "kinks", said, evidence=evidence)
    said = f"a kink at {at}: the slope jumps {slopes}; gdbench takes {jump.chosen:.6g} there."
    return Finding(NOTE, "kinks", said, evidence=evidence)


def _jumps(phi: Ray) -> Iterator[Jump]:
    width = 2.0 * REACH / _INTERVALS
    ends = [-REACH + i * width for i in range(_INTERVALS + 1)]
    last = -math.inf
    for low, high in pairwise(ends):
        jump = _bisected(phi, low, high)
        if jump and jump.t > last + 1e-6:  # one that is an end of two intervals is found twice
            last = jump.t
            yield jump


def _bisected(phi: Ray, low: float, high: float) -> Jump | None:
    """Keep the half with the larger change; a change that survives is a jump."""
    left, right = phi(low), phi(high)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if not low < middle < high or not _all_finite(left, right):
            break
        at = phi(middle)
        if not _all_finite(at):
            break
        if _change(left, at) >= _change(at, right):
            high, right = middle, at
        else:
            low, left = middle, at
    if not _all_finite(left, right) or high - low > 1e-6:
        return None
    t = round(0.5 * (low + high), 7) + 0.0
    values, slopes = (left[0], right[0]), (left[1], right[1])
    if abs(values[1] - values[0]) > _JUMP * max(1e-3, *map(abs, values)):
        return Jump(t, *values, math.nan, of_value=True)
    if abs(slopes[1] - slopes[0]) > _JUMP * max(1e-3, *map(abs, slopes)):
        aside = 1e-6 * max(1.0, abs(t))  # one of the two ends may lie on the kink itself
        return Jump(t, phi(t - aside)[1], phi(t + aside)[1], phi(t)[1], of_value=False)
    return None


def _change(one: tuple[float, float], other: tuple[float, float]) -> float:
    return abs(other[0] - one[0]) + abs(other[1] - one[1])


def _all_finite(*pairs: tuple[float, float]) -> bool:
    return all(math.isfinite(value) for pair in pairs for value in pair)
