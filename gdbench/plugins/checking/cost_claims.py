"""What a cost claims of itself, held against its formula: bends, kinks, and where it falls for ever."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from gdbench.descent.costs import CostFacts, cost_facts
from gdbench.descent.kernels.compiler import Compiled, compile_surface
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.registry import Entry
from gdbench.plugins.checking.kinks import jumps_of
from gdbench.plugins.checking.subject import TARGETS, Subject, cost_subject

#: Pairs of points that a claim is tried on, their sizes, and how far apart the two of a pair are.
PAIRS, SIZES, _APART = 400, (0.01, 30.0), (1e-3, 10.0)
#: What a claim may be missed by, relative to the numbers compared: differences of slopes lose digits.
SLACK = 1e-6
#: Beyond every target and kink that is tried, a cost that falls for ever falls still.
_FAR = 30.0


class _Pair(NamedTuple):
    """Two points, and the mean second derivative between them: (g(v) − g(w))·(v − w) / ‖v − w‖²."""

    w: Vector
    v: Vector
    bend: float
    slack: float


def cost_claims(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[str]:
    facts = cost_facts({entry.name: parameters})
    for y in TARGETS[facts.targets or None]:
        subject = cost_subject(entry, parameters, y)
        compiled = compile_surface(subject.function, subject.size)
        yield from _bends(subject, compiled, facts, y)
        if subject.size == 1:
            yield from _kinks(subject, compiled, facts, y)
            yield from _falls(subject, compiled, facts, y)
            yield from _steepest(subject, compiled, facts)
            yield from _quadratic(subject, compiled, facts, y)


def _bends(subject: Subject, compiled: Compiled, facts: CostFacts, y: Any) -> Iterator[str]:
    """convex and curvature, on pairs between which there is no kink."""
    kinks = [] if subject.size > 1 else sorted(facts.kinks_at(y))
    pairs = list(_pairs(subject.size, compiled))
    falling = min(pairs, key=lambda pair: pair.bend + pair.slack, default=None)
    if facts.convex and falling and falling.bend < -falling.slack:
        ends = f"from {subject.at(falling.w)} to {subject.at(falling.v)}"
        yield f"convex is false: {ends} its slope falls, by {-falling.bend:.3g} a unit."
    inside = [pair for pair in pairs if not any(_between(kink, pair) for kink in kinks)]
    most = max(inside, key=lambda pair: pair.bend - pair.slack, default=None)
    if facts.curvature is not None and most and most.bend > facts.curvature * (1.0 + SLACK) + most.slack:
        yield (
            f"curvature is false: near {subject.at(most.w)} the second derivative is {most.bend:.6g}, "
            f"above {facts.curvature:.6g}."
        )


def _steepest(subject: Subject, compiled: Compiled, facts: CostFacts) -> Iterator[str]:
    """No slope is above it, at either end of the pairs."""
    if facts.steepest is None:
        return
    for pair in _pairs(subject.size, compiled):
        for point in (pair.w, pair.v):
            slope = abs(compiled.cost_and_gradient(point, ())[1][0])
            if slope > facts.steepest * (1.0 + SLACK):
                where = f"at {subject.at(point)} the slope is {slope:.6g}"
                yield f"steepest is false: {where}, above {facts.steepest:.6g}."
                return


def _between(kink: float, pair: _Pair) -> bool:
    low, high = sorted((pair.w[0], pair.v[0]))
    return low <= kink <= high


def _pairs(size: int, compiled: Compiled) -> Iterator[_Pair]:
    random = Random(3)  # noqa: S311  the same points every time
    for _ in range(PAIRS):
        w = [of_size(random, *SIZES) for _ in range(size)]
        v = [w_j + of_size(random, *_APART) for w_j in w]
        try:
            slopes = [compiled.cost_and_gradient(point, ())[1] for point in (w, v)]
        except (ArithmeticError, ValueError):
            continue
        step = [v_j - w_j for v_j, w_j in zip(v, w, strict=True)]
        square = math.fsum(s_j * s_j for s_j in step)
        turned = math.fsum((b - a) * s_j for a, b, s_j in zip(*slopes, step, strict=True))
        slack = 1e-12 * sum(map(norm, slopes)) / norm(step)
        if math.isfinite(turned):
            yield _Pair(w, v, turned / square, slack)


def of_size(random: Random, low: float, high: float) -> float:
    return random.choice((-1.0, 1.0)) * math.exp(random.uniform(math.log(low), math.log(high)))


def _kinks(subject: Subject, compiled: Compiled, facts: CostFacts, y: Any) -> Iterator[str]:
    """Kinks where they are claimed, and nowhere else."""
    if facts.kinks is None:
        return
    found = [jump.t for jump in jumps_of(subject, compiled) if not jump.of_value]
    claimed = list(facts.kinks_at(y))
    for t in found:
        if not any(abs(t - kink) <= 1e-5 * max(1.0, abs(kink)) for kink in claimed):
            yield f"kinks is false: there is one at {subject.at([t])} that it does not name."
    for kink in claimed:
        aside = 1e-9 * max(1.0, abs(kink))
        jump = _slope(compiled, kink + aside) - _slope(compiled, kink - aside)
        if abs(jump) <= 1e-4 * max(abs(_slope(compiled, kink + side)) for side in (-1.0, 1.0)):
            yield f"kinks is false: at {subject.at([kink])} the slope does not jump."


def _falls(subject: Subject, compiled: Compiled, facts: CostFacts, y: Any) -> Iterator[str]:
    """Falling still, far out, exactly on the sides that are claimed."""
    if facts.falls is None:
        return
    claimed = facts.falls_at(y)
    far = _FAR + max([abs(float(y)), *(abs(kink) for kink in facts.kinks_at(y))])
    for side in (-1.0, 1.0):
        falling = side * _slope(compiled, side * far) < 0.0
        if falling != (claimed == side):
            does = "falls still" if falling else "falls no more"
            yield f"falls is false: at {subject.at([side * far])} it {does}."


def _quadratic(subject: Subject, compiled: Compiled, facts: CostFacts, y: Any) -> Iterator[str]:
    """½ c (p − y)², and c where all rows bend most."""
    c = facts.curvature
    if c is None:
        return
    for p in (-7.0, -0.3, 0.0, 0.8, 25.0) if facts.quadratic else ():
        square = 0.5 * c * (p - y) * (p - y)
        if abs(compiled.cost([p], ()) - square) > 1e-9 * max(1.0, square):
            at = subject.at([p])
            yield f"quadratic is false: at {at} it is {compiled.cost([p], ()):.6g}, not {square:.6g}."
            break
    if facts.most_curved_at is not None:
        middle, step = facts.most_curved_at, 1e-4
        bend = (_slope(compiled, middle + step) - _slope(compiled, middle - step)) / (2.0 * step)
        if abs(bend - c) > 1e-4 * c:
            place = subject.at([middle])
            yield f"most_curved_at is false: at {place} the second derivative is {bend:.6g}, not {c:.6g}."


def _slope(compiled: Compiled, p: float) -> float:
    return compiled.cost_and_gradient([p], ())[1][0]
