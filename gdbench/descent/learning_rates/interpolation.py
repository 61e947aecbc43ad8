"""Where to try next between two trials of a line search."""

from __future__ import annotations

import math

from gdbench.descent.learning_rates.ray import Trial

#: The part of the bracket at either end that interpolation may not choose, so that the bracket shrinks.
MARGIN = 0.1


def minimum_between(low: Trial, high: Trial) -> float:
    """The minimiser of the cubic through both costs and slopes (Nocedal & Wright 2006, eq. 3.59).

    Kept MARGIN away from the ends; the middle where a trial is not finite or the cubic has no minimum.
    """
    width = high.rate - low.rate
    middle = low.rate + 0.5 * width
    if not (low.finite and high.finite) or width == 0.0:
        return middle
    d1 = low.slope + high.slope - 3.0 * (high.cost - low.cost) / width
    square = d1 * d1 - low.slope * high.slope
    if not 0.0 <= square < math.inf:
        return middle
    d2 = math.copysign(math.sqrt(square), width)
    below = high.slope - low.slope + 2.0 * d2
    if below == 0.0:
        return middle
    t = 1.0 - (high.slope + d2 - d1) / below
    return low.rate + min(max(t, MARGIN), 1.0 - MARGIN) * width if math.isfinite(t) else middle
