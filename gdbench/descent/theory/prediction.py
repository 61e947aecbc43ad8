"""The cost of every iteration of a quadratic, from its spectrum and the start: no step is taken.

In the eigenvectors' coordinates e = Vᵀ(w − w*), each component of plain descent shrinks or grows by itself:
e_k = (1 − ηλ)ᵏ e_0, and f(w_k) − f* = ½ Σ λ e_k².
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.theory.rates import Update

#: Component-steps that a scan may take: a fraction of a second.
MOST_WORK = 2_000_000
_MOST_ITERATIONS = 1 << 52
#: What does not grow, in the long run, gets nowhere near the largest float on the way from such a gap.
_FAR_FROM_OVERFLOW = 1e200


class Quadratic(NamedTuple):
    """½ Σ λ e²: eigenvalues λ and the start's components e, in the same order."""

    eigenvalues: Sequence[float]
    components: Sequence[float]

    @property
    def gap(self) -> float:
        """f(w_0) − f*; inf where it overflows."""
        return _height(self.eigenvalues, self.components)


def _height(eigenvalues: Sequence[float], components: Sequence[float]) -> float:
    try:
        return 0.5 * math.fsum([lam * e * e for lam, e in zip(eigenvalues, components)])
    except OverflowError:  # finite parts whose sum is not
        return math.inf


def contraction_of(update: Update, quadratic: Quadratic) -> Optional[float]:
    """ρ, the factor by which the slowest (or fastest growing) component present changes, in the long run."""
    if update.beta is None:
        return None
    present = [lam for lam, e in zip(quadratic.eigenvalues, quadratic.components) if lam * e]
    return max((radius(update, lam) for lam in present), default=0.0)


def radius(update: Update, lam: float) -> float:
    """The larger modulus of the roots of z² − a z + b, where e_{k+1} = a e_k − b e_{k−1}."""
    a, b = _recursion(update, lam)
    square = a * a - 4.0 * b
    if square <= 0.0:
        return math.sqrt(b)
    return 0.5 * (abs(a) + math.sqrt(square))


def _recursion(update: Update, lam: float) -> Tuple[float, float]:
    beta, kept = update.beta or 0.0, 1.0 - update.rate * update.kept * lam
    if update.kind == "nesterov":
        return (1.0 + beta) * kept, beta * kept
    ahead = update.gamma * update.rate * lam  # of the triple momentum, whose y obey what its ξ do
    return kept + beta - ahead, beta - ahead


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
    return _scan(update, quadratic, dict(wanted), min(most, MOST_WORK // max(1, len(eigenvalues))))


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


def _scan(
    update: Update, quadratic: Quadratic, gaps: Mapping[str, float], most: int
) -> Dict[str, Optional[int]]:
    """Momentum's gap may rise and fall: every iteration is looked at."""
    met: Dict[str, Optional[int]] = {}
    ordered = sorted(gaps.items(), key=lambda item: -item[1])
    kept = [1.0 - update.rate * lam for lam in quadratic.eigenvalues]
    soonest = _soonest(update, quadratic, [gap for _, gap in ordered], most)
    waiting = [(name, gap, at) for (name, gap), at in zip(ordered, soonest)]
    now, before, t, k = list(quadratic.components), list(quadratic.components), 1.0, 0
    while waiting and k <= most:
        if k < waiting[0][2]:
            ways = [_gone(waiting[0][2] - k, q, update.beta or 0.0, e, v) for q, e, v in zip(kept, now, before)]
            now, before, k = [e for e, _ in ways], [v for _, v in ways], waiting[0][2]
        gap = _height(quadratic.eigenvalues, now)
        while waiting and gap <= waiting[0][1]:
            met[waiting.pop(0)[0]] = k
        if not math.isfinite(gap):
            met.update((name, None) for name, _, _ in waiting)
            break
        beta, t = _ahead(update, t)
        now, before, k = _step(update, beta, quadratic.eigenvalues, kept, now, before), now, k + 1
    return met


def _soonest(update: Update, quadratic: Quadratic, wanted: Sequence[float], most: int) -> List[int]:
    """For each gap, the largest first, a k before which it is not met; gaps not met by `most` are left out.

    Components go their ways apart, bit for bit, and the sum of their heights is rounded correctly: it is never
    below that of the slowest. Where none grows, nothing else needs to be looked at on the way.
    """
    classical = update.kind == "heavy ball" and update.kept == 1.0
    pairs = [pair for pair in zip(quadratic.eigenvalues, quadratic.components) if pair[0] * pair[1]]
    calm = all(lam >= 0.0 and radius(update, lam) <= 1.0 for lam in quadratic.eigenvalues)
    if not classical or not pairs or not calm or not quadratic.gap < _FAR_FROM_OVERFLOW:
        return [0 for _ in wanted]
    lam, e = max(pairs, key=lambda pair: (radius(update, pair[0]), pair[0] * pair[1] * pair[1]))
    kept, beta, v, k = 1.0 - update.rate * lam, update.beta or 0.0, e, 0
    found: List[int] = []
    for gap in wanted:
        while 0.5 * (lam * e * e) > gap:
            if k == most:
                return found
            e, v, k = kept * e + beta * (e - v), e, k + 1
        found.append(k)
    return found


def _gone(steps: int, kept: float, beta: float, e: float, v: float) -> Tuple[float, float]:
    """e and the e before it, so many steps of a heavy ball later: those of `_step`."""
    for _ in range(steps):
        e, v = kept * e + beta * (e - v), e
    return e, v


def _ahead(update: Update, t: float) -> Tuple[float, float]:
    """β_k and t_{k+1}."""
    following = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
    return ((t - 1.0) / following if update.beta is None else update.beta), following


def _step(
    update: Update,
    beta: float,
    eigenvalues: Sequence[float],
    kept: Sequence[float],
    now: List[float],
    before: List[float],
) -> List[float]:
    """e_{k+1}; at k = 0, where `before` is the start itself, the momentum has nothing to go on from.

    kept: 1 − ηλ of each eigenvalue.
    """
    if update.kind == "nesterov":
        # x_{k+1} = (1 − ηλ) y_k; of the first step, x_0 = y_0
        first = now == before
        last = before if first else [q * e for q, e in zip(kept, before)]
        return [(1.0 + beta) * q * e - beta * v for q, e, v in zip(kept, now, last)]
    if update.kind == "triple momentum":
        # y_1 = ξ_1 + γ (ξ_1 − ξ_0), where ξ_0 = y_0
        pairs = [_recursion(update, lam) for lam in eigenvalues]
        if now == before:
            return [(1.0 - (1.0 + update.gamma) * (1.0 - q)) * e for q, e in zip(kept, now)]
        return [a * e - b * v for (a, b), e, v in zip(pairs, now, before)]
    if update.kept != 1.0 and now != before:
        kept = [1.0 - update.rate * update.kept * lam for lam in eigenvalues]
    return [q * e + beta * (e - v) for q, e, v in zip(kept, now, before)]


def _logarithm(x: float) -> float:
    """ln |1 − x|, to the digits of a small x; −∞ where nothing is left after one step."""
    if x == 1.0:
        return -math.inf
    return math.log1p(-x) if x < 1.0 else math.log(x - 1.0)
