"""Barzilai and Borwein's step: the curvature along the last step, taken for that along the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from gdbench.descent.domains import one_or_two, positive
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import Chooser, LearningRate, Remembering, learning_rate
from gdbench.descent.numerics.vectors import dot


@dataclass
class _Step:
    """The rate of the last step, and where it began."""

    rate: float
    last: Optional[Iterate] = None


@learning_rate("barzilai_borwein", facts={"search": True}, first=positive, variant=one_or_two)
def barzilai_borwein(first: float, variant: int = 1) -> LearningRate:
    """η_k = sᵀs / sᵀy (variant 1) or sᵀy / yᵀy (variant 2)  (Barzilai & Borwein 1988).

    s = w_k − w_{k−1},  y = ∇f(w_k) − ∇f(w_{k−1}).  first: η₀ > 0.  The cost may rise in between.  Where
    the quotient is not a positive number, as after a step of negative curvature, the rate stays as it was.
    """

    def begin(landscape: Landscape) -> Chooser:
        step = _Step(first)

        def choose(now: Iterate) -> float:
            if step.last is not None:
                step.rate = _quotient(step.last, now, variant) or step.rate
            step.last = now
            return step.rate

        return Remembering(choose, (step,))

    return begin


def _quotient(last: Iterate, now: Iterate, variant: int) -> Optional[float]:
    s = [w_j - v_j for w_j, v_j in zip(now.w, last.w)]
    y = [g_j - h_j for g_j, h_j in zip(now.gradient, last.gradient)]
    above, below = (dot(s, s), dot(s, y)) if variant == 1 else (dot(s, y), dot(y, y))
    if not (above > 0.0 and below > 0.0):
        return None
    quotient = above / below
    return quotient if 0.0 < quotient < math.inf else None
