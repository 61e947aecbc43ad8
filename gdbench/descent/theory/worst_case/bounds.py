"""The theorems whose premises a run meets, and what they promise for its own start."""

from __future__ import annotations

import math
from typing import List, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.registry import Spec, find
from gdbench.descent.theory.card import Card
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.updates import fixed_rate, fixed_update, undisturbed
from gdbench.descent.theory.worst_case.theorems import (
    CONVEX,
    DISTANCE,
    GAP,
    QUADRATIC,
    SLOPE,
    Theorem,
    of_update,
    subgradients,
)

#: Where to stop looking for the iteration at which a bound meets a gap.
_MOST = 1 << 52


class Bound(NamedTuple):
    """A theorem, and what a run starts from: R² or f(w_0) − f*, times L/2 where it bounds ‖w − w*‖²."""

    theorem: Theorem
    scale: float

    def at(self, n: int) -> Optional[float]:
        """What f(w_n) − f* cannot exceed; None where the theorem says nothing of n iterations."""
        factor = self.theorem.factor(n)
        return None if factor is None else factor * self.scale + self.theorem.floor


class Curvatures(NamedTuple):
    """μ and L of the class that a problem belongs to."""

    least: float
    top: float


def worst_cases(spec: Spec, known: Known) -> Tuple[Bound, ...]:
    """The bounds on f(w_n) − f* that hold for a run; none where L is not known or the steps are not exact."""
    bend = curvatures(known)
    if bend is not None:
        return bounds_of(theorems(spec, bend, known), bend, known)
    update, longest = fixed_update(spec, known.smoothness, known.convexity), known.card.lipschitz
    if update is None or not update.plain or longest is None:
        return ()
    return bounds_of(subgradients(update.rate, longest), Curvatures(0.0, 0.0), known)


def bounds_of(proved: Sequence[Theorem], bend: Curvatures, known: Known) -> Tuple[Bound, ...]:
    """What theorems say of the gap of a run that began where this one did."""
    if not known.minimiser or len(known.start) != len(known.minimiser):
        return ()
    square = math.fsum((w_j - m_j) * (w_j - m_j) for w_j, m_j in zip(known.start, known.minimiser))
    found: List[Bound] = []
    for theorem in proved:
        begin = square if theorem.start == DISTANCE else known.gap
        if theorem.bounds != SLOPE and theorem.of in classes(known.card) and begin is not None and begin >= 0.0:
            found.append(Bound(theorem, begin if theorem.bounds == GAP else 0.5 * bend.top * begin))
    return tuple(found)


def theorems(spec: Spec, bend: Curvatures, known: Known) -> Sequence[Theorem]:
    """What is proved of a run's method on functions that bend so."""
    if not undisturbed(spec):
        return ()
    (name,) = spec["learning_rate"]
    chosen, moves = (
        LEARNING_RATES[name].facts if name in LEARNING_RATES else {},
        optimizer_facts(spec["optimizer"]),
    )
    if chosen.get("minimises"):
        return moves.searched(*bend) if moves.searched else ()
    if chosen.get("worst"):
        _, given = find(LEARNING_RATES, spec["learning_rate"])
        along: Sequence[Theorem] = chosen["worst"](*bend, **given)
        return along if moves.along_gradient else ()
    update = fixed_update(spec, known.smoothness, known.convexity)
    shared = of_update(update, *bend) if update is not None else ()
    rate = fixed_rate(spec, known.smoothness, known.convexity)
    return shared if rate is None or moves.worst is None else (*shared, *moves.worst(rate, *bend))


def curvatures(known: Known) -> Optional[Curvatures]:
    """None where no L is known to hold everywhere."""
    card = known.card
    if _convex_quadratic(card):
        return Curvatures(card.spectrum[-1], card.spectrum[0])
    if card.smoothness is None or card.smoothness.kind not in ("exact", "upper"):
        return None
    return Curvatures((known.convexity or 0.0) if card.convex else 0.0, card.smoothness.value)


def classes(card: Card) -> Tuple[str, ...]:
    """The classes of functions that the problem is known to belong to."""
    if _convex_quadratic(card):
        return (CONVEX, QUADRATIC)
    return (CONVEX,) if card.convex else ()


def _convex_quadratic(card: Card) -> bool:
    return card.quadratic and bool(card.spectrum) and card.spectrum[-1] >= 0.0


def least_at(bounds: Sequence[Bound], n: int, *, best: bool = False) -> Optional[float]:
    """The least of several bounds after n iterations, on f(w_n), or on the lowest cost until then if `best`."""
    speak = [b for b in bounds if not b.theorem.answer and (best or not b.theorem.best)]
    return min((value for bound in speak if (value := bound.at(n)) is not None), default=None)


def of_answers(bounds: Sequence[Bound]) -> Sequence[Bound]:
    """Those that speak of the points that a method answers with, as bounds on these."""
    answers = (bound for bound in bounds if bound.theorem.answer)
    return [bound._replace(theorem=bound.theorem._replace(answer=False)) for bound in answers]


def slope_at_most(spec: Spec, known: Known, n: int, fall: float) -> Optional[float]:
    """What ‖∇f‖ was at most at one of the first n iterates of a run that fell by so much, convex or not."""
    bend = curvatures(known)
    if bend is None or fall < 0.0:
        return None
    factors = (one.factor(n) for one in theorems(spec, bend, known) if one.bounds == SLOPE)
    return min((math.sqrt(factor * fall) for factor in factors if factor is not None), default=None)


def iterations_at_most(bounds: Sequence[Bound], gap: float) -> Optional[int]:
    """An n by which f(w_k) − f* has been at most `gap` on all problems of the class; None where none is proved.

    The least such n where every bound falls; bounds that speak of few n only give the first of these.
    """
    if gap <= 0.0 or not bounds:
        return None

    def met(n: int) -> bool:
        value = least_at(bounds, n, best=True)
        return value is not None and value <= gap

    low, high = -1, 0
    while not met(high):
        low, high = high, 2 * high + 1
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met(middle) else (middle, high)
    return high
