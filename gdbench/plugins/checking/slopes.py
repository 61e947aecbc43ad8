"""Are the three ways to a gradient of one mind, and does the compiled function give the formula's values?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from gdbench.descent.gradients import StepError, central, complex_step, step_errors
from gdbench.descent.kernels.compiler import Compiled, compile_surface
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Objective
from gdbench.plugins.checking.finding import FINE, WRONG, Finding
from gdbench.plugins.checking.subject import Subject

POINTS = 100
_SMALLEST, _LARGEST = 0.01, 10.0
#: Relative; central differences are good to about 1e-10 of the cost, divided by its slope.
_CENTRAL, _COMPLEX = 1e-5, 1e-9
#: Two roundings more or less of what is the same formula in other words.
_BY_HAND = 1e-8
#: A hundredth of the usual step: where the slope bends sharply, truncation is what differs, and it vanishes.
_CLOSER = 6e-8
#: Written and compiled, a power may be rounded in another place: so many roundings of the value, or of what it
#: changes by when the point is rounded, are the same formula.
_ROUNDINGS = 16 * 2.0**-53
#: A difference across a kink is no evidence, and few random points lie at one.
_FEW = 3

#: (central agrees with analytic, complex_step does) → who is to blame.
_REASONS = {
    (
        True,
        False,
    ): "complex_step is at odds with both: does the formula use abs(), .real or a float() of its own? "
    "Use absolute and below of gdbench.descent.functions, which look at the real part.",
    (False, True): "central differences are at odds with both: does the formula hold() something that matters, "
    "or is it noisy?",
    (False, False): "no two of the three methods agree: is the formula continuous?",
}


@dataclass
class Comparison:
    """The largest relative differences to the analytic gradient, and where they are too large."""

    points: int = 0
    worst: dict[str, float] = field(default_factory=lambda: {"central": 0.0, "complex_step": 0.0})
    bad: dict[str, list[Vector]] = field(default_factory=lambda: {"central": [], "complex_step": []})
    other_bits: list[Vector] = field(default_factory=list)
    refused: str = ""


def compared(subject: Subject, compiled: Compiled) -> Iterator[Finding]:
    """Gradients by three methods at random points of sizes 0.01 to 10."""
    found = _compare(subject, compiled)
    if not found.points:
        said = "no random point of size 0.01 to 10 has a finite cost and gradient: nothing could be compared."
        yield Finding(WRONG, "gradient", said)
        return
    if found.other_bits:
        at = subject.at(found.other_bits[0])
        said = (
            f"compiled, it gives another value than as written (at {at}): it must look at its arguments alone."
        )
        yield Finding(WRONG, "bits", said)
    if found.refused:
        said = f"gradient 'complex_step' cannot be used: {found.refused}. Compare with below(a, b), not a < b."
        yield Finding(WRONG, "gradient", said)
    yield _judged(subject, found)


def _judged(subject: Subject, found: Comparison) -> Finding:
    evidence = {"points": found.points, **found.worst}
    suspects = {name: places for name, places in found.bad.items() if len(places) >= _FEW}
    if not suspects:
        names = [name for name in found.worst if not (found.refused and name == "complex_step")]
        shown = ", ".join(f"{name} {found.worst[name]:.1g}" for name in names)
        said = f"gradient: exact at {found.points} random points (relative differences: {shown})."
        return Finding(FINE, "gradient", said, evidence=evidence)
    agrees = ("central" not in suspects, "complex_step" not in suspects)
    name, places = next(iter(suspects.items()))
    said = f"the gradients differ by {found.worst[name]:.1g} (at {subject.at(places[0])}): {_REASONS[agrees]}"
    return Finding(WRONG, "gradient", said, evidence=evidence)


def _objective(subject: Subject, compiled: Compiled) -> Objective:
    def complex_cost(w: Sequence[Any]) -> Any:
        return complex(subject.function(w))

    return Objective(
        cost=lambda w: compiled.cost(w, ()),
        cost_and_gradient=lambda w: compiled.cost_and_gradient(w, ()),
        size=subject.size,
        rows=0,
        complex_cost=complex_cost,
    )


def errors_by_step(subject: Subject) -> tuple[Vector, list[StepError]]:
    """(a random point, how numerical gradients err there, step by step); nothing of what cannot be traced."""
    try:
        compiled = compile_surface(subject.function, subject.size)
    except Exception:  # noqa: BLE001  whatever the user's formula raises; `compared` tells it
        return [], []
    random = Random(1)  # noqa: S311  the same point every time
    for _ in range(POINTS):
        w = drawn(subject.size, random)
        try:
            found = step_errors(_objective(subject, compiled), w)
        except (ArithmeticError, ValueError):
            continue
        if found:
            return w, found
    return [], []


def _compare(subject: Subject, compiled: Compiled) -> Comparison:
    found, random = Comparison(), Random(0)  # noqa: S311  the same points every time
    objective = _objective(subject, compiled)
    for _ in range(POINTS):
        w = drawn(subject.size, random)
        try:
            cost, gradient = objective.cost_and_gradient(w)
            numeric = central()(objective)(w)[1]
            closer = central(step=_CLOSER * max(1.0, *map(abs, w)))(objective)(w)[1]
            written = subject.function(w)
        except (ArithmeticError, ValueError):
            continue
        if not all(math.isfinite(value) for value in (cost, *gradient, *numeric)):
            continue
        found.points += 1
        scale = abs(cost) + math.fsum(abs(g * w_j) for g, w_j in zip(gradient, w, strict=True))
        if not abs(float(written) - cost) <= _ROUNDINGS * scale:
            found.other_bits.append(w)
        differences = [_difference(gradient, other, cost) for other in (numeric, closer)]
        _note(found, "central", w, min(differences), _CENTRAL)
        if not found.refused:
            try:
                exact = complex_step()(objective)(w)[1]
            except Exception as error:  # noqa: BLE001  the user's formula on complex numbers
                found.refused = f"{type(error).__name__}: {error}"
            else:
                _note(found, "complex_step", w, _difference(gradient, exact, cost), _COMPLEX)
    return found


class _Miss(NamedTuple):
    """Where a slope written by hand is not that of the cost: the place, the parameter, both slopes."""

    w: Vector
    worst: int
    mine: float
    exact: float
    difference: float


def by_hand(subject: Subject, compiled: Compiled) -> Iterator[Finding]:
    """The gradient that its author wrote down, against the exact one, at the same random points."""
    if subject.slope is None:
        return
    random, seen, misses = Random(0), 0, list[_Miss]()  # noqa: S311  the same points every time
    for _ in range(POINTS):
        w = drawn(subject.size, random)
        try:
            cost, exact = compiled.cost_and_gradient(w, ())
            mine = subject.slope(w)
        except (ArithmeticError, ValueError):
            continue
        except Exception as error:  # noqa: BLE001  the user's own function
            said = (
                f"the given gradient cannot be computed at {subject.at(w)} ({type(error).__name__}: {error})."
            )
            yield Finding(WRONG, "given gradient", said)
            return
        if len(mine) != len(exact):
            said = f"the given gradient has {len(mine)} numbers for {len(exact)} parameters."
            yield Finding(WRONG, "given gradient", said)
            return
        seen += 1
        difference = _difference(exact, mine, cost)
        if not difference <= _BY_HAND:
            worst = max(range(len(exact)), key=lambda j: abs(mine[j] - exact[j]))
            misses.append(_Miss(w, worst, mine[worst], exact[worst], difference))
    if len(misses) < _FEW:
        said = f"given gradient: that of the formula at {seen} random points."
        yield Finding(FINE, "given gradient", said, evidence={"points": seen})
    else:
        yield _wrong(subject, misses, seen)


def _wrong(subject: Subject, misses: Sequence[_Miss], seen: int) -> Finding:
    """Which parameter, by how much, and whether one factor mends it."""
    worst = max(misses, key=lambda miss: miss.difference)
    which = subject.name if subject.size == 1 else f"{subject.name}[{worst.worst}]"
    ratios = sorted(miss.mine / miss.exact for miss in misses if miss.exact)
    alike = bool(ratios) and abs(ratios[-1] - ratios[0]) <= 1e-6 * abs(ratios[-1]) and len(misses) == seen
    factor = f" Wherever it was tried, {which} has {ratios[0]:.6g} times the right slope." if alike else ""
    said = (
        f"the given gradient is wrong at {len(misses)} of {seen} random points, most by {which}: at "
        f"{subject.at(worst.w)} it is {worst.mine:.6g}, and the formula's is {worst.exact:.6g}.{factor}"
    )
    evidence = {"points": seen, "wrong": len(misses), **worst._asdict()}
    return Finding(WRONG, "given gradient", said, evidence=evidence)


def drawn(size: int, random: Random) -> Vector:
    """A point whose coordinates are of all magnitudes from 0.01 to 10, with either sign."""
    low, high = math.log(_SMALLEST), math.log(_LARGEST)
    return [random.choice((-1.0, 1.0)) * math.exp(random.uniform(low, high)) for _ in range(size)]


def _note(found: Comparison, name: str, w: Vector, difference: float, tolerance: float) -> None:
    found.worst[name] = max(found.worst[name], difference)
    if not difference <= tolerance:
        found.bad[name].append(w)


def _difference(one: Sequence[float], other: Sequence[float], cost: float) -> float:
    """Relative to the larger gradient; where both vanish, to a thousandth of the cost's scale."""
    scale = max(*(abs(g) for g in (*one, *other)), 1e-3 * (1.0 + abs(cost)))
    worst = max(abs(a - b) for a, b in zip(one, other, strict=True))
    return worst / scale if math.isfinite(worst) else math.inf
