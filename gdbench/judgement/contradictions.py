"""What contradicts a rule that fired: all of a record that says that the run has not converged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

from gdbench.descent.recording.result import RunResult
from gdbench.descent.registry import Spec
from gdbench.reference.problem import ProblemRecord

Parameters = Mapping[str, Any]

#: A share of the cost, or of the way down, that rounding and a solver's own error may make up.
ROUNDING = 1e-10
#: A change of the cost that is this share of the way come is none that anybody could use.
NOTHING = 1e-9
#: A rule says that steps gain nothing; where one step of length 1/L gains so many times what it calls nothing,
#: the steps are small and the slope is not.
PLENTY = 100.0
#: From this share of the way from the baseline to the optimum on, a run has not arrived.
FAR = 0.01
#: A slope of this share of the first one is not spent.
STEEP = 0.05
#: A curvature of this share of the largest may be the probe's own error.
SEEN = 1e-3
#: A gradient that another method's differs from by more than this share is not right, if Taylor agrees.
WRONG = 1e-3


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
    "no_minimiser": "{rule} held, but no minimum exists: the cost falls for ever",
    "copies": "{rule} held, but all hidden units of a layer are copies of one another, and stay so",
    "bends_down": "{rule} held, but where the cost still bends down: a curvature there is {least}",
    "plateau": "{rule} held, but {zeros} of the slopes are 0 to the last digit: it lies on a plateau",
    "no_step": "{rule} held at the start, where no step was made; nothing says that this is a minimum",
    "above_best": "{rule} held, but the cost {cost} is above the {best} that the run had met",
    "downhill": "{rule} held, but one step of length 1/L would lower the cost by {gain} or more: "
    "the steps are small, the slope is not",
    "moves": "{rule} held, but a step of length 1/L would move by {movement}: "
    "the rate is small, the slope is not",
    "skipped": "{rule} held, but its last step had length 0, as steps of this kind may have on the way",
    "gaining": "{rule} held, but along the slope, where the cost bends little, there is about {gain} to gain",
    "far": "{rule} held, but {share} of the way to the optimum is left",
    "flat": "{rule} held, but where the cost is flattest {share} of the way come may be left",
    "slope": "{rule} held, but the slope is still {share} of what it was at the start",
}


class Seen(NamedTuple):
    """What the checks look at."""

    spec: Spec
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


def contradiction(seen: Seen) -> Outcome | None:
    """The first that is found."""
    found = (check(seen) for check in _CHECKS)
    return next((outcome for outcome in found if outcome), None)


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


# --- each finds one contradiction, or none


def _of_a_wrong_gradient(seen: Seen) -> Outcome | None:
    return Outcome("stopped", "wrong_gradient", {}) if wrong_gradient(seen.result) else None


def _among_copies(seen: Seen) -> Outcome | None:
    """A layer of units that are equal: what is at rest is a smaller model."""
    return Outcome("stopped", "copies", {}) if copies(seen.result) and not seen.convex else None


def _bending_down(seen: Seen) -> Outcome | None:
    spectrum = seen.problem.theory.spectrum
    largest, least = seen.bends.get("largest", 0.0), seen.bends.get("least", 0.0)
    if seen.problem.theory.quadratic and spectrum:
        largest, least = spectrum[0], spectrum[-1]
    return Outcome("stopped", "bends_down", {"least": least}) if least < -SEEN * abs(largest) else None


def _on_a_plateau(seen: Seen) -> Outcome | None:
    """Slopes that have underflowed say nothing of where the cost is lowest."""
    model, gap = seen.spec.get("model", {}), seen.problem.relative_gap_of(seen.result)
    if "formula" not in model or seen.convex or (gap is not None and gap <= FAR):
        return None
    zeros = seen.result.vanished
    return Outcome("stopped", "plateau", {"zeros": len(zeros)}) if zeros else None


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


def _flat(seen: Seen) -> Outcome | None:
    """Of an unknown optimum: ½‖g‖²/µ is what may be left, with the least curvature that was seen."""
    size, largest = seen.result.final_gradient_norm, seen.bends.get("largest", 0.0)
    came = (seen.result.initial_cost or 0.0) - (seen.result.best_cost or 0.0)
    if seen.gap is not None or not size or not largest > 0.0 or not came > 0.0:
        return None
    share = 0.5 * size * size / max(seen.bends.get("least", 0.0), SEEN * largest) / came
    return Outcome("stopped", "flat", {"share": share}) if share > FAR else None


def _steep(seen: Seen) -> Outcome | None:
    """Of an unknown optimum, and curvatures that nobody saw: the slope is not spent."""
    size, first = seen.result.final_gradient_norm, seen.result.evidence.get("start_gradient_norm")
    if seen.gap is not None or seen.bends or not size or not first or size <= STEEP * first:
        return None
    return Outcome("stopped", "slope", {"share": size / first})


def _without_a_minimum(seen: Seen) -> Outcome | None:
    return Outcome("stopped", "no_minimiser", {}) if seen.problem.optimum.kind == "none exists" else None


_CHECKS: tuple[Callable[[Seen], Outcome | None], ...] = (
    _of_a_wrong_gradient,
    _without_a_minimum,
    _among_copies,
    _bending_down,
    _on_a_plateau,
    _without_a_step,
    _above_its_best,
    _still_downhill,
    _far_from_the_optimum,
    _still_gaining,
    _flat,
    _steep,
)


# --- what the rule that ended a run calls nothing


def allowed_cost(spec: Spec, result: RunResult) -> float | None:
    """The largest change of the cost, in all iterates that the rule looks at; None of a rule that has none.

    A movement allows what the slope makes of it.
    """
    found = [
        value * parameters.get("patience", 1)
        for name, parameters in _fired(spec, result)
        if (value := _cost(name, parameters, result)) is not None
    ]
    movement = allowed_movement(spec, result)
    if movement is not None:
        found.append(movement * (result.final_gradient_norm or 0.0))
    return max(found, default=None)


def allowed_movement(spec: Spec, result: RunResult) -> float | None:
    """The longest movement of the parameters; None of a rule that does not look at it."""
    length: float = result.evidence.get("parameter_norm", 1.0)
    found = [
        parameters["tolerance"] * (length if parameters.get("relative") else 1.0)
        for name, parameters in _fired(spec, result)
        if name == "parameter_change"
    ]
    return max(found, default=None)


def _cost(name: str, parameters: Parameters, result: RunResult) -> float | None:
    tolerance, cost = parameters.get("tolerance"), abs(result.final_cost or 0.0)
    if name in ("cost_change", "aitken_gap"):
        return tolerance
    if name not in ("relative_cost_change", "ftol") or tolerance is None:
        return None
    return float(tolerance) * (max(cost, 1.0) if name == "ftol" else cost)


def _fired(spec: Spec, result: RunResult) -> Iterator[tuple[str, Parameters]]:
    """The rules, by name, that ended the run, each as often as the config has it."""
    names = (result.rule or "").split(" and ")
    tree = spec.get("convergence", {"any": []})
    yield from ((name, given) for name, given in _leaves(tree) if name in names)


def _leaves(rule: Mapping[str, Any]) -> Iterator[tuple[str, Parameters]]:
    ((name, content),) = rule.items()
    if name in ("any", "all"):
        for member in content:
            yield from _leaves(member)
    else:
        yield name, content
