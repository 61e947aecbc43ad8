"""Settings: the runs of a plan grouped by everything but the replicate, with what each group achieved.

Plain Python on records, so that the terminal's summary need not wait for pandas.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import NamedTuple, TypeVar

from gdbench.config.grid.axes import AXES_BY_NAME
from gdbench.config.wording import SpecLabels
from gdbench.descent.recording.result import LOST, OUTCOMES
from gdbench.descent.theory.updates import fixed_rate
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.numerals import figure
from gdbench.judgement.outcome import fate_of
from gdbench.judgement.reach import Reach, reach_of
from gdbench.record.fields import rate_of
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Setting:
    """One combination of the axes and its finished runs, which differ by replicate alone.

    axes: axis name → label.  rate: the learning rate where it is a plain number.
    whole: the labels of which digits are not shown, with all of them.
    """

    axes: Mapping[str, str]
    rate: float | None
    problem: ProblemRecord
    runs: tuple[RunRecord, ...]
    whole: Mapping[str, str] = field(default_factory=dict)

    def written(self, axis: str) -> str:
        """The label of an axis with all its digits, for who computes with it."""
        return self.whole.get(axis) or self.axes.get(axis, "")

    def name(self, axes: Iterable[str]) -> str:
        """The labels of some axes, as in 'η=0.1 · zeros'; where none is given, the learning rate's."""
        shown = list(axes) or [axis for axis in ("learning_rate",) if axis in self.axes]
        parts = [f"η={self.axes[axis]}" if axis == "learning_rate" else self._said(axis) for axis in shown]
        return " · ".join(parts) or "this setting"

    def _said(self, axis: str) -> str:
        """The choice on an axis; of what stands beside an optimizer, that there is none."""
        value = self.axes.get(axis, "")
        beside = axis in AXES_BY_NAME and AXES_BY_NAME[axis].unsaid
        return f"no {words(axis)}" if value == "none" and beside else value

    def called(self, axes: Iterable[str], between: str = ", ") -> str:
        """The same in a sentence: 'amsgrad, η = 0.01', a rate that follows from L as the number that it is."""
        shown = list(axes) or [axis for axis in ("learning_rate",) if axis in self.axes]
        parts = [self.rate_text if axis == "learning_rate" else self._said(axis) for axis in shown]
        return between.join(part for part in parts if part) or "this setting"

    def asked(self, axes: Iterable[str]) -> str:
        """The same as it was asked for, whatever rate follows from the L of a fold: 'amsgrad, theoretical'."""
        shown = list(axes) or [axis for axis in ("learning_rate",) if axis in self.axes]
        eta = "η = " if self.rate is not None else ""
        parts = [f"{eta * (axis == 'learning_rate')}{self._said(axis)}" for axis in shown]
        return ", ".join(filter(None, parts)) or "this setting"

    @property
    def rate_text(self) -> str:
        """'η = 0.1', 'η = 0.124 (1/L)', or the schedule's name."""
        chosen, written = self.runs[0].spec.get("learning_rate"), self.axes.get("learning_rate", "")
        if self.rate is not None or not isinstance(chosen, Mapping):
            return f"η = {written}"
        rate = fixed_rate(self.runs[0].spec, self.problem.smoothness, self.problem.convexity)
        ((name, given),) = chosen.items()
        how = f"{given['factor']:g}/L" if name == "over_L" else written
        return written if rate is None else f"η = {figure(rate, 3)} ({how})"

    @cached_property
    def outcomes(self) -> dict[str, int]:
        return outcomes(self.runs)

    @property
    def outcome_text(self) -> str:
        """'converged' for a single run, else '3 of 3 converged' or '2 of 3 converged, 1 diverged'."""
        parts = [f"{number} {words(outcome)}" for outcome, number in self.outcomes.items()]
        if len(self.runs) == 1:
            return words(self.runs[0].result.outcome)
        return ", ".join([parts[0].replace(" ", f" of {len(self.runs)} ", 1), *parts[1:]])

    @property
    def all_diverged(self) -> bool:
        return set(self.outcomes) == {"diverged"}

    @property
    def losses(self) -> dict[str, int]:
        """The outcomes of the runs that were lost."""
        return {outcome: number for outcome, number in self.outcomes.items() if outcome in LOST}

    @cached_property
    def lost(self) -> int:
        """How many runs were lost."""
        return sum(self.losses.values())

    @cached_property
    def fates(self) -> Mapping[str, int]:
        """How runs failed → how many did so; "" of those that did not."""
        return Counter(map(fate_of, self.runs))

    @cached_property
    def misled(self) -> bool:
        """Whether an audit found that a run went by a gradient that is not the cost's."""
        return any(wrong_gradient(run.result) for run in self.runs)

    @cached_property
    def outpaced(self) -> bool:
        """Whether a race has paused it, so that what it would have come to is not known."""
        return any(OUTCOMES[outcome].unfinished for outcome in self.outcomes)

    @cached_property
    def usable(self) -> bool:
        """Whether a run ended at a finite point that one could use."""
        return any(OUTCOMES[outcome].usable for outcome in self.outcomes)

    @cached_property
    def iterations(self) -> tuple[float, int, int]:
        """Iterations done: median, least, most."""
        done = [run.result.iterations for run in self.runs]
        return float(median(done)), min(done), max(done)

    @cached_property
    def final_cost(self) -> float | None:
        return middle(run.result.final_cost for run in self.runs)

    @cached_property
    def test_cost(self) -> float | None:
        """The median of the runs' last costs on the rows held out; None where there are none."""
        return middle((run.result.held_out or {}).get("cost") for run in self.runs)

    @cached_property
    def initial_cost(self) -> float | None:
        return middle(run.result.initial_cost for run in self.runs)

    @cached_property
    def relative_gap(self) -> float | None:
        """The median of the runs' last relative objective gaps."""
        return middle(self.gaps())

    @cached_property
    def diverged_at(self) -> float | None:
        return middle(run.result.diverged_at for run in self.runs)

    def gaps(self) -> Iterator[float | None]:
        """Each run's last relative objective gap."""
        return (self.problem.relative_gap_of(run.result) for run in self.runs)

    def reach(self, target: str) -> Reach | None:
        """How soon the target was reached and kept; None where it could not be measured at all."""
        known = self.problem.yardstick is not None
        return reach_of(self.runs, self.problem, target, known=known)

    def reach_text(self, target: str) -> str:
        reach = self.reach(target)
        return reach.text if reach else "not measured"


