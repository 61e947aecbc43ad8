"""How a run ended, judged by all that is on record of it; every voice shows this outcome and no other.

The record holds which rule fired and what was measured. *Converged* means that a rule fired and that nothing
on record contradicts it; where something does, the run has only `stopped`, and the code says what. A cost
below the claimed optimum by more than rounding voids that optimum, and with it all that was measured by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from statistics import median
from typing import Any, NamedTuple

from gdbench.descent.recording.result import RunResult
from gdbench.descent.stopping.rule import (
    COST_INFINITE,
    COST_NOT_A_NUMBER,
    GRADIENT_NOT_FINITE,
    ZERO_LENGTH_STEP,
)
from gdbench.descent.theory.updates import rests
from gdbench.judgement.allowed import allowed_cost, allowed_movement
from gdbench.judgement.numerals import figure
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

#: A share of the cost, or of the way down, that rounding and a solver's own error may make up.
ROUNDING = 1e-10
#: A change of the cost that is this share of the way come is none that anybody could use.
NOTHING = 1e-9
#: A rule says that steps gain nothing; where one step of length 1/L gains so many times what it calls nothing,
#: the steps are small and the slope is not.
PLENTY = 100.0
#: From this share of the way from the baseline to the optimum on, a run has not arrived.
FAR = 0.01
#: A curvature of this share of the largest may be the probe's own error.
SEEN = 1e-3
#: A gradient that another method's differs from by more than this share is not right, if Taylor agrees.
WRONG = 1e-3


#: Causes of a divergence whose last iterate is not finite → its cost, as far as there is one.
_END_UNKNOWN = {COST_INFINITE: math.inf, COST_NOT_A_NUMBER: None, GRADIENT_NOT_FINITE: None}


class Outcome(NamedTuple):
    """name: one of `OUTCOMES`.  code: why, one of `CONTRADICTIONS` or the cause that was recorded.

    numbers: what the code rests on.
    """

    name: str
    code: str
    numbers: Mapping[str, float]


#: Code → the sentence about a rule that fired and does not count; {rule} and the numbers are filled in.
CONTRADICTIONS = {
    "wrong_gradient": "{rule} held, but of a gradient that is not that of the cost",
    "copies": "{rule} held, but all hidden units of a layer are copies of one another, and stay so",
    "saddle": "{rule} held, but at a saddle: a curvature there is {least}",
    "no_step": "{rule} held at the start, where no step was made; nothing says that this is a minimum",
    "above_best": "{rule} held, but the cost {cost} is above the {best} that the run had met",
    "downhill": "{rule} held, but one step of length 1/L would lower the cost by {gain} or more: "
    "the steps are small, the slope is not",
    "moves": "{rule} held, but a step of length 1/L would move by {movement}: "
    "the rate is small, the slope is not",
    "skipped": "{rule} held, but its last step had length 0, as steps of this kind may have on the way",
    "gaining": "{rule} held, but along the slope, where the cost bends little, there is about {gain} to gain",
    "far": "{rule} held, but {share} of the way to the optimum is left",
}


class Seen(NamedTuple):
    """What the checks look at."""

    spec: Mapping[str, Any]
    result: RunResult
    problem: ProblemRecord

    @property
    def bends(self) -> Mapping[str, float]:
        """The extreme curvatures at the end, where they were measured; empty where not."""
        return self.result.evidence.get("curvature") or {}

    @property
    def convex(self) -> bool:
        return bool(self.problem.theory.convex)

    @property
    def gap(self) -> float | None:
        """f(w_end) − f*."""
        return self.result.gap(self.problem.optimum.cost)

    @property
    def nothing(self) -> float:
        """A change of the cost that nobody could use: of rounding, or next to the way come."""
        first, best = self.result.initial_cost or 0.0, self.result.best_cost or 0.0
        return max(NOTHING * abs(first - best), ROUNDING * abs(best))

    @property
    def curvature(self) -> float | None:
        """L: known, or the largest that was seen."""
        if self.problem.smoothness:
            return self.problem.smoothness
        seen = [bend for _, _, bend in self.result.evidence.get("steps", ())]
        largest = max([self.bends.get("largest", 0.0), *seen], default=0.0)
        return largest if largest > 0.0 else None

    @property
    def lowest_around(self) -> bool:
        """Whether it is at rest in a minimum, the lowest or not: it bends upwards, and the slope is spent."""
        size, gap = self.result.final_gradient_norm, self.gap
        least, largest = self.bends.get("least", 0.0), self.bends.get("largest", 0.0)
        if size is None or not least > SEEN * largest > 0.0:
            return False
        return gap is None or 0.5 * size * size / least < 0.1 * gap


def judged(run: RunRecord, problem: ProblemRecord | None) -> Outcome:
    """How a run ended. problem: as `sound` gives it; None where none is recorded."""
    result = run.result
    claimed = Outcome(result.outcome, result.cause, {})
    if result.cause == ZERO_LENGTH_STEP and _skips(run.spec):
        return Outcome("stopped", "skipped", {})
    if result.outcome != "converged" or result.rule == "target" or problem is None:
        return claimed
    seen = Seen(run.spec, result, problem)
    found = (check(seen) for check in _CHECKS)
    return next((outcome for outcome in found if outcome), claimed)


def _skips(spec: Mapping[str, Any]) -> bool:
    """Whether a step may have length zero, and others follow."""
    return {"optimizer", "learning_rate"} <= spec.keys() and rests(spec) != 0


def reason(outcome: Outcome, rule: str | None) -> str:
    """Why a rule that fired does not count, in a sentence."""
    numbers = {name: figure(value) for name, value in outcome.numbers.items()}
    if "share" in outcome.numbers:
        numbers["share"] = f"{100 * outcome.numbers['share']:.3g} %"
    return CONTRADICTIONS[outcome.code].format(rule=rule or "a rule", **numbers)


def as_judged(run: RunRecord, problem: ProblemRecord | None) -> RunRecord:
    """The record as it is shown: with the outcome that is judged, and without what a void optimum measured."""
    outcome, result = judged(run, problem), run.result
    if outcome.name != result.outcome:
        words = reason(outcome, result.rule)
        result = replace(result, outcome=outcome.name, cause=outcome.code, reason=words)
    if result.outcome == "diverged" and result.cause in _END_UNKNOWN:
        # the last finite iterate is not where it ended
        result = replace(
            result, final_cost=_END_UNKNOWN[result.cause], final_gap=None, final_gradient_norm=None
        )
    if problem and problem.optimum.cost is None and result.iterations_to:
        result = replace(result, iterations_to={}, work_to={}, kept_from={}, kept_work={})
    return run if result is run.result else replace(run, result=result)


def sound(problem: ProblemRecord, runs: Iterable[RunRecord]) -> ProblemRecord:
    """The problem; with its optimum unknown, where a run got below the one that was claimed."""
    claimed = problem.optimum.cost
    if claimed is None:
        return problem
    results = [run.result for run in runs if run.problem == problem.id]
    gaps = [_least_gap(result, claimed) for result in results]
    lowest = claimed + min(gaps, default=0.0)
    if claimed - lowest <= ROUNDING * max(abs(claimed), _way(problem)):
        return problem
    words = (
        f"A run reached a cost of {figure(lowest, 6)}, below the {figure(claimed, 6)} that were claimed "
        f"({problem.optimum.explanation.rstrip('.')})."
    )
    return replace(problem, optimum=Optimum("unknown", words))


def outcomes_of(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """Key → outcome of the finished runs among `keys`, in that order, as judged."""
    claimed = store.outcomes(keys)
    if not {"converged", "stalled"} & set(claimed.values()):
        return claimed
    runs = list(store.runs(claimed, curves=False))
    problems = {id_: sound(problem, runs) for id_, problem in store.problems().items()}
    return {run.key: judged(run, problems.get(run.problem)).name for run in runs}


def wrong_gradient(result: RunResult) -> bool:
    """Whether an audit found that the gradient is not the cost's: Taylor says so, or it vanishes on a slope."""
    audit = result.audit or {}
    error, order = audit.get("relative_error"), audit.get("taylor_order")
    if error is None or error <= WRONG:
        return False
    return order < 1.5 if order is not None else result.evidence.get("start_gradient_norm") == 0.0


