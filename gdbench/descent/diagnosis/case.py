"""What a diagnosis looks at: a run, and what is known around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, List, Mapping, NamedTuple, Optional

from gdbench.descent.diagnosis.schedule import left
from gdbench.descent.diagnosis.way import Way
from gdbench.descent.problems.problem_constants import yardstick
from gdbench.descent.recording.result import RunResult
from gdbench.descent.registry import Spec
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.theory.card import Card
from gdbench.descent.theory.forecast import Forecast, expected, quadratic_of
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.quadratic import Quadratic
from gdbench.descent.theory.rates import Update, contraction
from gdbench.descent.theory.tuning import Tuned, tuned

#: A gap of so many roundings of the cost is one that no step can shrink.
FLOOR = 16 * 2.220446049250313e-16


class Measured(NamedTuple):
    """The rate that was fitted to the curve's tail: its order, and iterations from the end to the target."""

    order: str
    remaining: Optional[int]
    contraction: Optional[float] = None


@dataclass(frozen=True)
class Case:
    """A run with what is known around it. optimum: kind of the reference optimum.  best: f*.

    lower: the lowest cost at which a run of the same problem ended, where it is known.
    shared: the way of all runs of its setting, for who has several of them.
    """

    spec: Spec
    result: RunResult
    known: Known
    optimum: str = "unknown"
    best: Optional[float] = None
    baseline: Optional[float] = None
    measured: Optional[Measured] = None
    lower: Optional[float] = None
    shared: Optional[Way] = None

    @cached_property
    def way(self) -> Way:
        return self.shared or Way(self.spec, self.known.smoothness, self.known.convexity)

    @property
    def card(self) -> Card:
        return self.known.card

    @cached_property
    def quadratic(self) -> Optional[Quadratic]:
        """The start in the eigenvectors' coordinates, of a quadratic with a minimum."""
        return quadratic_of(self.known)

    @property
    def evidence(self) -> Mapping[str, Any]:
        return self.result.evidence

    @cached_property
    def gap(self) -> Optional[float]:
        """f(w_end) − f*; below 0 by rounding, it is 0."""
        gap = self.result.gap(self.best)
        return None if gap is None else max(0.0, gap)

    @property
    def relative_gap(self) -> Optional[float]:
        measure, gap = yardstick(self.best, self.baseline), self.gap
        return measure.relative(gap) if measure and gap is not None else None

    @property
    def target(self) -> str:
        """The tightest target, as written."""
        return min(self.known.gaps, key=lambda name: self.known.gaps[name], default="1e-06")

    @cached_property
    def wanted(self) -> Optional[float]:
        """The gap at which the tightest target is met; without targets, a millionth of the yardstick."""
        if self.known.gaps:
            return min(self.known.gaps.values())
        measure = yardstick(self.best, self.baseline)
        return 1e-6 * measure.length if measure else None

    @property
    def update(self) -> Optional[Update]:
        """The update, where it is one that theorems speak of."""
        return self.way.update

    @property
    def exact_steps(self) -> bool:
        return self.way.exact_steps

    @property
    def kinked(self) -> bool:
        """Whether f is known to have kinks."""
        return self.way.kinked

    @property
    def scheduled(self) -> bool:
        """Whether each step is −η_k times the full gradient with η_k settled in advance."""
        return self.way.scheduled

    @property
    def overshoots(self) -> List[float]:
        """η_k sᵀΔg/sᵀs of the last steps, in their order: above 1 past the bottom, above 2 uphill."""
        return [rate * curvature for _, rate, curvature in self.evidence.get("steps", [])][-8:]

    @cached_property
    def forecast(self) -> Optional[Forecast]:
        update, most = self.update, 2 * self.result.iterations + 1000
        return expected(update, self.known, self.quadratic, most) if update else None

    @property
    def arrived(self) -> bool:
        """Whether the gap that is wanted is met at the end."""
        return self.gap is not None and self.wanted is not None and self.gap <= self.wanted

    @cached_property
    def condition(self) -> Optional[float]:
        """κ of the Hessian: everywhere, or at the reference optimum."""
        return self.card.condition or self.card.local_condition

    @cached_property
    def needed(self) -> Optional[float]:
        """Iterations to the target on this run's way: by theory, as measured, or those done at least.

        None where it never comes there.
        """
        if self.result.outcome == "diverged":
            return None
        met = self.result.iterations_to.get(self.target)
        if self.arrived and met is not None:
            return float(met)
        expected, done = self.forecast, self.result.iterations
        if expected is not None and expected.kind == "exact" and self.target in expected.iterations:
            needed = expected.iterations[self.target]
            return None if needed is None else float(needed)
        if self.measured is not None and self.measured.remaining is not None:
            return float(done + self.measured.remaining)
        return self._in_the_long_run

    @property
    def _in_the_long_run(self) -> Optional[float]:
        """By the contraction at the ends of the spectrum, if they are known, at the optimum at least."""
        top = self.card.smoothness if self.card.quadratic else self.card.local_smoothness
        least = self.card.convexity if self.card.quadratic else self.card.local_convexity
        done, update = float(self.result.iterations), self.update
        if update is None or not update.plain or top is None or least is None:
            return done
        factor = contraction(update.rate, least.value, top.value)
        if factor >= 1.0:
            return None if update.rate * top.value > 2.0 else done
        if factor == 0.0:  # one step, once the run is where the model holds
            return done + 1.0
        slow = update.rate * least.value
        logarithm = math.log1p(-slow) if factor == 1.0 - slow else math.log(factor)
        return max(done, math.ceil(0.5 * math.log(float(self.target)) / logarithm)) if logarithm else done

    @property
    def batch(self) -> Optional[int]:
        """Rows of an update, where it does not see all of them."""
        return self.way.batch

    def rate_at(self, k: int) -> Optional[float]:
        """η_k, where it was settled in advance."""
        return self.way.rate_at(k)

    @property
    def needed_exactly(self) -> bool:
        """Whether `needed` follows from a theorem."""
        expected = self.forecast
        return expected is not None and expected.kind == "exact"

    @property
    def curvature_at_optimum(self) -> Optional[float]:
        """The largest eigenvalue of the Hessian at the reference optimum; of a start it is not told."""
        top = self.card.local_smoothness
        return top.value if top is not None and self.best is not None else None

    @property
    def worse(self) -> bool:
        """Whether it diverged, or ended no lower than it began."""
        first, last = self.result.initial_cost, self.result.final_cost
        return self.result.outcome == "diverged" or first is None or last is None or last >= first

    @property
    def fixed(self) -> Optional[float]:
        """η, where it never changes."""
        return self.way.fixed

    @property
    def rates_left(self) -> Optional[float]:
        """Σ η_j from the end on, of rates that fall and whose sum is finite."""
        return left(self.rate_at, self.result.iterations)

    def slope_only_falls(self, rate: float) -> bool:
        """Whether ‖∇f‖ cannot grow at this rate or a smaller one: exact plain steps of a convex f below 2/L."""
        top = self.card.smoothness
        plain = self.way.along_gradient and self.exact_steps and bool(self.card.convex)
        return plain and top is not None and top.kind in ("exact", "upper") and rate * top.value <= 2.0

    @property
    def rule_fired(self) -> bool:
        """Whether a rule claimed that it has arrived, whatever was judged of that."""
        rule, outcome = self.result.rule, self.result.outcome
        if outcome != "stopped" or rule is None or rule not in STOPPING_RULES:
            return outcome == "converged"
        return not STOPPING_RULES[rule].facts.get("limit")

    @property
    def usable(self) -> bool:
        """Whether it ended at a finite point, however it ended."""
        return self.result.outcome in ("stopped", "stalled", "converged")

    @property
    def limited(self) -> bool:
        """Whether a limit ended it, at a point that could be gone on from."""
        return self.result.outcome in ("stopped", "stalled")

    @property
    def exact_limit(self) -> Optional[float]:
        """The rate above which a theorem says that this very run grows."""
        expected = self.forecast
        return expected.limit if expected is not None and expected.kind == "exact" else None

    @cached_property
    def fastest(self) -> Optional[Tuned]:
        """The best fixed rate of plain descent for this start and target; of quadratics only."""
        return tuned(self.quadratic, self.wanted) if self.quadratic and self.wanted else None

    @property
    def at_floor(self) -> bool:
        """Whether the gap is a few roundings of the cost or less, and nothing shows it fall any more."""
        gap, cost = self.gap, self.result.final_cost
        if gap is None or cost is None or self.best is None:
            return False
        if self.way.measures_gaps and self.result.curve.falls_on:
            return False
        return gap <= FLOOR * max(abs(cost), abs(self.best))

    @property
    def leads_on(self) -> bool:
        """Whether further steps would go on as the last ones did, down the cost itself and nothing else."""
        return self.way.leads_on

    @property
    def sure_to_arrive(self) -> bool:
        """Whether a theorem says that this update comes to the minimum.

        On a quadratic the spectrum does; else one of plain descent below 2/L on a smooth convex cost.
        """
        expected, card, update = self.forecast, self.card, self.update
        if expected is None or update is None or not self.leads_on or self.wanted_is_lost:
            return False
        if expected.kind == "exact":
            return expected.contraction is not None and expected.contraction < 1.0
        top = card.smoothness
        known = top is not None and top.kind in ("exact", "upper") and update.rate * top.value < 2.0
        return bool(card.convex) and update.plain and known

    @property
    def wanted_is_lost(self) -> bool:
        """Whether the gap that is wanted is below what floats resolve of the cost."""
        if self.wanted is None or self.best is None or self.way.measures_gaps:
            return False
        return self.wanted <= FLOOR * abs(self.best)
