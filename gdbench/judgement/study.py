"""A study: one plan, the runs of it that are finished, and the settings that they form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gdbench.config.grid.axes import DEFINING
from gdbench.descent.recording.result import OUTCOMES
from gdbench.descent.theory.forecast import Forecast
from gdbench.judgement import ranking
from gdbench.judgement.contradictions import wrong_gradient
from gdbench.judgement.diagnoses import Diagnosis, Verdicts, diagnosis_of, findings
from gdbench.judgement.failures import LOOKED_AT, telling, worse
from gdbench.judgement.methods.board import Board, board_of
from gdbench.judgement.outcome import all_sound, as_judged
from gdbench.judgement.settings import Setting, by_problem, group, outcomes
from gdbench.judgement.stages.finding import Finding, searched
from gdbench.record.recorded_plan import RecordedPlan, recorded_plan
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: With more problems a sentence for each would hide what they have in common.
MANY = 8


@dataclass(frozen=True)
class Study(RecordedPlan):
    """What every part of a report reads; curves stay in the store until a chart asks for them.

    Its runs have the outcomes that are judged; `with_curves` gives the records as they are, for diagnoses.
    explained: key → diagnosis of the runs that the answer tells of.  searches: what searches have found.
    """

    explained: Mapping[str, Diagnosis] = field(default_factory=dict)
    searches: tuple[Finding, ...] = ()
    #: Key → diagnosis of every run, once `diagnoses` has made them.
    diagnosed: dict[str, Diagnosis] = field(default_factory=dict, compare=False, repr=False)
    #: The same for who tells of settings.
    verdicts: list[Verdicts] = field(default_factory=list, compare=False, repr=False)
    #: Key → what theory expects of the first run of each setting, once known.
    foreseen: dict[str, Forecast | None] = field(default_factory=dict, compare=False, repr=False)
    #: What a report has made of it, by name: the page tells it, and the files do after it.
    told: dict[str, object] = field(default_factory=dict, compare=False, repr=False)
    #: Key → how far a run's counts of iterations are from those that theory predicts exactly, once known.
    apart: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def settings(self) -> list[Setting]:
        """One per combination of axes with a finished run, in the plan's order."""
        return group(self.runs, list(self.plan.axes), self.problems)

    @cached_property
    def firsts(self) -> frozenset[str]:
        """The keys of the first run of each setting, which stands for it where one does."""
        return frozenset(setting.runs[0].key for setting in self.settings)

    @cached_property
    def numbers(self) -> Mapping[Setting, int]:
        """Setting → its place in the plan's order, from 0: how tables and charts speak of the same one."""
        return {setting: number for number, setting in enumerate(self.settings)}

    @cached_property
    def methods(self) -> Board:
        """What is compared, and what each method tunes."""
        return board_of(self)

    @property
    def problem_axes(self) -> list[str]:
        """The varying axes that say what is minimised."""
        return [axis for axis in self.plan.varying if axis in DEFINING]

    @property
    def method_axes(self) -> list[str]:
        """The varying axes that say how to descend."""
        return [axis for axis in self.plan.varying if axis not in DEFINING]

    @property
    def shown_axes(self) -> list[str]:
        """The axes that tell settings apart; where nothing does, the learning rate."""
        return list(self.plan.varying) or [axis for axis in ("learning_rate",) if axis in self.plan.axes]

    def varying_in(self, settings: Sequence[Setting]) -> list[str]:
        """The axes on which these settings differ, in the plan's order."""
        axes = self.plan.axes
        return [axis for axis in axes if len({setting.axes.get(axis) for setting in settings}) > 1]

    @property
    def ranked_by(self) -> str:
        """What settings are ranked by: "targets", unless the config asks for something else."""
        return str(self.plan.report.get("rank_by") or "targets")

    @cached_property
    def _standing(self) -> list[list[Setting]]:
        return ranking.standing(self.settings, self.plan.targets, self.ranked_by)

    @cached_property
    def ranked(self) -> list[Setting]:
        return [setting for tied in self._standing for setting in tied]

    @cached_property
    def places(self) -> Mapping[Setting, int]:
        """Setting → its place from best to worst, over all problems."""
        return {setting: place for place, setting in enumerate(self.ranked)}

    @cached_property
    def best(self) -> list[Setting]:
        """The best setting of each problem."""
        return [group[0] for group in self.tied.values()]

    @cached_property
    def tied(self) -> Mapping[str, list[Setting]]:
        """Problem's id → its best setting, and those that are as good."""
        return ranking.best_of(self._standing)

    @cached_property
    def lowest(self) -> Mapping[str, float]:
        """Problem's id → the lowest cost at which a run ended that did not go by a wrong gradient."""
        found: dict[str, float] = {}
        for run in self.runs:
            cost = run.result.final_cost
            if cost is not None and OUTCOMES[run.result.outcome].usable and not wrong_gradient(run.result):
                found[run.problem] = min(cost, found.get(run.problem, math.inf))
        return found

    @property
    def tightest(self) -> str | None:
        return min(self.plan.targets, key=float, default=None)

    @cached_property
    def _probed(self) -> frozenset[str]:
        return frozenset(planned.key for planned in self.plan.runs if planned.stage)

    def probes(self, setting: Setting) -> bool:
        """Whether a setting is one that a search tried: that some of those fail is how it finds."""
        return self._probed.issuperset(run.key for run in setting.runs)

    @property
    def outcomes(self) -> dict[str, int]:
        return outcomes(self.runs)

    @cached_property
    def _on_problems(self) -> Mapping[str, list[Setting]]:
        return by_problem(self.settings)

    def of_problem(self, problem: ProblemRecord) -> list[Setting]:
        return list(self._on_problems.get(problem.id, ()))


