"""What is known of a problem before a run begins: worked out once by the parent, handed to every worker."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple


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

    def thresholds(self, targets: Sequence[str]) -> Dict[str, float]:
        """target t → f* + t · (baseline − f*); empty where there is nothing to measure from."""
        best, baseline = self.optimum, self.baseline
        if best is None or baseline is None or baseline <= best:
            return {}
        return {target: best + float(target) * (baseline - best) for target in targets}

    def to_plain(self) -> Dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ProblemConstants:
        return cls(**{**plain, "starts": tuple(tuple(start) for start in plain["starts"])})
