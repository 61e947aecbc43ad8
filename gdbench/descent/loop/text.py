"""The text of the printed loop.

Read one with `print(source(Form(2, "difference", True, None, "norm <= {0}", 1)))`.
"""

from __future__ import annotations

import math
import sys
import time
from functools import lru_cache
from typing import Any, Callable, List, NamedTuple, Optional

from gdbench.descent.kernels.compiler import function, indented, load, together
from gdbench.descent.loop.update import Step
from gdbench.descent.numerics.vectors import INFINITY, LEAST_SQUARE, norm

#: Gradients up to this length are unrolled. PyPy's tracer wants short text, and loops are as fast there.
WIDEST = 16 if sys.implementation.name == "pypy" else 100
#: What the printed text may name besides the elementary functions.
_GIVEN = {
    "INFINITY": INFINITY,
    "LEAST_SQUARE": LEAST_SQUARE,
    "NAN": math.nan,
    "clock": time.monotonic,
    "length": norm,
}


class Form(NamedTuple):
    """What of a run shapes the text; all else are arguments, so that warm code serves every run of a sweep.

    size: p.  gap: "carried" by the kernel, the "difference" of cost and optimum, or "unknown".
    fixed: whether the rate is the same in every iteration.
    step: the traced update, or None where it is called.
    eventful: when an iterate is to be shown to the rules, the text of a `Condition`.  numbers: how many it has.
    costed: whether an update that is called takes the cost.
    """

    size: int
    gap: str
    fixed: bool
    step: Optional[Step]
    eventful: str
    numbers: int
    costed: bool = False


@lru_cache(maxsize=256)
def printed_loop(form: Form) -> Callable[..., Any]:
    """bind(evaluate, update, the rate or k → η_k, optimum, note, append, numbers) → go_down, as in `source`."""
    return load(source(form), _GIVEN)["bind"]


def source(form: Form) -> str:
    """The text of a function that binds what stays the same in a run, and gives the loop.

    go_down(k, w, cost, gradient, state, best, due, target, kept): from an iterate that has been shown on to the
    next that must be; gives that one, the optimizer's state, and the best iterate before it. note(iterate) is
    called at iteration `due`, and says when next; append(iterate) at each.  target: the gap that is waited for.
    kept: the one above which a target that is met is left again.
    """
    known = form.gap != "unknown"
    called = f"w, state = update(w, gradient, state, rate{', cost' if form.costed else ''})"
    step = [
        *([] if form.fixed else ["rate = rate_at(k)"]),
        *(form.step.lines if form.step else [called]),
        "k += 1",
        "before = cost",
        "try:",
        *indented(_evaluated(form.gap)),
        "except (ArithmeticError, ValueError):",
        f"    cost, gradient, gap = NAN, [NAN] * {form.size}, None",
        *_norm(form),
        "now = (k, w, cost, gradient, norm, gap)",
        f"if {_eventful(form)}:",
        "    return now, state, best",
        "if gap <= low and (gap < low or cost < best[2]):" if known else "if cost < low:",
        f"    best, low = now, {'gap' if known else 'cost'}",
        "if k >= due:",
        "    due = note(now)",
        "append(now)",
    ]
    lines = [*_unpacked(form), f"low = best[{5 if known else 2}]", "while True:", *indented(step)]
    loop = ["def go_down(k, w, cost, gradient, state, best, due, target, kept):", *indented(lines)]
    numbers = [f"{_numbered('c', form.numbers)} = numbers"] if form.numbers else []
    rate = "rate" if form.fixed else "rate_at"
    arguments = f"evaluate, update, {rate}, optimum, note, append, numbers"
    return function(f"bind({arguments})", [*numbers, *loop], "go_down")


def _unpacked(form: Form) -> List[str]:
    """The numbers that a traced update begins from."""
    if form.step is None:
        return []
    known = [f"{_numbered('w', form.size)} = w", f"{_numbered('g', form.size)} = gradient"]
    return known + ([f"{_numbered('s', form.step.numbers)} = state"] if form.step.numbers else [])


def _numbered(name: str, count: int) -> str:
    return together(f"{name}{j}" for j in range(count))


def _evaluated(gap: str) -> List[str]:
    if gap == "carried":
        return ["cost, gradient, gap = evaluate(w)"]
    return ["cost, gradient = evaluate(w)", "gap = None" if gap == "unknown" else "gap = cost - optimum"]


def _norm(form: Form) -> List[str]:
    """‖∇f‖₂ as `norm` works it out: from left to right, and otherwise only where the sum leaves the range."""
    if not 0 < form.size <= WIDEST:
        return ["norm = length(gradient)"]
    g = [f"g{j}" for j in range(form.size)]
    return [
        f"{together(g)} = gradient",
        f"square = {' + '.join(f'{g_j} * {g_j}' for g_j in g)}",
        "norm = sqrt(square) if LEAST_SQUARE <= square < INFINITY else length(gradient)",
    ]


def _eventful(form: Form) -> str:
    condition = form.eventful.format(*(f"c{i}" for i in range(form.numbers)))
    return condition if form.gap == "unknown" else f"{condition} or gap <= target or gap > kept"
