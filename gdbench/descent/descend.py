"""Gradient descent: the loop that all else serves.

w₀ given;  w_{k+1} = update(w_k, ∇f(w_k), η_k);  until a rule says stop.
"""

from __future__ import annotations

from itertools import count
from typing import Callable, Tuple

from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.stopping import Verdict, Watcher

CostAndGradient = Callable[[Vector], Tuple[float, Vector]]
NAN = float("nan")


def descend(
    cost_and_gradient: CostAndGradient,
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
    see: Callable[[Iterate], None],
) -> Tuple[Iterate, Verdict]:
    """Go down from `start` until `diverged` or `stop` gives a verdict; `see` is shown every finite iterate."""
    w, state = start, optimizer.init(start)
    cost, gradient = evaluate(cost_and_gradient, w)
    for k in count():
        now = Iterate(k, w, cost, gradient, norm(gradient))
        lost = diverged(now)  # before any test of convergence: NaN compares false with everything
        if now.finite:
            see(now)
        verdict = lost or stop(now)
        if verdict:
            return now, verdict
        w, state = optimizer.update(w, gradient, state, learning_rate(now))
        cost, gradient = evaluate(cost_and_gradient, w)
    raise AssertionError("count() has no end")


def evaluate(cost_and_gradient: CostAndGradient, w: Vector) -> Tuple[float, Vector]:
    """f and ∇f at w; arithmetic that has no result there (overflow, log of 0, 1/0) gives NaN."""
    try:
        return cost_and_gradient(w)
    except (ArithmeticError, ValueError):
        return NAN, [NAN] * len(w)
