"""What a config expects, held against its plan: runs that there are, parameters that they will have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gdbench.config.expectations import Expectation
from gdbench.config.experiment import Experiment
from gdbench.config.yaml.mistakes import Mistake
from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import nearest
from gdbench.descent.models import parameter_names
from gdbench.descent.registry import Spec
from gdbench.descent.surfaces import surface_facts
from gdbench.planning.matching import Specified, matches, none_so
from gdbench.reference.problem import Problem


class _Planned(Specified, Protocol):
    @property
    def problem(self) -> str: ...


def wrongly_expected(
    experiment: Experiment, runs: Sequence[_Planned], problems: Mapping[str, Problem]
) -> Iterator[Mistake]:
    """Every `where` that means no run, and every name that no parameter has, at its place."""
    for expected in experiment.expect:
        wrong = list(_no_runs(experiment, expected, runs))
        yield from wrong
        meant = () if wrong else [run for run in runs if matches(run, expected.where)]
        named = [claim for claim in expected.claims if claim.name]
        for run in meant if named else ():
            names = _names(run.spec, problems[run.problem])
            unknown = [claim for claim in named if names and claim.name not in names]
            for claim in unknown:
                said = f"no parameter is called '{claim.name}'. {nearest(claim.name, names)}"
                yield experiment.places.mistake(claim.path, said, at_key=True)
            if unknown:
                break


def _no_runs(experiment: Experiment, expected: Expectation, runs: Sequence[Specified]) -> Iterator[Mistake]:
    told = False
    for axis, values in expected.where.items():
        for value in values:
            said = none_so(runs, experiment.grid, axis, value)
            if said:
                told = True
                yield experiment.places.mistake(expected.places[axis], f"where {axis} is {value}: {said}")
    if not told and not any(matches(run, expected.where) for run in runs):
        if runs:
            said = "each of these holds for some run, but no run is all of it. Leave one out."
        else:
            said = "of what 'find' tries nothing can be expected: which rates it tries is known once it has."
        yield experiment.places.mistake((*expected.path, "where") if runs else expected.path, said)


def _names(spec: Spec, problem: Problem) -> list[str]:
    """What its parameters will be called; empty where only the fit can tell."""
    if problem.dataset is None:
        return [f"w{j}" for j in range(1, surface_facts(spec["surface"]).dimension + 1)]
    if cost_facts(spec["cost"]).targets == "classes" or problem.dataset.perturbation:
        return []
    return [name.text for name in parameter_names(spec["model"], problem.dataset.feature_names, ("",))]
