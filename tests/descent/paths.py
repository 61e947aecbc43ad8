"""Paths that stopping rules watch, and where along them a rule fires."""

from collections.abc import Iterable

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.stopping import (
    Rule,
    Verdict,
)


def settling(costs: Iterable[float], norms: Iterable[float] | None = None) -> list[Iterate]:
    """Iterates with these costs, each step so short that the slope along it promises nothing more; f* = −2."""
    costs = list(costs)
    norms = list(norms) if norms else [1.0] * len(costs)
    return [
        Iterate(k, [1e-12 * k], cost, [0.0], norm, cost + 2.0)
        for k, (cost, norm) in enumerate(zip(costs, norms, strict=True))
    ]


def descent(curvature: float, rate: float, start: float, steps: int) -> list[Iterate]:
    """Gradient descent on f = ½ λ w², whose minimum is 0."""
    iterates, w = [], start
    for k in range(steps):
        g = curvature * w
        cost = 0.5 * curvature * w * w
        iterates.append(Iterate(k, [w], cost, [g], abs(g), cost))
        w -= rate * g
    return iterates


#: A problem of which nothing is known.
UNKNOWN = Landscape(lambda w: (0.0, w))


def first(
    rule: Rule, iterates: Iterable[Iterate], landscape: Landscape = UNKNOWN
) -> tuple[int, Verdict] | None:
    """The iteration at which a rule first fires, and its verdict."""
    watcher = rule.watch(landscape)
    for now in iterates:
        verdict = watcher(now)
        if verdict:
            return now.k, verdict
    return None


def fired(
    rule: Rule, iterates: Iterable[Iterate], landscape: Landscape = UNKNOWN
) -> tuple[int, str, str] | None:
    found = first(rule, iterates, landscape)
    return found and (found[0], found[1].rule, found[1].outcome)


def steep(gradients: Iterable[list[float]]) -> list[Iterate]:
    return [Iterate(k, [0.0], 9.0 - k, g, norm(g)) for k, g in enumerate(gradients)]
