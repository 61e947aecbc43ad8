"""How much compiling gains: the formula as written against the function that gdbench makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from gdbench.descent.kernels.compiler import Compiled
from gdbench.plugins.checking.finding import FINE, Finding
from gdbench.plugins.checking.slopes import drawn
from gdbench.plugins.checking.subject import Subject

_ROUNDS, _CALLS = 5, 300


def timed(subject: Subject, compiled: Compiled) -> list[Finding]:
    """Nothing where the formula fails at the point that is timed."""
    w = drawn(subject.size, Random(2))  # noqa: S311  the same point every time
    try:
        written = _seconds(lambda: subject.function(w))
        cost = _seconds(lambda: compiled.cost(w, ()))
        both = _seconds(lambda: compiled.cost_and_gradient(w, ()))
    except (ArithmeticError, ValueError):
        return []
    said = (
        f"speed: {1e6 * written:.2f} µs as written, {1e6 * cost:.2f} µs compiled ({written / cost:.1f}×), "
        f"{1e6 * both:.2f} µs with its gradient."
    )
    evidence = {"written": written, "compiled": cost, "with_gradient": both}
    return [Finding(FINE, "speed", said, evidence=evidence)]


def _seconds(call: Callable[[], object]) -> float:
    """Of one call: the least of a few rounds, as what disturbs only ever adds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_CALLS):
            call()
        best = min(best, (time.perf_counter() - began) / _CALLS)
    return best
