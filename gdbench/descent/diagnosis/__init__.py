"""Why a run ended as it did: the evidence collected while it went, and the verdict that rests on it.

Each check either recognises a cause or passes. They are asked from the surest to the vaguest, and where
none recognises anything, the verdict says so: wrong confidence is the worst that a diagnosis can have.
"""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from gdbench.descent.diagnosis.case import (
    ESTIMATED,
    GRADES,
    PROVED,
    UNKNOWN,
    Case,
    Diagnosis,
    Measured,
)
from gdbench.descent.diagnosis.growth import above_limit, edge_of_stability, left_the_finite, oscillation
from gdbench.descent.diagnosis.progress import (
    arrived,
    at_rest,
    lost_step,
    rounding_floor,
    seems_slow,
    stopped_by_limit,
    stopped_early,
    too_slow,
)
from gdbench.descent.diagnosis.terrain import (
    dead_symmetry,
    local_minimum,
    no_minimiser,
    saddle,
    wrong_gradient,
)
from gdbench.descent.recording.result import UNDONE

__all__ = ["ESTIMATED", "GRADES", "PROVED", "UNKNOWN", "VERDICTS", "Case", "Diagnosis", "Measured", "diagnose"]

#: Every verdict, with its meaning in a line; each has a page in docs/verdicts.
VERDICTS = {
    "rate_above_limit": "The learning rate is above the stability limit, and the cost grows.",
    "bounded_oscillation": "The steps hop from side to side and never settle.",
    "edge_of_stability": "The largest curvature has settled near 2/η.",
    "not_finite": "A number left the finite range, and the record says which.",
    "no_minimiser": "The cost falls for ever along some direction.",
    "dead_symmetry": "Hidden units are copies of one another and stay so.",
    "saddle": "The gradient vanishes where the cost still bends down.",
    "local_minimum": "A minimum that is not the lowest.",
    "wrong_gradient": "The gradient is not that of the cost.",
    "rounding_floor": "The cost cannot get any lower in floating point.",
    "rate_too_small": "A larger rate would get there in fewer iterations.",
    "ill_conditioned": "The curvatures differ so much that no fixed rate is fast.",
    "stopped_early": "A rule called it converged too soon.",
    "stopped_by_limit": "A limit ended it on the way.",
    "nothing_wrong": "It did what it was meant to do.",
    "unexplained": "No check recognised the cause.",
}

#: From the surest to the vaguest; the first that recognises something has the word.
CHECKS: Tuple[Callable[[Case], Optional[Diagnosis]], ...] = (
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
    local_minimum,
    stopped_early,
    lost_step,
    too_slow,
    seems_slow,
    stopped_by_limit,
    at_rest,
)


def diagnose(case: Case) -> Diagnosis:
    """Why a run ended as it did: a verdict with its grade, a sentence and the numbers it rests on."""
    outcome, reason = case.result.outcome, case.result.reason
    if outcome in UNDONE:
        sentence = f"The run did not do its work ({reason.rstrip('.')}), which says nothing about the descent."
        return Diagnosis("unexplained", UNKNOWN, sentence, {"outcome": outcome})
    for check in CHECKS:
        found = check(case)
        if found is not None:
            return found
    return Diagnosis("unexplained", UNKNOWN, f"{reason.rstrip('.') or outcome}; no check knows why.", {})
