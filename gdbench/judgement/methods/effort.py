"""What it cost the runs of a setting to reach a target, in iterations, evaluations or seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.ranking import tightest_reached
from gdbench.judgement.reach import kept_from, work_until
from gdbench.judgement.settings import Setting, Spread, measurable, spread
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: What effort is counted in. seconds are those in the loop.
UNITS = ("iterations", "gradient evaluations", "evaluations", "seconds")


@dataclass(frozen=True)
class Effort:
    """times: what each run needed to meet the target for good, ∞ where none.  spent: what it did in all."""

    unit: str
    times: tuple[float, ...]
    spent: tuple[float, ...]

    @property
    def spread(self) -> Spread:
        """Median and quartiles over the runs."""
        known = spread(self.times)
        assert known is not None
        return known

    @property
    def reached(self) -> int:
        """How many of the runs keep the target."""
        return sum(math.isfinite(time) for time in self.times)

    @property
    def bound(self) -> float | None:
        """What the runs that never reached it had spent: the lower median."""
        without = [spent for time, spent in zip(self.times, self.spent, strict=True) if math.isinf(time)]
        return median_low(without) if without else None

    @property
    def expected(self) -> float:
        """ERT: the effort of all runs, those that missed counted in full, by successes; ∞ without any.

        (Σ successes' times + Σ misses' efforts) / successes: the expected effort of restarting until a run
        succeeds (Price 1997; Auger & Hansen 2005; Hansen et al. 2021, COCO).
        """
        pairs = zip(self.times, self.spent, strict=True)
        total = math.fsum(time if math.isfinite(time) else spent for time, spent in pairs)
        return total / self.reached if self.reached else math.inf

    @property
    def text(self) -> str:
        """'34', '34 (2 of 3)' or, censored, '> 5000'; 'never' of runs that failed before their first step."""
        show = figure if self.unit == "seconds" else count
        share = "" if self.reached in {0, len(self.times)} else f" ({self.reached} of {len(self.times)})"
        middle = self.spread.median
        if math.isfinite(middle):
            return f"{show(middle)}{share}"
        return f"> {show(self.bound)}{share}" if any(self.spent) else "never"


def effort(setting: Setting, target: str, unit: str = "iterations") -> Effort | None:
    """None where the target could not be measured, or a run's effort until then was not recorded."""
    return effort_of(setting.runs, {setting.problem.id: setting.problem}, target, unit)


def effort_of(
    runs: Sequence[RunRecord], problems: Mapping[str, ProblemRecord], target: str, unit: str = "iterations"
) -> Effort | None:
    """The same of runs of several problems, such as folds. problems: by id."""
    of = [problems[run.problem] for run in runs]
    met = any(run.result.iterations_to.get(target) is not None for run in runs)
    if not runs or not (met or any(map(measurable, of))):
        return None
    times = [_needed(run, problem, target, unit) for run, problem in zip(runs, of, strict=True)]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or not all(_counted(run, unit) for run in runs):
        return None
    return Effort(unit, tuple(known), tuple(spent(run, unit) for run in runs))


def tightest_met(targets: Sequence[str], settings: Sequence[Setting]) -> str | None:
    """The tightest target that a run of these settings reached."""
    met = (tightest_reached(setting, targets) for setting in settings)
    return min(filter(None, met), key=float, default=None)


def spent(run: RunRecord, unit: str) -> float:
    """All that a run did."""
    result = run.result
    if unit == "iterations":
        return result.iterations
    if unit == "seconds":
        return result.seconds
    costs = result.cost_evaluations if unit == "evaluations" else 0
    return costs + result.gradient_evaluations


def _counted(run: RunRecord, unit: str) -> bool:
    """Whether all that a run did is known: of one whose worker was killed only the curve is left."""
    result = run.result
    lost = unit != "iterations" and not result.cost_evaluations + result.gradient_evaluations
    return not (lost and result.iterations)


def _needed(run: RunRecord, problem: ProblemRecord, target: str, unit: str) -> float | None:
    """∞ where the run does not keep the target; None where its effort until then was not recorded."""
    kept = kept_from(run.result, problem, target)
    if kept is None:
        return math.inf
    if unit == "iterations":
        return kept
    work = work_until(run.result, kept, target)
    if not work:
        return None
    if unit == "gradient evaluations":
        return work["gradient_evaluations"]
    evaluations = work["cost_evaluations"] + work["gradient_evaluations"]
    # The clock is not read at a crossing: the share of the evaluations is the share of the seconds.
    return (
        evaluations if unit == "evaluations" else run.result.seconds * evaluations / spent(run, "evaluations")
    )
