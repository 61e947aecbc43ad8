"""Causes that lie in how differently the cost bends: columns of unlike scale, powers, the problem itself."""

from __future__ import annotations

import math
from typing import Any, Dict, Optional, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.models import model_facts
from gdbench.descent.theory.prediction import iterations_to
from gdbench.descent.theory.quadratic import Quadratic
from gdbench.descent.theory.rates import Update, heavy_ball_momentum
from gdbench.descent.theory.tuning import tuned

#: From this condition number on, no fixed rate is fast.
ILL = 1000.0
#: Scaling is told of where κ is at least so large, and falls at least to such a share.
WORTH, CUT = 100.0, 0.1
#: A remedy is told of where it takes at most this share of the iterations.
SLOWER = 0.5
#: Steps of momentum that are followed in the eigenvectors' coordinates.
FOLLOWED = 20_000


def conditioning(case: Case) -> Optional[Cause]:
    """The most telling of the three: a scaling that mends it is told in place of a bare condition number."""
    if not _feels_curvature(case):
        return None
    now = case.condition
    if now is None or now < WORTH:
        return None
    return _scaling(case, now) or _ill(case, now)


def _feels_curvature(case: Case) -> bool:
    """Whether the optimizer is of gradient descent's kin: those that scale each coordinate feel κ less."""
    return case.way.optimizer.update is not None


def _scaling(case: Case, now: float) -> Optional[Cause]:
    """Columns of very different scale, or powers of them."""
    scaled, basis = case.card.scaled, expanded(case)
    helps = scaled is not None and scaled.condition <= CUT * now
    other = basis and now >= ILL
    mended = _by_standardizing(case) if helps else _by_another_basis(case) if other else None
    if mended is None:
        return None
    evidence = {
        "condition": now,
        "target": case.target,
        "standardized": scaled.condition if scaled and helps else None,
        "orthogonal": 1.0 if basis else None,
    }
    remedy, gain = mended
    grade = PROVED if case.card.quadratic and gain.exact else ESTIMATED
    return Cause("feature_basis" if basis else "column_scales", grade, evidence, remedy, gain)


def _by_standardizing(case: Case) -> Optional[Tuple[Remedy, Gain]]:
    """None where that gains next to nothing."""
    needed, rate, exact = standardized(case)
    gain = Gain(case.needed, needed, exact and case.needed_exactly)
    enough = not case.arrived if needed is None else gain.ratio >= 1.0 / SLOWER
    changes = {"data.standardize": True, "learning_rate": {"constant": {"rate": rate}}}
    return (Remedy("standardize", plainly(case, changes)), gain) if enough else None


def plainly(case: Case, changes: Dict[str, Any]) -> Dict[str, Any]:
    """With plain steps where the run makes others, as the rate that is advised is one for these."""
    if case.way.optimizer.along_gradient:
        return changes
    return {**changes, "optimizer": {"gradient_descent": {}}}


def _by_another_basis(case: Case) -> Optional[Tuple[Remedy, Gain]]:
    """Which no config says, as the basis is the model's own."""
    gain = Gain(case.needed, 1.0, case.needed_exactly)
    return None if case.arrived else (Remedy("orthogonal_basis", {}), gain)


def expanded(case: Case) -> bool:
    """Whether the model makes several columns of a feature."""
    if "model" not in case.spec:
        return False
    basis = model_facts(case.spec["model"]).basis
    return basis is not None and len(basis([0.0])) > 1


def standardized(case: Case) -> Tuple[Optional[float], float, bool]:
    """(iterations to the target on standardized features, at which rate, whether that is exact)."""
    scaled = case.card.scaled
    assert scaled is not None
    share = float(case.target)
    if case.batch is not None:
        # an eighth of the limit of the largest row alone, whatever the batches, for the sake of the noise
        return None, 0.25 * case.batch / (scaled.largest_row or scaled.smoothness), False
    if not case.exact_steps:
        return None, 1.0 / scaled.smoothness, False
    if scaled.spectrum:
        quadratic = Quadratic(scaled.spectrum, scaled.components)
        found = tuned(quadratic, share * quadratic.gap)
        if found:
            from_zero = not any(case.evidence.get("start", [1.0]))
            return float(found.iterations), found.rate, from_zero
    return at_inverse(scaled.condition, share), 1.0 / scaled.smoothness, False


def at_inverse(condition: float, share: float) -> float:
    """Iterations in which the gap shrinks to a share at the rate 1/L, by 1 − 1/κ in each."""
    return _shrinking(1.0 - 1.0 / condition, share)


def by_condition(condition: float, share: float) -> float:
    """Iterations in which the gap shrinks to a share at the contraction (κ − 1)/(κ + 1)."""
    return _shrinking((condition - 1.0) / (condition + 1.0), share)


def _shrinking(factor: float, share: float) -> float:
    if factor <= 0.0:
        return 1.0
    return float(max(1, math.ceil(0.5 * math.log(share) / math.log(factor))))


def _ill(case: Case, now: float) -> Optional[Cause]:
    """No fixed rate is fast, and no scaling mends it; momentum needs only √κ."""
    if now < ILL or case.arrived or case.result.outcome == "diverged":
        return None
    evidence: Dict[str, Any] = {"condition": now, "target": case.target, "needed_at_best": None}
    fastest, done = case.fastest, case.result.iterations
    if not case.card.quadratic:
        settled = (case.update is not None and case.update.plain) or case.way.along_gradient
        return Cause("ill_conditioned", ESTIMATED, evidence) if settled and case.limited else None
    if fastest is None or fastest.iterations <= done:
        return None
    evidence["needed_at_best"] = fastest.iterations
    gain, remedy = momentum(case), None
    if gain is not None and gain.ratio >= 1.0 / SLOWER and case.exact_steps:
        changes = {"optimizer": {"heavy_ball": {"theoretical": True}}, "learning_rate": {"theoretical": {}}}
        remedy = Remedy("momentum", changes)
    return Cause("ill_conditioned", PROVED, evidence, remedy, gain if remedy else None)


def momentum(case: Case) -> Optional[Gain]:
    """What the heavy ball with the rate and the momentum that theory recommends would take."""
    quadratic, wanted = case.quadratic, case.wanted
    top, least = case.known.smoothness, case.known.convexity
    if quadratic is None or not wanted or not top or not least:
        return None
    rate, beta = heavy_ball_momentum(least, top)
    most = min(FOLLOWED, FOLLOWED * 10 // len(quadratic.eigenvalues))
    found = iterations_to(Update("heavy ball", rate, beta), quadratic, {"": wanted}, most).get("")
    if found is None:
        return Gain(case.needed, by_condition(math.sqrt(top / least), float(case.target)))
    return Gain(case.needed, float(found), case.needed_exactly)
