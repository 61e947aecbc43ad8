"""When the gap of a quadratic is met with momentum, which may rise and fall: every iteration is looked at."""

from __future__ import annotations

import math
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from gdbench.descent.theory.quadratic import Quadratic, height, radius, recursion
from gdbench.descent.theory.rates import Update

#: What does not grow, in the long run, gets nowhere near the largest float on the way from such a gap.
_FAR_FROM_OVERFLOW = 1e200
#: Steps of a component that are made before the next one's.
_AT_ONCE = 32


def scan(
    update: Update, quadratic: Quadratic, gaps: Mapping[str, float], most: int
) -> Dict[str, Optional[int]]:
    """Momentum's gap may rise and fall: every iteration is looked at."""
    met: Dict[str, Optional[int]] = {}
    waiting = sorted(gaps.items(), key=lambda item: -item[1])
    kept = [1.0 - update.rate * lam for lam in quadratic.eigenvalues]
    if _is_calm(update, quadratic):
        return _scan_of_calm(update, quadratic, kept, waiting, most)
    now, before, t, k = list(quadratic.components), list(quadratic.components), 1.0, 0
    while waiting and k <= most:
        gap = height(quadratic.eigenvalues, now)
        while waiting and gap <= waiting[0][1]:
            met[waiting.pop(0)[0]] = k
        if not math.isfinite(gap):
            met.update((name, None) for name, _ in waiting)
            break
        beta, t = _ahead(update, t)
        now, before, k = _step(update, beta, quadratic.eigenvalues, kept, now, before), now, k + 1
    return met


def _is_calm(update: Update, quadratic: Quadratic) -> bool:
    """Whether it is a heavy ball of which no component grows, nor gets anywhere near the largest float."""
    if update.kind != "heavy ball" or update.kept != 1.0 or not quadratic.gap < _FAR_FROM_OVERFLOW:
        return False
    return all(lam >= 0.0 and radius(update, lam) <= 1.0 for lam in quadratic.eigenvalues)


def _scan_of_calm(
    update: Update, quadratic: Quadratic, kept: Sequence[float], wanted: Sequence[Tuple[str, float]], most: int
) -> Dict[str, Optional[int]]:
    """The same, many steps of a component at a time: they go their ways apart, bit for bit.

    kept: 1 − ηλ of each eigenvalue.  wanted: the largest gap first.
    """
    met: Dict[str, Optional[int]] = {}
    beta, k = update.beta or 0.0, 0
    now, before = list(quadratic.components), list(quadratic.components)
    for (name, gap), at in zip(wanted, _soonest(update, quadratic, [gap for _, gap in wanted], most)):
        if at > k:
            ways = [_gone(at - k, q, beta, e, v) for q, e, v in zip(kept, now, before)]
            now, before, k = [e for e, _ in ways], [v for _, v in ways], at
        while name not in met:
            steps = min(_AT_ONCE, most - k)
            paths = [_path(steps, q, beta, e, v) for q, e, v in zip(kept, now, before)]
            place = _first_at_most(quadratic.eigenvalues, paths, gap)
            if place is not None:
                met[name] = k + place
            elif k + steps == most:
                return met
            else:
                now, before, k = [path[-1] for path in paths], [path[-2] for path in paths], k + steps
    return met


def _first_at_most(eigenvalues: Sequence[float], paths: Sequence[Sequence[float]], gap: float) -> Optional[int]:
    """The first place of paths at which the height is at most a gap."""
    heights = [0.0] * len(paths[0])
    for lam, path in zip(eigenvalues, paths):
        heights = [above + lam * e * e for above, e in zip(heights, path)]
    # of parts none of which is below 0 a plain sum is as near as this to the one that counts
    near = gap * (1.0 + 1e-15 * len(paths))
    for place, above in enumerate(heights):
        if 0.5 * above <= near and height(eigenvalues, [path[place] for path in paths]) <= gap:
            return place
    return None


def _soonest(update: Update, quadratic: Quadratic, wanted: Sequence[float], most: int) -> List[int]:
    """For each gap, the largest first, a k before which it is not met; gaps not met by `most` are left out.

    The sum of the components' heights is rounded correctly: it is never below that of the slowest. Where none
    grows, nothing else needs to be looked at on the way.
    """
    pairs = [pair for pair in zip(quadratic.eigenvalues, quadratic.components) if pair[0] * pair[1]]
    if not pairs:
        return [0 for _ in wanted]
    lam, e = max(pairs, key=lambda pair: (radius(update, pair[0]), pair[0] * pair[1] * pair[1]))
    kept, beta, v, first = 1.0 - update.rate * lam, update.beta or 0.0, e, 0
    found: List[int] = []
    for gap in wanted:
        for k in range(first, most + 1):
            if 0.5 * (lam * e * e) <= gap:
                found.append(k)
                break
            e, v = kept * e + beta * (e - v), e
        else:
            return found
        first = k
    return found


def _gone(steps: int, kept: float, beta: float, e: float, v: float) -> Tuple[float, float]:
    """e and the e before it, so many steps of a heavy ball later: those of `_step`."""
    for _ in range(steps):
        e, v = kept * e + beta * (e - v), e
    return e, v


def _path(steps: int, kept: float, beta: float, e: float, v: float) -> List[float]:
    """e, and those of so many steps after it."""
    path = [e]
    for _ in range(steps):
        e, v = kept * e + beta * (e - v), e
        path.append(e)
    return path


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
        pairs = [recursion(update, lam) for lam in eigenvalues]
        if now == before:
            return [(1.0 - (1.0 + update.gamma) * (1.0 - q)) * e for q, e in zip(kept, now)]
        return [a * e - b * v for (a, b), e, v in zip(pairs, now, before)]
    if update.kept != 1.0 and now != before:
        kept = [1.0 - update.rate * update.kept * lam for lam in eigenvalues]
    return [q * e + beta * (e - v) for q, e, v in zip(kept, now, before)]
