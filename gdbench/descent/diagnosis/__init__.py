"""Why a run ended as it did: the evidence collected while it went, and the causes that rest on it.

One check says how a run ended: they are asked from the surest to the vaguest, and the first that recognises it
has the word. Others look for what stood in its way, whatever the ending; all that apply are told, by what
mending them would gain. Where nothing recognises anything, that is said: wrong confidence is the worst that
a diagnosis can have.
"""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from gdbench.descent.diagnosis.audit import difference_step
from gdbench.descent.diagnosis.case import Case, Measured
from gdbench.descent.diagnosis.cause import (
    ESTIMATED,
    GRADES,
    PROVED,
    UNKNOWN,
    Cause,
    Gain,
    Remedy,
    in_order,
)
from gdbench.descent.diagnosis.conditioning import conditioning
from gdbench.descent.diagnosis.growth import (
    above_limit,
    edge_of_stability,
    hovers,
    left_the_finite,
    oscillation,
)
from gdbench.descent.diagnosis.progress import (
    arrived,
    at_rest,
    lost_step,
    passed_through,
    rounding_floor,
    stopped_by_limit,
    stopped_early,
)
from gdbench.descent.diagnosis.resting import dead_schedule, decayed_gradient, kink, plateau
from gdbench.descent.diagnosis.speed import far_to_go, seems_slow, too_slow
from gdbench.descent.diagnosis.strides import (
    above_local_limit,
    above_nominal_limit,
    first_step,
    noise_floor,
    row_step,
)
from gdbench.descent.diagnosis.terrain import (
    dead_symmetry,
    falls_for_ever,
    local_minimum,
    missing_bias,
    no_minimiser,
    not_unique,
    saddle,
    wrong_gradient,
)
from gdbench.descent.recording.result import UNDONE

__all__ = [
    "CAUSES",
    "ESTIMATED",
    "GRADES",
    "PROVED",
    "UNKNOWN",
    "Case",
    "Cause",
    "Gain",
    "Measured",
    "Remedy",
    "diagnose",
]

#: Every cause, with its meaning in a line; each has a page in docs/verdicts.
CAUSES = {
    "rate_above_limit": "The learning rate is above the stability limit, and the cost grows.",
    "bounded_oscillation": "The steps hop from side to side and never settle.",
    "edge_of_stability": "The largest curvature has settled near 2/η.",
    "not_finite": "A number left the finite range, and the record says which.",
    "unbounded_below": "The cost has no bottom.",
    "no_minimiser": "The cost falls for ever along some direction.",
    "dead_symmetry": "Hidden units are copies of one another and stay so.",
    "saddle": "The gradient vanishes where the cost still bends down.",
    "local_minimum": "A minimum that is not the lowest.",
    "wrong_gradient": "The gradient is not that of the cost.",
    "missing_bias": "A bias is missing, without which the model cannot do it.",
    "not_unique": "Some parameters are not determined apart.",
    "difference_step": "The step of a numerical gradient is far from the best.",
    "plateau": "The slopes have vanished where nothing is fitted.",
    "kink": "Steps of a constant length hop about a kink.",
    "decayed_gradient": "Weight decay holds it where the cost has no minimum.",
    "dead_schedule": "The rates to come add up to next to nothing.",
    "passed_through": "A target was met on the way, and left again.",
    "rounding_floor": "The cost cannot get any lower in floating point.",
    "rate_too_small": "A larger rate would get there in fewer iterations.",
    "first_step_too_long": "The first step is too long for where it starts.",
    "row_step_too_long": "The step of one row or batch is beyond its own limit.",
    "noise_floor": "At a constant rate the rows' noise keeps the cost up.",
    "column_scales": "The columns differ so much in scale that no rate is fast.",
    "feature_basis": "The powers of a feature are nearly dependent, so that no rate is fast.",
    "ill_conditioned": "The curvatures differ so much that no fixed rate is fast.",
    "stopped_early": "A rule called it converged too soon.",
    "stopped_by_limit": "A limit ended it on the way.",
    "nothing_wrong": "It did what it was meant to do.",
    "unexplained": "No check recognised the cause.",
}

Check = Callable[[Case], Optional[Cause]]

#: How it ended, from the surest to the vaguest; the first that recognises something has the word.
ENDINGS: Tuple[Check, ...] = (
    wrong_gradient,
    above_limit,
    saddle,
    no_minimiser,
    left_the_finite,
    dead_symmetry,
    rounding_floor,
    arrived,
    edge_of_stability,
    oscillation,
    hovers,
    local_minimum,
    stopped_early,
    lost_step,
    too_slow,
    seems_slow,
    far_to_go,
    stopped_by_limit,
    at_rest,
)
#: What stood in its way, however it ended; all that apply are told.
OBSTACLES: Tuple[Check, ...] = (
    difference_step,
    missing_bias,
    passed_through,
    plateau,
    first_step,
    row_step,
    noise_floor,
    kink,
    decayed_gradient,
    dead_schedule,
    above_local_limit,
    above_nominal_limit,
    falls_for_ever,
    conditioning,
    not_unique,
)


def diagnose(case: Case) -> Tuple[Cause, ...]:
    """Why a run ended as it did: all causes that apply, the one whose mending would gain most first."""
    result = case.result
    if result.outcome in UNDONE:
        # that says nothing about the descent
        return (Cause("unexplained", UNKNOWN, {"outcome": result.outcome, "why": "undone"}),)
    ending = next((found for check in ENDINGS if (found := check(case))), None)
    if ending is not None and ending.code == "wrong_gradient":
        # what else would be said rests on that gradient
        why = difference_step(case)
        return (why, ending) if why else (ending,)
    obstacles = _without_echoes([cause for check in OBSTACLES if (cause := check(case))])
    if ending is not None and not _stands(ending, obstacles, case):
        ending = None
    nobody_knows = Cause("unexplained", UNKNOWN, {"outcome": result.outcome, "why": "no check"})
    # of equal gain, what stood in the way is told before where it was stopped, which says less
    late = ending is None or ending.code == "stopped_by_limit"
    ended = ending or nobody_knows
    return in_order([*obstacles, ended] if late else [ended, *obstacles])


def _stands(ending: Cause, obstacles: List[Cause], case: Case) -> bool:
    """A minimum of a model that cannot do it, or on a plateau, is not what was meant."""
    fine = ending.code == "nothing_wrong" and not case.arrived
    return not (fine and any(cause.code in ("missing_bias", "plateau") for cause in obstacles))


def _without_echoes(obstacles: List[Cause]) -> List[Cause]:
    """What keeps it from staying at a target says what to do about it; that it passed through does not."""
    if not any(cause.code in ("kink", "noise_floor") for cause in obstacles):
        return obstacles
    return [c._replace(remedy=None, gain=None) if c.code == "passed_through" else c for c in obstacles]
