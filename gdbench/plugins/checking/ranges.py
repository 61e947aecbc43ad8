"""How far from 0 the formula can be computed: scans all magnitudes and says where it breaks, and how."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from gdbench.descent.kernels.compiler import Compiled
from gdbench.plugins.checking.finding import CAUTION, FINE, NOTE, WRONG, Finding
from gdbench.plugins.checking.subject import Subject

#: Magnitudes 10^k, and finer where descents go.
MAGNITUDES = sorted({*(10.0**k for k in range(-300, 309, 4)), *(10.0 ** (k / 8) for k in range(-24, 49)), 0.0})
#: Beyond this no descent that has not diverged goes.
_FAR = 1e30
#: A cost as large as this leaves the range of floats by itself, not by a clumsy formula.
_HUGE = 1e290


class Range(NamedTuple):
    """low, high: magnitudes between which it fails.  what: "overflow", "NaN" or an exception's text."""

    low: float
    high: float
    what: str
    before: float


def ranges(subject: Subject, compiled: Compiled) -> Iterator[Finding]:
    """What happens at w = ±m · (1, −1, 1, …) for all magnitudes m, the smallest failing one by bisection."""
    up, down = (list(_failing(subject, compiled, sign)) for sign in (1.0, -1.0))
    if not up and not down:
        yield Finding(FINE, "range", f"finite for every {subject.name}, from 0 to ±1e308.")
    for found in up:
        both = any(_alike(found, other) for other in down)
        yield _finding_of(subject, found, "±" if both else "+", half=_halved(up, down))
    for found in down:
        if not any(_alike(found, other) for other in up):
            yield _finding_of(subject, found, "-", half=_halved(up, down))


def _alike(one: Range, other: Range) -> bool:
    return one.what == other.what and abs(one.low - other.low) <= 0.01 * one.low


def _halved(up: list[Range], down: list[Range]) -> bool:
    """Whether the formula is one of positive numbers alone (a logarithm, a root), or of negative ones."""
    return any(found.low <= 1.0 <= found.high for found in (*up, *down))


def _failing(subject: Subject, compiled: Compiled, sign: float) -> Iterator[Range]:
    group: list[float] = []
    kind, good = "", 0.0
    for m in [*MAGNITUDES, math.inf]:
        what = "" if m == math.inf else _status(compiled, _point(subject, sign * m))
        if group and what != kind:
            low, before = _onset(subject, compiled, sign, good, group[0])
            yield Range(low, group[-1], kind, _size(compiled, _point(subject, sign * before)))
            group = []
        if what:
            group.append(m)
            kind = what
        else:
            good = m


def _onset(subject: Subject, compiled: Compiled, sign: float, good: float, bad: float) -> tuple[float, float]:
    """(the smallest magnitude that fails, the largest below it that does not), to three digits."""
    if bad == 0.0 or _status(compiled, _point(subject, sign * good)):
        return bad, good
    while bad > 1.001 * good:
        middle = math.sqrt(good) * math.sqrt(bad) if good > 0.0 else bad * 1e-3
        if middle < 1e-300:
            break
        if _status(compiled, _point(subject, sign * middle)):
            bad = middle
        else:
            good = middle
    return bad, good


def _finding_of(subject: Subject, found: Range, sign: str, *, half: bool) -> Finding:
    at, far = _at(subject, found.low, sign), found.low >= _FAR
    evidence = {"sign": sign, "low": found.low, "high": found.high, "what": found.what}
    if found.low == 0.0 and subject.everywhere and not half:
        said = f"cannot be computed at {at} ({found.what}), where a descent may well begin or end."
        return Finding(WRONG, "range", said, None, evidence)
    if found.what != "overflow":
        beyond = found.high >= MAGNITUDES[-1]
        end = f"beyond {at}" if beyond else f"from {at} to {found.high:.3g}"
        said = f"cannot be computed {end} ({found.what})."
        return Finding(NOTE if far else CAUTION, "range", said, None, evidence)
    if far:
        return Finding(NOTE, "range", f"overflows, but only beyond {at}.", None, evidence)
    if found.before >= _HUGE:
        said = f"overflows beyond {at}: the cost itself leaves the range of floats."
        return Finding(CAUTION, "range", said, None, evidence)
    said = (
        f"overflows beyond {at}: an intermediate result does, and not the cost. "
        "Use a stable form (softplus, log_sum_exp, log_cosh, …)."
    )
    return Finding(WRONG if subject.everywhere else CAUTION, "range", said, None, evidence)


def _at(subject: Subject, m: float, sign: str) -> str:
    """A magnitude in words: "p = ±1.34e+154 with y = 0"."""
    shown = f"{m:.3g}" if sign == "+" or m == 0.0 else f"{sign}{m:.3g}"
    point = shown if subject.size == 1 else f"{shown} · (1, −1, …)"
    return f"{subject.name} = {point}{f' with {subject.given}' if subject.given else ''}"


def _point(subject: Subject, t: float) -> list[float]:
    return [t if j % 2 == 0 else -t for j in range(subject.size)]


def _status(compiled: Compiled, w: list[float]) -> str:
    """What is wrong with cost or gradient; nothing where both are finite."""
    try:
        cost, gradient = compiled.cost_and_gradient(w, ())
    except OverflowError:
        return "overflow"
    except (ArithmeticError, ValueError) as error:
        return str(error)
    values = (cost, *gradient)
    if all(math.isfinite(value) for value in values):
        return ""
    return "overflow" if not math.isnan(cost) and abs(w[0]) >= 1.0 else "NaN"


def _size(compiled: Compiled, w: list[float]) -> float:
    """The cost or slope just before; an estimate from above, since both grow until then."""
    try:
        cost, gradient = compiled.cost_and_gradient(w, ())
    except (ArithmeticError, ValueError):
        return 0.0
    return max(abs(cost), *(abs(g) for g in gradient))
