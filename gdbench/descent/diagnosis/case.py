"""What a diagnosis looks at, and what it says."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from gdbench.descent.costs import cost_facts
from gdbench.descent.kernels.definition import NO_PENALTY
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.problem_constants import yardstick
from gdbench.descent.recording.result import RunResult
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.descent.theory.card import Card
from gdbench.descent.theory.forecast import Forecast, Known, expected, forecast
from gdbench.descent.theory.rates import Update, best_rate
from gdbench.descent.theory.updates import fixed_update, steps_along_gradient, undisturbed

PROVED, ESTIMATED, UNKNOWN = "proved", "estimated", "unknown"
GRADES = (PROVED, ESTIMATED, UNKNOWN)


class Diagnosis(NamedTuple):
    """verdict: a name with a page in docs/verdicts.  grade: one of `GRADES`.  sentence: for people.

    proved: a theorem applies to this very run, or the statement is about numbers that are recorded.
    estimated: measured on this run, and what usually is the cause.  unknown: the cause is not known.
    evidence: the numbers that it rests on.
    """

    verdict: str
    grade: str
    sentence: str
    evidence: Dict[str, Any]


class Measured(NamedTuple):
    """The rate that was fitted to the curve's tail: its order, and iterations from the end to the target."""

    order: str
    remaining: Optional[int]
    contraction: Optional[float] = None


class Case(NamedTuple):
    """A run with what is known around it. optimum: kind of the reference optimum.  best: f*."""

    spec: Mapping[str, Any]
    result: RunResult
    known: Known
    optimum: str = "unknown"
    best: Optional[float] = None
    baseline: Optional[float] = None
    measured: Optional[Measured] = None

    @property
    def card(self) -> Card:
        return self.known.card

    @property
    def evidence(self) -> Mapping[str, Any]:
        return self.result.evidence

    @property
    def gap(self) -> Optional[float]:
        """f(w_end) − f*; below 0 by rounding, it is 0."""
        if self.best is None or self.result.final_cost is None:
            return None
        return max(0.0, self.result.final_cost - self.best)

    @property
    def relative_gap(self) -> Optional[float]:
        measure, cost = yardstick(self.best, self.baseline), self.result.final_cost
        return max(0.0, measure.gap(cost)) if measure and cost is not None else None

    @property
    def target(self) -> str:
        """The tightest target, as written."""
        return min(self.known.gaps, key=lambda name: self.known.gaps[name], default="1e-06")

    @property
    def wanted(self) -> Optional[float]:
        """The gap at which the tightest target is met; without targets, a millionth of the yardstick."""
        if self.known.gaps:
            return min(self.known.gaps.values())
        measure = yardstick(self.best, self.baseline)
        return 1e-6 * measure.length if measure else None

    @property
    def update(self) -> Optional[Update]:
        """The update, where it is one that theorems speak of."""
        return fixed_update(self.spec, self.known.smoothness, self.known.convexity)

    @property
    def exact_steps(self) -> bool:
        return undisturbed(self.spec)

    @property
    def kinked(self) -> bool:
        """Whether f is known to have kinks, of its cost, of its penalty, or its own."""
        if "surface" in self.spec:
            return next(iter(self.spec["surface"])) in SURFACES and surface_facts(self.spec["surface"]).kinked
        added = strengths(self.spec.get("penalty", NO_PENALTY))
        return bool(cost_facts(self.spec["cost"]).kinked or (added and added.l1 > 0.0))

    @property
    def scheduled(self) -> bool:
        """Whether each step is −η_k times the full gradient with η_k settled in advance: no line search."""
        (name,) = self.spec["learning_rate"]
        chosen = name in LEARNING_RATES and not LEARNING_RATES[name].facts.get("search")
        return steps_along_gradient(self.spec) and bool(chosen)

    @property
    def overshoots(self) -> List[float]:
        """η_k sᵀΔg/sᵀs of the last steps, in their order: above 1 past the bottom, above 2 uphill."""
        return [rate * curvature for _, rate, curvature in self.evidence.get("steps", [])][-8:]

    @property
    def forecast(self) -> Optional[Forecast]:
        return forecast(self.spec, self.known, 2 * self.result.iterations + 1000)

    @property
    def fastest(self) -> Optional[Forecast]:
        """What theory expects of plain descent at the best fixed rate; of quadratics only."""
        card = self.card
        if not card.quadratic or card.smoothness is None or card.convexity is None:
            return None
        rate = best_rate(card.convexity.value, card.smoothness.value)
        found = expected(Update("plain", rate), self.known)
        return found if found and found.kind == "exact" else None


def said(value: float) -> str:
    """A number in a sentence: four figures."""
    return f"{value:.4g}"
