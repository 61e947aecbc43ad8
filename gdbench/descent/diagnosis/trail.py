"""What a run leaves for its diagnosis, gathered while it goes: a few iterates, kept by reference.

An iterate is a tuple that the loop has made anyway. To keep one costs an append; everything else waits
until the loop has ended, and its clock has stopped.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Deque, Dict, List, Optional, Tuple

from gdbench.descent.iterate import Iterate, Values

#: Steps at the end of a run whose curvature is measured.
TAIL = 8


class Trail:
    """Sees each finite iterate once. steps: pairs of neighbours, at k = 1, 2, 4, 8, … and at the end.

    due: the next power of two.  tail: the last iterates, as plain tuples of an iterate's values.
    """

    REMEMBERED = ("due", "tail", "_sampled")

    def __init__(self) -> None:
        self.due = 1
        self.tail: Deque[Values] = deque(maxlen=TAIL + 1)
        self._sampled: List[Tuple[Values, Values]] = []

    def see(self, now: Values) -> None:
        if now[0] >= self.due:
            self.sample(now)
        self.tail.append(now)

    def sample(self, now: Values) -> None:
        """Keep the step that leads to this iterate, which is not yet the last of the tail."""
        if self.tail:
            self._sampled.append((self.tail[-1], now))
        while self.due <= now[0]:
            self.due *= 2

    def since(self, k: int) -> List[Iterate]:
        """Those of the last iterates that come after iteration k."""
        return [Iterate._make(values) for values in self.tail if values[0] > k]

    @property
    def last(self) -> Optional[Iterate]:
        return Iterate._make(self.tail[-1]) if self.tail else None

    @property
    def steps(self) -> List[Tuple[Iterate, Iterate]]:
        """Neighbouring iterates in the order of the run, each pair once."""
        tail = list(self.tail)
        pairs = {before[0]: (before, now) for before, now in [*self._sampled, *zip(tail, tail[1:])]}
        return [(Iterate._make(before), Iterate._make(now)) for _, (before, now) in sorted(pairs.items())]

    @property
    def sampled(self) -> List[Iterate]:
        """The iterates at powers of two, and the last."""
        points = {now[0]: now for _, now in self._sampled}
        if self.tail:
            points[self.tail[-1][0]] = self.tail[-1]
        return [Iterate._make(points[k]) for k in sorted(points)]


def secant(before: Iterate, now: Iterate) -> Optional[List[float]]:
    """[k, η, sᵀΔg / sᵀs] with s = w_{k+1} − w_k: the mean curvature along the step; None where it is lost.

    η: ‖s‖/‖g_k‖, the rate where the step went along −g_k. The product of the two is above 2 exactly where
    the slope along the step has come out steeper, on the other side, than it went in.
    """
    square = turned = 0.0
    for w_j, v_j, g_j, h_j in zip(now.w, before.w, now.gradient, before.gradient):
        s_j = w_j - v_j
        square += s_j * s_j
        turned += s_j * (g_j - h_j)
    if not (0.0 < square < math.inf) or not math.isfinite(turned) or before.gradient_norm == 0.0:
        return None
    curvature = turned / square
    rate = math.sqrt(square) / before.gradient_norm
    return [before.k, rate, curvature] if math.isfinite(curvature * rate) else None


def not_finite(end: Iterate) -> Optional[Dict[str, Any]]:
    """The first quantity of an iterate that is not finite: parameter, gradient (with its component), cost."""
    for quantity, values in (("parameter", end.w), ("cost", [end.cost]), ("gradient", end.gradient)):
        for component, value in enumerate(values):
            if not math.isfinite(value):
                place = {} if quantity == "cost" else {"component": component}
                return {"quantity": quantity, **place, "value": repr(value), "iteration": end.k}
    if not math.isfinite(end.gradient_norm):
        largest = max(range(len(end.gradient)), key=lambda j: abs(end.gradient[j]))
        return {
            "quantity": "gradient norm",
            "component": largest,
            "value": repr(end.gradient[largest]),
            "iteration": end.k,
        }
    return None