def copies(result: RunResult) -> bool:
    """Whether all units of a hidden layer were copies of one another at the end."""
    return any(last == 1 for _, _, _, last in result.evidence.get("units", ()))


def _least_gap(result: RunResult, optimum: float) -> float:
    """f − f* at its best: as it was carried, else by subtraction."""
    if result.best_gap is not None:
        return result.best_gap
    return 0.0 if result.best_cost is None else result.best_cost - optimum


def _way(problem: ProblemRecord) -> float:
    """From the baseline down to the optimum."""
    measure = problem.yardstick
    return measure.length if measure else 0.0


# --- each finds one contradiction, or none


def _of_a_wrong_gradient(seen: Seen) -> Outcome | None:
    return Outcome("stopped", "wrong_gradient", {}) if wrong_gradient(seen.result) else None


def _among_copies(seen: Seen) -> Outcome | None:
    """A layer of units that are equal: what is at rest is a smaller model."""
    return Outcome("stopped", "copies", {}) if copies(seen.result) and not seen.convex else None


def _at_a_saddle(seen: Seen) -> Outcome | None:
    spectrum = seen.problem.theory.spectrum
    largest, least = seen.bends.get("largest", 0.0), seen.bends.get("least", 0.0)
    if seen.problem.theory.quadratic and spectrum:
        largest, least = spectrum[0], spectrum[-1]
    return Outcome("stopped", "saddle", {"least": least}) if least < -SEEN * abs(largest) else None


