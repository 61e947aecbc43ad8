"""What is known of a problem before a run begins: worked out once by the parent, handed to every worker."""

from __future__ import annotations

import math
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

#: Roundings of f* below which the difference of two costs says nothing, as a share of f*.
_ROUNDINGS = math.ldexp(4.0, -53)


class Yardstick(NamedTuple):
    """From the optimum f* to the cost at zero parameters: the relative gap is 0 at one and 1 at the other."""

    optimum: float
    baseline: float

    @property
    def length(self) -> float:
        return self.baseline - self.optimum

    def gap(self, cost: float) -> float:
        """(cost − f*) / (baseline − f*)."""
        return self.relative(cost - self.optimum)

    def relative(self, gap: float) -> float:
        """gap / (baseline − f*), of an objective gap f − f*."""
        return gap / self.length

    def absolute(self, gap: float) -> float:
        """gap · (baseline − f*): the objective gap f − f* at a relative one."""
        return gap * self.length

    def measured(self, gap: float, finest: float) -> float:
        """`absolute`; where that is below the finest gap that can be measured, none is small enough."""
        limit = self.absolute(gap)
        return limit if limit >= finest else -math.inf


def finest_gap(optimum: Optional[float]) -> float:
    """What is left of a gap f − f* between two rounded numbers near f*: below it, nothing is told from 0."""
    return _ROUNDINGS * abs(optimum or 0.0)


def yardstick(optimum: Optional[float], baseline: Optional[float]) -> Optional[Yardstick]:
    """None where there is nothing to measure from, or no way down to measure."""
    if optimum is None or baseline is None or baseline <= optimum:
        return None
    return Yardstick(optimum, baseline)


class ProblemConstants(NamedTuple):
    """optimum: f*.  baseline: f at zero parameters.  smoothness: L.  starts: own starting points.
    convexity: μ.

    None (or empty) where it is not known. They are no part of a run's identity but follow from it.
    """

    optimum: Optional[float] = None
    baseline: Optional[float] = None
    smoothness: Optional[float] = None
    starts: Tuple[Tuple[float, ...], ...] = ()
    convexity: Optional[float] = None

    def thresholds(self, targets: Sequence[str], finest: float = 0.0) -> Dict[str, float]:
        """target → the gap f − f* at or below which it is met; empty where there is nothing to measure from.

        finest: the least gap that is told from 0; a target below it cannot be measured, and is met by none.
        """
        measure = yardstick(self.optimum, self.baseline)
        return {target: measure.measured(float(target), finest) for target in targets} if measure else {}

    def to_plain(self) -> Mapping[str, object]:
        return self._asdict()

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ProblemConstants:
        return cls(**{**plain, "starts": tuple(tuple(start) for start in plain["starts"])})
