"""What a run leaves behind: plain data that crosses a process boundary as JSON, bit for bit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Mapping, Optional

#: How a run can end. Only the first is success; a limit reached is `stopped`, never `converged`.
OUTCOMES = ("converged", "stopped", "diverged", "stalled", "timed_out", "failed", "crashed")

#: Outcomes that say that a run did not do its work, whatever the descent would have done.
UNDONE = ("timed_out", "failed", "crashed")


@dataclass(frozen=True)
class Curve:
    """The recorded iterates: parallel lists, in increasing iteration; every value is finite.

    `iteration[0]` is 0, the starting point. All iterations are kept up to a limit and a log-spaced
    choice beyond it; the last, the best and each target's crossing are always among them.
    """

    iteration: List[int] = field(default_factory=list)
    cost: List[float] = field(default_factory=list)
    gradient_norm: List[float] = field(default_factory=list)


@dataclass(frozen=True)
class RunResult:
    """How one run ended and everything measured on the way.

    outcome: one of `OUTCOMES`.  reason: a sentence.  rule: the stopping rule that fired, if any.
    iterations: updates done (the start is iteration 0).
    *_cost: the mean cost per row; None where no finite value exists.
    diverged_at: the iteration whose cost or gradient was first non-finite or beyond the limit.
    iterations_to: target (a relative objective gap, as written: "0.01") → first iteration at or
        below it, None if never reached. Computed online, never read off the thinned curve.
    work_to: target → the work counters when it was first met, None if never; empty in older records.
    path: [k, w₁, w₂] of some iterates, the first and the last among them, where there are two parameters.
    cost_evaluations, gradient_evaluations, row_passes: work counters, the same for every kernel.
    shadows: watched rule, as written → where it would have fired first, or None.
    audit: the gradient compared with another at the start, where that was asked for.
    evidence: what a diagnosis rests on besides the curve; see `gdbench.descent.diagnosis.evidence`.
    seconds: inside the loop only; tracing, compiling and recording are excluded.
    """

    outcome: str
    reason: str
    rule: Optional[str] = None
    iterations: int = 0
    initial_cost: Optional[float] = None
    final_cost: Optional[float] = None
    best_cost: Optional[float] = None
    best_iteration: Optional[int] = None
    final_gradient_norm: Optional[float] = None
    diverged_at: Optional[int] = None
    iterations_to: Dict[str, Optional[int]] = field(default_factory=dict)
    work_to: Dict[str, Optional[Dict[str, int]]] = field(default_factory=dict)
    path: List[List[float]] = field(default_factory=list)
    shadows: Dict[str, Optional[Dict[str, Any]]] = field(default_factory=dict)
    audit: Optional[Dict[str, Any]] = None
    evidence: Dict[str, Any] = field(default_factory=dict)
    curve: Curve = field(default_factory=Curve)
    parameters: List[float] = field(default_factory=list)
    cost_evaluations: int = 0
    gradient_evaluations: int = 0
    row_passes: int = 0
    seconds: float = 0.0
    interpreter: str = ""
    host: str = ""
    traceback: Optional[str] = None

    def to_plain(self) -> Dict[str, Any]:
        """JSON-plain; floats come back bit for bit because `repr` of a float round-trips."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> RunResult:
        return cls(**{**plain, "curve": Curve(**plain["curve"])})