def _without_a_step(seen: Seen) -> Outcome | None:
    """A start at rest is a minimum where the cost is convex, bends upwards, or is known to be lowest there."""
    known = seen.gap is not None or seen.result.final_cost is None
    if seen.result.iterations or known or seen.convex or seen.lowest_around:
        return None
    return Outcome("stopped", "no_step", {})


def _above_its_best(seen: Seen) -> Outcome | None:
    """A cost that changes no more and yet was lower has been left by its iterates."""
    best, last = seen.result.best_cost, seen.result.final_cost
    allowed = allowed_cost(seen.spec, seen.result)
    if best is None or last is None or allowed is None:
        return None
    if last - best <= max(allowed, seen.nothing):
        return None
    return Outcome("stopped", "above_best", {"cost": last, "best": best})


def _still_downhill(seen: Seen) -> Outcome | None:
    """f(w − ∇f/L) ≤ f(w) − ‖∇f‖²/2L: what a step of that length gains, against what the rule calls nothing."""
    size, curvature = seen.result.final_gradient_norm, seen.curvature
    if not size or curvature is None:
        return None
    movement, moves = size / curvature, allowed_movement(seen.spec, seen.result)
    if moves is not None:
        return Outcome("stopped", "moves", {"movement": movement}) if movement > PLENTY * moves else None
    gain, allowed = 0.5 * size * movement, allowed_cost(seen.spec, seen.result)
    if allowed is None or gain <= max(PLENTY * allowed, seen.nothing):
        return None
    return Outcome("stopped", "downhill", {"gain": gain})


def _still_gaining(seen: Seen) -> Outcome | None:
    """½‖∇f‖²/c is what the best step along the slope gains, c being the curvature along the last ones."""
    size, first, best = seen.result.final_gradient_norm, seen.result.initial_cost, seen.result.best_cost
    bends = [bend for _, _, bend in seen.result.evidence.get("steps", ())[-4:] if bend > 0.0]
    if not size or not bends or first is None or best is None:
        return None
    gain = 0.5 * size * size / median(bends)
    return Outcome("stopped", "gaining", {"gain": gain}) if gain > FAR * abs(first - best) else None


def _far_from_the_optimum(seen: Seen) -> Outcome | None:
    share = seen.problem.relative_gap_of(seen.result)
    if share is None or share <= FAR or (not seen.convex and seen.lowest_around):
        return None
    return Outcome("stopped", "far", {"share": share})


_CHECKS: tuple[Callable[[Seen], Outcome | None], ...] = (
    _of_a_wrong_gradient,
    _among_copies,
    _at_a_saddle,
    _without_a_step,
    _above_its_best,
    _still_downhill,
    _far_from_the_optimum,
    _still_gaining,
)