def group(
    runs: Iterable[RunRecord], axes: Sequence[str], problems: Mapping[str, ProblemRecord]
) -> list[Setting]:
    """The settings of some runs, in the order in which they first appear."""
    groups: dict[str, list[RunRecord]] = {}

    def members(run: RunRecord) -> list[RunRecord]:
        values = [run.problem, *(run.spec.get(axis) for axis in axes)]
        return groups.setdefault(json.dumps(values, sort_keys=True), [])

    of = by_choices(axes, members)
    for run in runs:
        of(run).append(run)
    together = {one.folded_data for one in problems.values()} if len(problems) > 1 else set()
    labels = SpecLabels([some[0].spec for some in groups.values()], axes)
    found = []
    for some in groups.values():
        spec, problem = some[0].spec, problems[some[0].problem]
        shown = labels.shown(spec)
        fold = _fold_alone(problem, together)
        if fold and "data" in shown:
            shown["data"] = fold
        found.append(Setting(shown, rate_of(spec), problem, tuple(some), labels.whole(spec)))
    return found


def by_problem(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Problem's id → the settings there, in their order."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        found.setdefault(setting.problem.id, []).append(setting)
    return found


#: So many choices are remembered: those of a setting stand together in a plan.
_MOST_CHOICES = 1000


def by_choices(axes: Sequence[str], make: Callable[[RunRecord], T]) -> Callable[[RunRecord], T]:
    """What `make` gives of a run by its problem and its choices on some axes.

    Made once for all runs whose choices are the same objects, as they are where records are read from a store.
    Whoever asks keeps the runs.
    """
    known: dict[tuple[object, ...], T] = {}

    def of(run: RunRecord) -> T:
        choices = (run.problem, *map(id, map(run.spec.get, axes)))
        if choices not in known:
            if len(known) > _MOST_CHOICES:
                known.clear()
            known[choices] = make(run)
        return known[choices]

    return of


def _fold_alone(problem: ProblemRecord, together: AbstractSet[str | None]) -> str:
    """'fold 2 of 5' where all problems are on folds of the same data, else "". together: the data of all."""
    if together != {problem.folded_data or None}:
        return ""
    how = problem.data["test"]["how"]
    return f"fold {how['fold']} of {how['folds']}"


def outcomes(runs: Iterable[RunRecord]) -> dict[str, int]:
    """Outcome → number of runs that ended so, in the order of `OUTCOMES`."""
    ended = Counter(run.result.outcome for run in runs)
    return {outcome: ended[outcome] for outcome in OUTCOMES if outcome in ended}


def measurable(problem: ProblemRecord) -> bool:
    """Whether relative gaps exist: an optimum is known, and the baseline is above it."""
    return problem.yardstick is not None


def words(name: str) -> str:
    """An identifier as words: 'timed_out' → 'timed out'."""
    return name.replace("_", " ")


def middle(values: Iterable[float | None]) -> float | None:
    """The median of the values that exist, if any does."""
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None


class Spread(NamedTuple):
    """median, low and high (the quartiles) of `runs` numbers; ∞ where that many runs never got there."""

    median: float
    low: float
    high: float
    runs: int

    @property
    def finite(self) -> bool:
        return math.isfinite(self.median)


def spread(values: Iterable[float]) -> Spread | None:
    """Median and quartiles (linear between order statistics, as NumPy's); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    if len(ordered) == 1:
        only = float(ordered[0])
        return Spread(only, only, only, 1)
    return Spread(float(median(ordered)), quantile(ordered, 0.25), quantile(ordered, 0.75), len(ordered))


def quantile(ordered: list[float], share: float) -> float:
    """The quantile of increasing numbers, linear between neighbours (Hyndman & Fan 1996, type 7)."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    part, low = place - below, ordered[below]
    if part == 0.0:
        return float(low)
    high = ordered[below + 1]
    return float(low) if low == high else low + part * (high - low)
