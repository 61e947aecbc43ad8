"""What is remembered of a descent: the curve, the best iterate, and when each target was first met.

Every iteration up to a thousand is kept, then three significant digits of k (1000, 1010, … 9990,
10000, 10100, …): at most 900 points for each further decade, evenly spread on a log axis.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping, Optional

from gdbench.descent.iterate import Iterate
from gdbench.descent.recording.result import Curve

_ALL_BELOW = 1000


class Recorder:
    """Sees each finite iterate once, in order. thresholds: target → the cost at or below which it is met.

    witness: is shown what is kept, at once: it may outlive this process.  spent: the work done so far.
    """

    def __init__(
        self,
        thresholds: Mapping[str, float],
        witness: Optional[Callable[[Iterate], None]] = None,
        spent: Callable[[], Dict[str, int]] = dict,
    ) -> None:
        self._witness, self._spent = witness, spent
        self.iterations_to: Dict[str, Optional[int]] = dict.fromkeys(thresholds)
        self.work_to: Dict[str, Optional[Dict[str, int]]] = dict.fromkeys(thresholds)
        self._waiting = sorted(thresholds.items(), key=lambda item: -item[1])
        self._kept: List[Iterate] = []
        self._spacing, self._next_decade = 1, _ALL_BELOW
        self.first: Optional[Iterate] = None
        self.best: Optional[Iterate] = None
        self.last: Optional[Iterate] = None

    def see(self, now: Iterate) -> None:
        if self.best is None or now.cost < self.best.cost:
            self.best = now
        if self.first is None:
            self.first = now
        self.last = now
        if now.k >= self._next_decade:
            self._next_decade *= 10
            self._spacing *= 10
        keep = now.k % self._spacing == 0
        while self._waiting and now.cost <= self._waiting[0][1]:
            target = self._waiting.pop(0)[0]
            self.iterations_to[target], self.work_to[target] = now.k, self._spent()
            keep = True
        if keep:
            self._kept.append(now)
            if self._witness:
                self._witness(now)

    def curve(self) -> Curve:
        """The kept iterates with the best and the last among them, in order."""
        ordered = self._ordered()
        return Curve([p.k for p in ordered], [p.cost for p in ordered], [p.gradient_norm for p in ordered])

    def path(self) -> List[List[float]]:
        """[k, w₁, w₂] of the kept iterates where there are two parameters: all of 32, then 16 an octave."""
        ordered = self._ordered()
        if not ordered or len(ordered[0].w) != 2:
            return []
        last = len(ordered) - 1
        places = [i for i in range(last) if i % (1 << max(0, i.bit_length() - 5)) == 0]
        return [[float(ordered[i].k), *ordered[i].w] for i in [*places, last]]

    def _ordered(self) -> List[Iterate]:
        points = {p.k: p for p in [*self._kept, self.best, self.last] if p is not None}
        return [points[k] for k in sorted(points)]
