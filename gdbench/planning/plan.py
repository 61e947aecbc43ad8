"""From an experiment to its plan: every run as a spec, in order, without repetition, each with its key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from gdbench.config.experiment import Experiment
from gdbench.config.grid.choice import Choices
from gdbench.config.grid.searches import SEARCHES
from gdbench.config.grid.spans import has_spans
from gdbench.config.wording import numbered, run_label
from gdbench.config.yaml.mistakes import ConfigError, Mistake
from gdbench.data.data import Dataset, load, numbers_drawn
from gdbench.data.source import Source, names_of
from gdbench.descent.errors import BadPairing, BadParameter, UnknownName
from gdbench.descent.limits import DATA_SETS, NUMBER_BYTES, TABLE_NUMBERS, as_bytes, too_much
from gdbench.descent.registry import Spec
from gdbench.planning.combinations import combinations
from gdbench.planning.expected import wrongly_expected
from gdbench.planning.runs import Run, Stage
from gdbench.planning.sampling import Sample, dimensions_complaint
from gdbench.planning.searches import at_some_rate, is_searched, probes, search_stage
from gdbench.planning.specs import Specs, check_choice, digest_of, keys_of, target_name
from gdbench.plugins.loading import supervision
from gdbench.reference.certified import CERTIFIED, certified_model
from gdbench.reference.problem import Problem, ProblemRecord
from gdbench.reference.problem_records import problem_record, with_local_curvature

__all__ = ["Plan", "Run", "Skipped", "Stage", "cards", "make_plan"]


class Skipped(NamedTuple):
    """A combination that the grid names and the config leaves out, with its reason."""

    label: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"


@dataclass(frozen=True)
class Plan:
    """All runs of an experiment, in the order of its grid. `id` changes with what is asked for.

    doubts: what will be run although it is unwise, a sentence each.
    skipped: what will not be run.
    fixed: the runs that follow from no result; with stages, `runs` has those that are known besides.
    stages: what else is to be run, by what comes out.  grows: whether `runs` may become more.
    """

    id: str
    experiment: Experiment
    problems: Mapping[str, Problem]
    runs: tuple[Run, ...]
    varying: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    fixed: tuple[Run, ...] = ()
    stages: tuple[Stage, ...] = ()
    grows: bool = False

    @property
    def identity(self) -> list[str]:
        """What the id is made from, beside the experiment's name."""
        return [*(run.key for run in self.fixed), *(stage["id"] for stage in self.stages)]


def make_plan(experiment: Experiment) -> Plan:
    """Load the data, check every pairing, and lay out the runs; raises ConfigError with all that is wrong."""
    _check_data_sets(experiment)
    complaint = dimensions_complaint(experiment) if experiment.sample else ""
    if complaint:
        raise experiment.error(("sample",), complaint)
    draft = _Draft(experiment)
    with supervision():
        if not experiment.sources:
            with draft.noting():
                draft.lay_out(None, ())  # a surface has no data
        for source in experiment.sources:
            with draft.noting():
                draft.lay_out(_load(experiment, source), names_of(source))
    return draft.plan()


def _check_data_sets(experiment: Experiment) -> None:
    """Refuse more data sets than are worth beginning, or more numbers drawn for them than memory holds."""
    sources = experiment.sources
    drawn = sum(numbers_drawn(source) for source in sources)
    remedy = "Split the experiment."
    if len(sources) > DATA_SETS:
        told = too_much("this", f"{len(sources):,} data sets", f"{DATA_SETS:,}", remedy)
        raise experiment.error(("data",), told)
    if drawn > TABLE_NUMBERS and len(sources) > 1:
        need = as_bytes(NUMBER_BYTES * drawn)
        told = too_much(f"{len(sources):,} data sets together", need, f"{TABLE_NUMBERS:,} numbers", remedy)
        raise experiment.error(("data",), told)


def cards(plan: Plan) -> Iterator[ProblemRecord]:
    """The record of each problem, in the plan's order, its curvature told where its first run begins."""
    first = {run.problem: run.spec for run in reversed(plan.runs)}
    for problem in plan.problems.values():
        yield with_local_curvature(problem_record(problem), problem, first[problem.id])


