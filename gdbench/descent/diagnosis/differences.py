"""A numerical gradient's step: too short for what floats resolve, or too long for a slope."""

from __future__ import annotations

from typing import Dict, Optional

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, Cause, Gain, Remedy

#: Method → (roundings of the cost that a difference is divided from, the step that balances the errors).
BALANCED = {"forward": (2.0, 1.5e-8), "central": (1.0, 6e-6)}
EPSILON = 2.220446049250313e-16
#: A step is far from the balance from this factor on.
FAR = 100.0
#: Noise that is this share of the gradient at the start is told.
HEARD = 1e-5


def difference_step(case: Case) -> Optional[Cause]:
    """Rounding costs 2ε|f|/h of a forward difference, ε|f|/h of a central one; a long step costs ½hL or h²."""
    ((name, given),) = case.spec.get("gradient", {"analytic": {}}).items()
    step = given.get("step")
    if name not in BALANCED or not step or case.result.outcome == "diverged":
        return None
    roundings, best = BALANCED[name]
    costs = [abs(cost) for cost in (case.result.initial_cost, case.result.final_cost) if cost is not None]
    noise = roundings * EPSILON * max(costs, default=0.0) / step
    size = case.evidence.get("start_gradient_norm")
    error = (case.result.audit or {}).get("relative_error")
    evidence: Dict[str, object] = {
        "method": name,
        "step": step,
        "best": best,
        "noise": noise,
        "gradient_norm": size,
        "relative_error": error,
    }
    remedy, gain = Remedy("balanced_step", {"gradient": {name: {"step": best}}}), Gain(None, None)
    lost = size is not None and (noise >= HEARD * size or size == 0.0)
    if step < best / FAR and lost:
        return Cause("difference_step", ESTIMATED, {**evidence, "why": "too short"}, remedy, gain)
    wrong = not case.arrived if error is None else error > HEARD
    if step > best * FAR and wrong:
        return Cause("difference_step", ESTIMATED, {**evidence, "why": "too long"}, remedy, gain)
    return None
