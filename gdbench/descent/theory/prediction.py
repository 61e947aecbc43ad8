"""The cost of every iteration of a quadratic, from its spectrum and the start: no step is taken.

In the eigenvectors' coordinates e = Vᵀ(w − w*), each component of plain descent shrinks or grows by itself:
e_k = (1 − ηλ)ᵏ e_0, and f(w_k) − f* = ½ Σ λ e_k².
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from gdbench.descent.theory.momentum import scan
from gdbench.descent.theory.quadratic import Quadratic, radius
from gdbench.descent.theory.rates import Update

#: Component-steps that a scan may take: a fraction of a second.
MOST_WORK = 2_000_000
_MOST_ITERATIONS = 1 << 52


def contraction_of(update: Update, quadratic: Quadratic) -> Optional[float]:
    """ρ, the factor by which the slowest (or fastest growing) component present changes, in the long run."""
    if update.beta is None:
        return None
    present = [lam for lam, e in zip(quadratic.eigenvalues, quadratic.components) if lam * e]
    return max((radius(update, lam) for lam in present), default=0.0)


#: k → f(w_k) − f*
Gap = Callable[[int], float]


def gap_at(update: Update, quadratic: Quadratic, k: int) -> float:
    """f(w_k) − f* of plain descent, in closed form; inf where it overflows."""
    return _gaps(update, quadratic)(k)


def _parts(update: Update, quadratic: Quadratic) -> List[Tuple[float, float]]:
    """½ λ e² and ln |1 − ηλ| of each component that is there."""
    return [
        (0.5 * lam * e * e, _logarithm(update.rate * lam))
        for lam, e in zip(quadratic.eigenvalues, quadratic.components)
        if lam * e
    ]


def _gaps(update: Update, quadratic: Quadratic) -> Gap:
    """The same as a function of k: ½ Σ λ e² (1 − ηλ)²ᵏ over the components that are there."""
    parts = _parts(update, quadratic)

    def gap(k: int) -> float:
        twice, exp = 2.0 * k, math.exp
        try:
            terms = [part * exp(twice * log) for part, log in parts] if k else [part for part, _ in parts]
            return math.inf if math.inf in terms else math.fsum(terms)
        except OverflowError:
            return math.inf

    return gap


def iterations_to(
    update: Update, quadratic: Quadratic, gaps: Mapping[str, float], most: int
) -> Dict[str, Optional[int]]:
    """The first k at which f(w_k) − f* is at or below each gap; None where it never is.

    most: of momentum, where to stop looking; what is not met by then is left out, as it is not known.
    """
    shape = tuple(quadratic.eigenvalues), tuple(quadratic.components)
    return dict(_iterations_to(update, *shape, tuple(gaps.items()), most))


@lru_cache(maxsize=1024)
def _iterations_to(
    update: Update,
    eigenvalues: Tuple[float, ...],
    components: Tuple[float, ...],
    wanted: Tuple[Tuple[str, float], ...],
    most: int,
) -> Mapping[str, Optional[int]]:
    """Remembered: a report asks several times of each run, and of runs that begin alike."""
    quadratic = Quadratic(eigenvalues, components)
    if update.plain:
        gap, parts = _gaps(update, quadratic), _parts(update, quadratic)
        return {name: _bracketed(gap, parts, least) for name, least in wanted}
    return scan(update, quadratic, dict(wanted), min(most, MOST_WORK // max(1, len(eigenvalues))))


def first_below(update: Update, quadratic: Quadratic, gap: float) -> Optional[int]:
    """Of plain descent, the first k at which f(w_k) − f* is at or below a gap."""
    return _first_below(_gaps(update, quadratic), gap)


def _bracketed(gap: Gap, parts: Sequence[Tuple[float, float]], wanted: float) -> Optional[int]:
    """The same. Where each part falls it lies between two bounds: no part above it, and each below an nth."""
    if wanted > 0.0 and all(log < 0.0 for _, log in parts):
        low = int(max((_part_falls_to(wanted, part) for part in parts), default=0.0)) - 1
        high = int(max((_part_falls_to(wanted / len(parts), part) for part in parts), default=0.0)) + 2
        if low > 0 and gap(low) > wanted >= gap(high):
            return _bisected(gap, wanted, low, high)
    return _first_below(gap, wanted)


def _part_falls_to(wanted: float, part: Tuple[float, float]) -> float:
    """The k at which one part is there."""
    height, log = part
    return math.log(wanted / height) / (2.0 * log) if 0.0 < wanted < height < math.inf else 0.0


def _first_below(gap: Gap, wanted: float) -> Optional[int]:
    """By bisection: a sum of squares of exponentials is convex in k, and falls at first."""
    low, high = 0, 1
    if gap(0) <= wanted:
        return 0
    while gap(high) > wanted:
        if high > _MOST_ITERATIONS or gap(high + 1) >= gap(high):
            return _before_the_rise(gap, wanted, low, high)
        low, high = high, 2 * high
    return _bisected(gap, wanted, low, high)


def _before_the_rise(gap: Gap, wanted: float, low: int, high: int) -> Optional[int]:
    """The lowest point lies between low and high; the gap may be met on the way to it."""
    start = low
    while high - low > 1:
        middle = (low + high) // 2
        falls = gap(middle + 1) < gap(middle)
        low, high = (middle, high) if falls else (low, middle)
    lowest = high if gap(high) < gap(low) else low
    if gap(lowest) > wanted:
        return None
    return _bisected(gap, wanted, start, lowest)


def _bisected(gap: Gap, wanted: float, low: int, high: int) -> int:
    """The first k in (low, high] that meets the gap, which low does not and high does."""
    while high - low > 1:
        middle = (low + high) // 2
        if gap(middle) <= wanted:
            high = middle
        else:
            low = middle
    return high


def _logarithm(x: float) -> float:
    """ln |1 − x|, to the digits of a small x; −∞ where nothing is left after one step."""
    if x == 1.0:
        return -math.inf
    return math.log1p(-x) if x < 1.0 else math.log(x - 1.0)