class _Draft:
    """A plan in the making: runs and problems without repetition, and everything that is wrong."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._varying = _varying(experiment, len(experiment.sources))
        self._problems: dict[str, Problem] = {}
        self._runs: dict[str, Run] = {}
        self._stages: dict[str, Stage] = {}
        self._first: dict[str, Run] = {}
        self._doubts = dict.fromkeys(experiment.combining.doubts)
        self._skipped: dict[Skipped, None] = {}
        self._wrong: dict[Mistake, None] = {}

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Keep what is wrong for the end, so that all of it is told."""
        try:
            yield
        except ConfigError as error:
            self._wrong.update(dict.fromkeys(error.mistakes))

    def lay_out(self, dataset: Dataset | None, names: Collection[str]) -> None:
        """Add every combination on one data set, or on surfaces. names: what conditions may call it."""
        _check_ranking(self._experiment, dataset)
        specs = Specs(self._experiment, dataset)
        if self._experiment.sample:
            self._lay_out_sample(Sample(self._experiment, names), specs, dataset)
            return
        for choices, reason in combinations(self._experiment, names):
            if reason:
                self._skip(specs, choices, reason)
                continue
            with self.noting():
                self._add(specs, choices, dataset)

    def _lay_out_sample(self, sample: Sample, specs: Specs, dataset: Dataset | None) -> None:
        """So many as are asked for; those that cannot be run are skipped, and others take their place."""
        wrong: dict[Mistake, None] = {}
        for choices, reason in sample:
            if reason:
                self._skip(specs, choices, reason)
                continue
            try:
                self._add(specs, choices, dataset)
                sample.found += 1
            except ConfigError as error:
                wrong.update(dict.fromkeys(error.mistakes))
                self._skip(specs, choices, str(error.mistakes[0].message))
        if not sample.found:
            self._wrong.update(wrong)
        asked = self._experiment.sample
        if asked and sample.found < asked.runs:
            where = f" on {dataset.label}" if dataset else ""
            self._doubts[f"of {asked.runs} combinations to sample{where}, {sample.found} were found."] = None

    def _skip(self, specs: Specs, choices: Choices, reason: str) -> None:
        self._skipped[Skipped(self._label(specs.readable(choices)), reason)] = None

    def _add(self, specs: Specs, asked: Choices, dataset: Dataset | None) -> None:
        found = specs.with_kernel(_certified(self._experiment, asked, dataset))
        if is_searched(found):
            self._add_search(specs, found)
        else:
            specs.check(found)
            self._add_runs(specs, found)

    def _add_runs(self, specs: Specs, choices: Choices) -> None:
        self._doubts.update(dict.fromkeys(specs.doubts(choices)))
        replicates = specs.replicates(choices)
        problem, label = self._problem(specs, replicates[0]), self._label(replicates[0])
        for number, (key, spec) in enumerate(zip(keys_of(replicates), replicates, strict=True)):
            self._runs.setdefault(key, Run(key, spec, problem.id, numbered(label, number)))

    def _add_search(self, specs: Specs, asked: Choices) -> None:
        """A combination whose rate is to be found: a stage, and the runs with which it begins."""
        choices = at_some_rate(asked)
        check_choice(self._experiment, SEARCHES, asked["learning_rate"])
        specs.check(choices)
        self._doubts.update(dict.fromkeys(specs.doubts(choices)))
        repeats = specs.replicates(choices)
        problem = self._problem(specs, repeats[0])
        targets = [target_name(target) for target in self._experiment.targets]
        stage = search_stage(asked["learning_rate"], repeats, problem, self._varying, targets)
        if stage["id"] not in self._stages:
            self._stages[stage["id"]] = stage
            self._first.update({run.key: run for run in probes(stage, stage["start"])})

    def _problem(self, specs: Specs, spec: Spec) -> Problem:
        problem = specs.problem(spec)
        return self._problems.setdefault(problem.id, problem)

    def _label(self, spec: Spec) -> str:
        return run_label(spec, self._varying)

    def plan(self) -> Plan:
        if self._wrong:
            raise ConfigError(self._wrong)
        if not (self._runs or self._stages):
            wrong = "nothing is left to run: 'exclude' leaves out every combination. Loosen a condition."
            raise ConfigError([self._experiment.places.mistake(("grid", "exclude"), wrong, at_key=True)])
        if self._experiment.race and not self._runs:
            self._doubts["a race has nothing to run here: every rate is searched for, each by itself."] = None
        wrongly = list(wrongly_expected(self._experiment, list(self._runs.values()), self._problems))
        if wrongly:
            raise ConfigError(wrongly)
        return Plan(
            digest_of([self._experiment.name, *self._runs, *self._stages]),
            self._experiment,
            self._problems,
            tuple({**self._runs, **{k: run for k, run in self._first.items() if k not in self._runs}}.values()),
            self._varying,
            tuple(self._doubts),
            tuple(self._skipped),
            fixed=tuple(self._runs.values()),
            stages=tuple(self._stages.values()),
            grows=bool(self._stages),
        )


def _certified(experiment: Experiment, choices: Choices, dataset: Dataset | None) -> Choices:
    """The same combination, `certified` replaced by the model that the data set is certified for."""
    if dataset is None or choices["model"].name != CERTIFIED:
        return choices
    try:
        return {**choices, "model": certified_model(choices["model"], dataset.name)}
    except BadPairing as error:
        raise experiment.error(choices["model"].path, str(error)) from None


def _check_ranking(experiment: Experiment, dataset: Dataset | None) -> None:
    if experiment.report.get("rank_by") == "test_cost" and (dataset is None or dataset.held_out is None):
        where = dataset.label if dataset else "a surface"
        wrong = f"'rank_by: test_cost' needs rows that are held out, and {where} holds none out. Add test: 0.2."
        raise experiment.error(("report", "rank_by"), wrong)


def _load(experiment: Experiment, source: Source) -> Dataset:
    try:
        return load(source)
    except BadParameter as error:
        raise experiment.error((*source.path, *error.parameter.split(".")), str(error)) from None
    except UnknownName as error:
        raise experiment.error(source.path, str(error)) from None


def _varying(experiment: Experiment, sources: int) -> tuple[str, ...]:
    axes = [
        axis
        for axis, choices in experiment.grid.items()
        if len(choices) > 1 or has_spans(choices) or any(choice.name in SEARCHES for choice in choices)
    ]
    return (*(("data",) if sources > 1 else ()), *axes)
