"""What theory expects of a run: exact on quadratics, a bound on smooth convex costs, else only in the long run.

Each forecast says which of the three it is; where no theorem speaks of the update, there is none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, NamedTuple, Optional, Tuple

from gdbench.descent.registry import Spec
from gdbench.descent.theory.card import Card, along
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.prediction import contraction_of, iterations_to
from gdbench.descent.theory.quadratic import Quadratic, radius
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import fixed_update
from gdbench.descent.theory.worst_case.bounds import bounds_of, curvatures, iterations_at_most
from gdbench.descent.theory.worst_case.theorems import of_update


class Forecast(NamedTuple):
    """kind: "exact", "bound" (so many iterations at most) or "asymptotic" (no iterations, a factor only).

    iterations: target → k; None where it is never met; a target is missing where nothing is known of it.
    contraction: the factor of the distance to w* in an iteration, in the long run.  limit: the rate above
    which the update is unstable.  how: the theorem.
    """

    kind: str
    update: Update
    iterations: Dict[str, Optional[int]]
    contraction: Optional[float]
    limit: Optional[float]
    how: str


def forecast(spec: Spec, known: Known, most: int = 1_000_000) -> Optional[Forecast]:
    """What to expect of a run; None where its update is none that theorems speak of.

    most: iterations of momentum that are followed in the eigenvectors' coordinates.
    """
    update = fixed_update(spec, known.smoothness, known.convexity)
    return expected(update, known, quadratic_of(known), most) if update else None


def expected(
    update: Update, known: Known, components: Optional[Quadratic], most: int = 1_000_000
) -> Optional[Forecast]:
    """What to expect of an update whose gradients are exact. components: `quadratic_of` what is known."""
    if components is not None:
        return _exact(update, known, components, most)
    return _bounded(update, known) or _in_the_long_run(update, known)


def quadratic_of(known: Known) -> Optional[Quadratic]:
    """The start in the eigenvectors' coordinates; None where the cost is no quadratic with a minimum."""
    card, size = known.card, len(known.minimiser)
    if not card.quadratic or not card.spectrum or not size or len(known.start) != size:
        return None
    if card.spectrum[-1] <= 0.0:
        return None
    components = _components(card.directions, tuple(known.start), tuple(known.minimiser))
    return Quadratic(card.spectrum, components) if len(components) == len(card.spectrum) else None


#: Remembered: runs that begin alike are asked about one after the other.
@lru_cache(maxsize=64)
def _components(directions: str, start: Tuple[float, ...], minimiser: Tuple[float, ...]) -> Tuple[float, ...]:
    """Vᵀ (w_0 − w*)."""
    return tuple(along(directions, [w_j - m_j for w_j, m_j in zip(start, minimiser)]))


def _exact(update: Update, known: Known, quadratic: Quadratic, most: int) -> Forecast:
    top = known.card.spectrum[0]
    return Forecast(
        "exact",
        update,
        iterations_to(update, quadratic, known.gaps, most),
        contraction_of(update, quadratic),
        update.limit(top),
        "each component of the start follows its own eigenvalue",
    )


def _bounded(update: Update, known: Known) -> Optional[Forecast]:
    """Of an L-smooth convex cost: no problem of that class takes longer."""
    bend = curvatures(known)
    if bend is None or known.gap is None or not known.gap > 0.0:
        return None
    bounds = bounds_of(of_update(update, *bend), bend, known)
    if not bounds:
        return None
    wanted = {name: gap for name, gap in known.gaps.items() if gap > 0.0}
    return Forecast(
        "bound",
        update,
        {name: most for name, gap in wanted.items() if (most := iterations_at_most(bounds, gap)) is not None},
        _local_contraction(update, known.card),
        update.limit(bend.top),
        "; ".join(dict.fromkeys(bound.theorem.how for bound in bounds)),
    )


def _in_the_long_run(update: Update, known: Known) -> Optional[Forecast]:
    """Near the optimum f is nearly its quadratic model there."""
    factor = _local_contraction(update, known.card)
    if factor is None or known.card.local_smoothness is None:
        return None
    limit = update.limit(known.card.local_smoothness.value)
    how = "the Hessian at the reference optimum, once the run is near it"
    return Forecast("asymptotic", update, {}, factor, limit, how)


def _local_contraction(update: Update, card: Card) -> Optional[float]:
    if card.local_smoothness is None or card.local_convexity is None or update.beta is None:
        return None
    return max(radius(update, card.local_smoothness.value), radius(update, card.local_convexity.value))