def study(store: Store, plan: PlanRecord | None = None) -> Study:
    """What the store knows of a plan, by default of the latest; raises `GdbenchError` if there is none."""
    known = recorded_plan(store, plan)
    problems = all_sound(known.problems, known.runs)
    runs = tuple(as_judged(run, problems[run.problem]) for run in known.runs)
    explained: dict[str, Diagnosis] = {}
    about = Study(known.plan, runs, problems, known.untimed, explained, searched(store, known.plan))
    # the settings that are explained are those of this very study, ranked once
    explained.update(_explained(about, store))
    return about


def _explained(about: Study, store: Store) -> Mapping[str, Diagnosis]:
    """Key → diagnosis of the runs that the answer tells of; of very many problems it tells of none."""
    if len(about.problems) > MANY:
        return {}
    telling_runs = [run for problem in about.problems.values() for run in telling(about.of_problem(problem))]
    best = [median_run(setting) for setting in about.best]
    others = [median_run(setting) for best in about.best for setting in _worse(about, best)]
    told = [run for run in [*telling_runs, *best, *others] if {"optimizer", "learning_rate"} <= run.spec.keys()]
    keys = dict.fromkeys(run.key for run in told)
    tried = findings(about, store)
    return {
        run.key: diagnosis_of(
            run, about.problems[run.problem], tried.get(run.key), about.lowest.get(run.problem)
        )
        for run in store.runs(keys)
    }


def _worse(about: Study, best: Setting) -> list[Setting]:
    """The first of those that ended worse than the best, without having failed."""
    target = ranking.tightest_reached(best, ranking.by_tightness(about.plan.targets))
    found = worse(about.of_problem(best.problem), best, target)
    return sorted(found, key=about.places.__getitem__)[:LOOKED_AT]


def median_run(setting: Setting) -> RunRecord:
    """The run in the middle of those that one could use, by its final cost."""
    usable = [run for run in setting.runs if OUTCOMES[run.result.outcome].usable] or list(setting.runs)
    heights = sorted(
        usable, key=lambda run: math.inf if run.result.final_cost is None else run.result.final_cost
    )
    return heights[(len(heights) - 1) // 2]
