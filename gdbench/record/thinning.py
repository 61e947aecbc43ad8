"""Which points of a long curve are kept where it is drawn, or written for a reader: log-spaced ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence


def thinned(iterations: Sequence[int], limit: int, keep: Iterable[int] = ()) -> list[int]:
    """Positions of at most `limit` of the increasing iterations, log-spaced (benchopt samples so too).

    The first, the last and the iterations in `keep` are always among them, as long as `limit` has
    room for them; all positions come back where there are no more than `limit`.
    """
    if len(iterations) <= limit:
        return list(range(len(iterations)))
    chosen = {0, len(iterations) - 1}
    chosen.update(_position(iterations, wanted) for wanted in list(keep)[: max(0, limit - 2)])
    for wanted in _spaced(iterations[0], iterations[-1], limit):
        if len(chosen) >= limit:
            break
        chosen.add(_position(iterations, wanted))
    return sorted(chosen)


def _spaced(first: int, last: int, number: int) -> list[float]:
    """Iterations evenly spaced in the logarithm; coarse first, so that a cut leaves no gap."""
    width = last - first + 1
    fractions = [step / number for step in range(1, number)]
    stride = 2
    ordered = fractions[::stride] + fractions[1::stride]
    return [first - 1 + width**fraction for fraction in ordered]


def _position(iterations: Sequence[int], wanted: float) -> int:
    place = bisect_left(iterations, wanted)
    return min(place, len(iterations) - 1)
