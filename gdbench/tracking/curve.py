"""Which points of a curve MLflow gets: few enough to draw quickly, and never without those that matter."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: MLflow's page samples 320 points a curve; what we choose is better than what it would drop.
CURVE_POINTS = 300


def choose(iterations: Sequence[int], required: Iterable[int] = (), limit: int = CURVE_POINTS) -> list[int]:
    """Positions of at most `limit` points: all, or first, last, the required ones and log-spaced others.

    iterations: those recorded, increasing.  required: iterations to keep wherever they are recorded.
    """
    count = len(iterations)
    if count <= limit:
        return list(range(count))
    kept = {0, count - 1}
    for iteration in sorted(set(required)):
        position = bisect_left(iterations, iteration)
        if position < count and iterations[position] == iteration and len(kept) < limit:
            kept.add(position)
    return sorted(kept | _log_spaced(iterations, limit - len(kept)))


def _log_spaced(iterations: Sequence[int], budget: int) -> set[int]:
    """`budget` positions after the first, evenly spaced in log(iteration + 1).

    The ratio is taken anew at each point, so that what the crowded start cannot use goes to the rest.
    """
    chosen, position, last = set[int](), 0, iterations[-1] + 1
    for remaining in range(budget, 0, -1):
        here = iterations[position] + 1
        ahead = here * (last / here) ** (1 / (remaining + 1))
        position = max(position + 1, bisect_left(iterations, ahead - 1))
        if position >= len(iterations) - 1:
            break
        chosen.add(position)
    return chosen
