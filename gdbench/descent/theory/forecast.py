"""What theory expects of a run: exact on quadratics, a bound on smooth convex costs, else only in the long run.

Each forecast says which of the three it is; where no theorem speaks of the update, there is none.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from gdbench.descent.theory.card import Card
from gdbench.descent.theory.prediction import Quadratic, contraction_of, iterations_to, radius
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import fixed_update


class Known(NamedTuple):
    """What is known around a run.

    smoothness, convexity: L and μ as the run was told them.  start: w_0.  minimiser: w*.
    gap: f(w_0) − f*.  gaps: target → the gap f − f* at which it is met.
    """

    card: Card
    smoothness: Optional[float] = None
    convexity: Optional[float] = None
    start: Sequence[float] = ()
    minimiser: Sequence[float] = ()
    gap: Optional[float] = None
    gaps: Mapping[str, float] = {}


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


def forecast(spec: Mapping[str, Any], known: Known, most: int = 1_000_000) -> Optional[Forecast]:
    """What to expect of a run; None where its update is none that theorems speak of.

    most: iterations of momentum that are followed in the eigenvectors' coordinates.
    """
    update = fixed_update(spec, known.smoothness, known.convexity)
    return expected(update, known, most) if update else None


def expected(update: Update, known: Known, most: int = 1_000_000) -> Optional[Forecast]:
    """What to expect of an update whose gradients are exact."""
    components = quadratic_of(known)
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
    displacement = [w_j - m_j for w_j, m_j in zip(known.start, known.minimiser)]
    components = card.components(displacement)
    return Quadratic(card.spectrum, components) if len(components) == len(card.spectrum) else None


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
    """Of plain descent below 2/L on an L-smooth convex cost, from R = ‖w_0 − w*‖.

    f(w_k) − f* ≤ 2 Δ R² / (2 R² + k η (2 − Lη) Δ) with Δ = f(w_0) − f*  (Nesterov 2004, thm 2.1.14);
    for η ≤ 1/L also  R² / 2ηk  (Beck & Teboulle 2009, thm 3.1), and with μ > 0  (1 − ημ)ᵏ Δ.
    """
    card, gap = known.card, known.gap
    if not update.plain or not card.convex or not card.smoothness or gap is None or not gap > 0.0:
        return None
    top = card.smoothness.value
    if card.smoothness.kind not in ("exact", "upper") or not update.rate * top < 2.0:
        return None
    square = _distance(known)
    if square is None:
        return None
    iterations: Dict[str, Optional[int]] = {}
    for name, wanted in known.gaps.items():
        if wanted > 0.0:
            iterations[name] = _most(update.rate, top, known.convexity, square, gap, wanted)
    return Forecast(
        "bound",
        update,
        iterations,
        _local_contraction(update, card),
        update.limit(top),
        "Nesterov 2004, theorem 2.1.14",
    )


def _most(rate: float, top: float, mu: Optional[float], square: float, gap: float, wanted: float) -> int:
    if gap <= wanted:
        return 0
    bounds: List[float] = [2.0 * square * (gap / wanted - 1.0) / (rate * (2.0 - rate * top) * gap)]
    if rate * top <= 1.0:
        bounds.append(square / (2.0 * rate * wanted))
        if mu:
            bounds.append(math.log(gap / wanted) / -math.log1p(-min(rate * mu, 1.0 - 1e-16)))
    return math.ceil(min(bounds))


def _distance(known: Known) -> Optional[float]:
    """R²."""
    if not known.minimiser or len(known.start) != len(known.minimiser):
        return None
    return math.fsum((w_j - m_j) * (w_j - m_j) for w_j, m_j in zip(known.start, known.minimiser))


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
