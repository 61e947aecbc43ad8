"""What a run leaves behind: plain data that crosses a process boundary as JSON, bit for bit."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import field
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from gdbench.descent.recording.plain import Plain, plain_of, read, slotted
from gdbench.descent.stopping.rule import (
    COST_GROWN,
    COST_INFINITE,
    COST_NOT_A_NUMBER,
    GRADIENT_NOT_FINITE,
    OVERSHOOTS,
    ZERO_LENGTH_STEP,
)


class Outcome(NamedTuple):
    """usable: ends at a finite point that one could use.  at_rest: and would stay there.

    undone: did not do its work, whatever the descent would have done.  tried_again: says nothing about the run,
    so that the next session does it again.  unfinished: was paused, and can be gone on with.
    """

    meaning: str
    usable: bool = False
    at_rest: bool = False
    undone: bool = False
    tried_again: bool = False
    unfinished: bool = False

    @property
    def lost(self) -> bool:
        """Whether a run that ends so is lost, whatever it met on the way."""
        return self.undone or not self.usable

    @property
    def broken(self) -> bool:
        """Whether something broke, which has a reason to tell and mostly a traceback."""
        return self.undone and not self.usable


#: Only the first is success; a limit reached is `stopped`, never `converged`.
OUTCOMES = {
    "converged": Outcome("a stopping rule found it near enough to a minimum", usable=True, at_rest=True),
    "stopped": Outcome("a limit was reached first", usable=True),
    "diverged": Outcome("its cost or gradient left the finite numbers or grew beyond the limit"),
    "stalled": Outcome("no further step changes anything", usable=True, at_rest=True),
    "outpaced": Outcome("a race paused it, for others had come further", usable=True, unfinished=True),
    "timed_out": Outcome("it took longer than it may", usable=True, undone=True),
    "failed": Outcome("it raised an exception", undone=True),
    "crashed": Outcome("its process died", undone=True, tried_again=True),
}

UNDONE = tuple(name for name, outcome in OUTCOMES.items() if outcome.undone)
TRIED_AGAIN = tuple(name for name, outcome in OUTCOMES.items() if outcome.tried_again)
UNFINISHED = tuple(name for name, outcome in OUTCOMES.items() if outcome.unfinished)
LOST = tuple(name for name, outcome in OUTCOMES.items() if outcome.lost)


@slotted(frozen=True)
class Curve:
    """The recorded iterates: parallel lists, in increasing iteration; every value is finite.

    `iteration[0]` is 0, the starting point. All iterations are kept up to a limit and a log-spaced
    choice beyond it; the last, the best and each target's crossing are always among them.
    series: name → a value for each iteration. Whoever stores, sends or draws a curve takes them all.
    """

    iteration: List[int] = field(default_factory=list)
    series: Dict[str, List[float]] = field(default_factory=dict)

    @property
    def cost(self) -> List[float]:
        return self.series.get("cost", [])

    @property
    def gradient_norm(self) -> List[float]:
        return self.series.get("gradient_norm", [])

    def gaps(self, optimum: float) -> List[float]:
        """f − f* of each point: as recorded, or by subtraction in records without it."""
        return self.series.get("gap") or [cost - optimum for cost in self.cost]

    @property
    def falls_on(self) -> bool:
        """Whether the gap still fell, to less than half, over the last half of the iterations."""
        gaps = self.series.get("gap", [])
        late = gaps[bisect_left(self.iteration, self.iteration[-1] / 2) :] if gaps else []
        return bool(late) and late[-1] < 0.5 * late[0]


#: A slope that promises so small a share of the cost over the length of all parameters is none.
_NO_SLOPE = 1e-30
#: A cost that fell to so small a share of the first is fitted.
_FITTED = 1e-9


@slotted(frozen=True)
class RunResult:
    """How one run ended and everything measured on the way.

    outcome: one of `OUTCOMES`.  reason: a sentence, for people.  rule: the stopping rule that fired, if any.
    cause: the reason as a code: the rule, what else stopping rules know (`gdbench.descent.stopping.rule`), or
        of a failure the type of its exception.
    iterations: updates done (the start is iteration 0).
    *_cost: the mean cost per row; None where no finite value exists.
    *_gap: f − f* where the run ended and where it was best; None where no optimum is known.
    diverged_at: the iteration whose cost or gradient was first non-finite or beyond the limit.
    iterations_to: target (a relative objective gap, as written: "0.01") → first iteration at or
        below it, None if never reached. Computed online, never read off the thinned curve.
    work_to: target → the work counters when it was first met, None if never; empty in older records.
    kept_from: target → the first iteration from which it is met to the end, None where it is left again or
        never met, and of runs that diverged; empty in older records.  kept_work: the work counters then.
    path: [k, w₁ …] of some iterates where there are up to 64 parameters; of two the first and the last are
        among them, of others they are not: the start is the spec's, the end is `parameters`.
    cost_evaluations, gradient_evaluations, row_passes: work counters, the same for every kernel.
    shadows: watched rule, as written → where it would have fired first, or None.
    audit: the gradient compared with another at the start, where that was asked for.
    held_out: the cost of the rows held out, where there are any: "cost" at the end, "best_cost" and
        "best_iteration" of those recorded, and what the parent adds once it has the parameters.
    answer: of methods that answer with another point than their iterate: its "cost", "gap" and "parameters" at
        the end, "best_cost" and "best_iteration" of those recorded.
    evidence: what a diagnosis rests on besides the curve; see `gdbench.descent.diagnosis.evidence`.
    seconds: inside the loop only; tracing, compiling and recording are excluded.
    paused: of a run that was paused, all that it knows there, as `gdbench.descent.recording.pausing` reads it;
        None where a part of it does not say what it remembers, so that it would begin again.
    extra: what a newer gdbench recorded besides.
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
    final_gap: Optional[float] = None
    best_gap: Optional[float] = None
    diverged_at: Optional[int] = None
    iterations_to: Dict[str, Optional[int]] = field(default_factory=dict)
    work_to: Dict[str, Optional[Dict[str, int]]] = field(default_factory=dict)
    kept_from: Dict[str, Optional[int]] = field(default_factory=dict)
    kept_work: Dict[str, Optional[Dict[str, int]]] = field(default_factory=dict)
    path: List[List[float]] = field(default_factory=list)
    shadows: Dict[str, Optional[Plain]] = field(default_factory=dict)
    audit: Optional[Plain] = None
    held_out: Optional[Plain] = None
    answer: Optional[Plain] = None
    evidence: Plain = field(default_factory=dict)
    curve: Curve = field(default_factory=Curve)
    parameters: List[float] = field(default_factory=list)
    cost_evaluations: int = 0
    gradient_evaluations: int = 0
    row_passes: int = 0
    seconds: float = 0.0
    interpreter: str = ""
    host: str = ""
    traceback: Optional[str] = None
    cause: str = ""
    paused: Optional[str] = None

    extra: Optional[Mapping[str, object]] = None

    def gap(self, optimum: Optional[float]) -> Optional[float]:
        """f − f* where the run ended: as recorded, or by subtraction in records without it."""
        if self.final_gap is not None or self.final_cost is None or optimum is None:
            return self.final_gap
        return self.final_cost - optimum

    @property
    def answered(self) -> List[float]:
        """The parameters that the method answers with: those of the last iterate, if it names no others."""
        return list(self.answer["parameters"]) if self.answer else self.parameters

    @property
    def answered_cost(self) -> Optional[float]:
        """The cost there."""
        return self.answer["cost"] if self.answer else self.final_cost

    @property
    def vanished(self) -> List[int]:
        """The parameters whose slope is 0 to the last digit; none where all are, as at a minimum that is exact.

        It asks for the length of the parameters alone, which a record without its curve has as well.
        """
        gradient, length = self.evidence.get("gradient", []), self.evidence.get("parameter_norm", 0.0)
        height = _NO_SLOPE * max(1.0, abs(self.final_cost or 0.0))
        first, last = self.initial_cost, self.final_cost
        if first is not None and last is not None and abs(last) <= _FITTED * abs(first):
            return []  # what no slope moves is not needed, as the parameter of a column of zeros
        zeros = [j for j, slope in enumerate(gradient) if abs(slope) * max(1.0, length) <= height]
        return [] if len(zeros) == len(gradient) else zeros

    def to_plain(self) -> Plain:
        """JSON-plain; floats come back bit for bit because `repr` of a float round-trips."""
        return {**plain_of(self), "curve": plain_of(self.curve)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> RunResult:
        return read(cls, {**with_cause(plain), "curve": read(Curve, plain.get("curve", {}))})


#: What older sentences say → the cause that is recorded now.
_WORDS = {
    "stalled": {"length 0": ZERO_LENGTH_STEP, "oscillates": OVERSHOOTS},
    "diverged": {
        "not a number": COST_NOT_A_NUMBER,
        "infinite": COST_INFINITE,
        "not finite": GRADIENT_NOT_FINITE,
        "grew": COST_GROWN,
    },
}


def with_cause(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """A recorded result, with its cause where it was recorded before results had one.

    This is the only place that reads a sentence, and reads those of old records alone.
    """
    if "cause" in plain:
        return plain
    outcome, reason = plain.get("outcome"), plain.get("reason") or ""
    if outcome == "failed":
        cause = reason.partition(":")[0]
        return {**plain, "cause": cause if cause.isidentifier() else ""}
    words = _WORDS.get(outcome or "", {})
    special = next((cause for said, cause in words.items() if said in reason), "")
    return {**plain, "cause": special or plain.get("rule") or ""}
