"""From an experiment to its plan: every run as a spec, in order, without repetition, each with its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gdbench.descent import KERNEL_VERSION
from gdbench.descent.costs import COSTS
from gdbench.descent.errors import BadPairing, BadParameter, UnknownName
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.experiment.choice import Choice
from gdbench.experiment.data import Dataset, load
from gdbench.experiment.experiment import Experiment
from gdbench.experiment.grid import expand
from gdbench.experiment.pairing import check_pairing
from gdbench.experiment.wording import run_label

Spec = Mapping[str, Any]

#: Axes whose choices are entries of one registry (stopping rules are trees of them).
_CHECKED = {
    "model": MODELS,
    "cost": COSTS,
    "gradient": GRADIENTS,
    "optimizer": OPTIMIZERS,
    "learning_rate": LEARNING_RATES,
    "initialization": INITIALIZERS,
}

#: What a spec holds for the reader only: it changes no bit of the result, so it is not in the key.
_FOR_READERS = ("data",)


@dataclass(frozen=True)
class Problem:
    """A distinct thing to minimise: data × model × cost, in config form."""

    id: str
    dataset: Dataset
    model: Mapping[str, Any]
    cost: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of a plan: its key (the hash of all that can change its result), spec, problem and name."""

    key: str
    spec: Spec
    problem: str
    label: str


@dataclass(frozen=True)
class Plan:
    """All runs of an experiment, in the order of its grid. `id` changes with the set of runs."""

    id: str
    experiment: Experiment
    problems: Mapping[str, Problem]
    runs: tuple[Run, ...]
    varying: tuple[str, ...]


def make_plan(experiment: Experiment) -> Plan:
    """Load the data, check every pairing, and lay out the runs; raises ConfigError."""
    datasets = _load_all(experiment)
    _check_parameters(experiment)
    problems: dict[str, Problem] = {}
    runs: dict[str, Run] = {}
    varying = _varying(experiment, datasets)
    for dataset in datasets:
        for choices in expand(experiment):
            problem = _problem(dataset, choices)
            problems.setdefault(problem.id, problem)
            for spec in _replicates(experiment, dataset, choices):
                key = key_of(spec)
                runs.setdefault(key, Run(key, spec, problem.id, run_label(spec, varying)))
    return Plan(_digest([experiment.name, *runs]), experiment, problems, tuple(runs.values()), varying)


def key_of(spec: Spec) -> str:
    """The run's identity: not where it runs, nor under which interpreter, nor what its data is called."""
    return _digest({name: value for name, value in spec.items() if name not in _FOR_READERS})


def target_name(target: float) -> str:
    """A target as it is written in records and columns: 0.01, 1e-06."""
    return repr(target)


def _check_parameters(experiment: Experiment) -> None:
    for axis, registry in _CHECKED.items():
        for choice in experiment.grid[axis]:
            try:
                registry[choice.name].check(choice.parameters)
            except BadParameter as error:
                raise experiment.error((*choice.path, error.parameter), str(error)) from None


def _load_all(experiment: Experiment) -> list[Dataset]:
    """Every data source, read and checked against the grid's costs."""
    datasets = []
    for source in experiment.sources:
        try:
            dataset = load(source)
        except BadParameter as error:
            raise experiment.error((*source.path, error.parameter), str(error)) from None
        except UnknownName as error:
            raise experiment.error(source.path, str(error)) from None
        for cost in experiment.grid["cost"]:
            try:
                check_pairing(cost.name, dataset)
            except BadPairing as error:
                raise experiment.error(cost.path, str(error)) from None
        datasets.append(dataset)
    return datasets


def _varying(experiment: Experiment, datasets: list[Dataset]) -> tuple[str, ...]:
    axes = [axis for axis, choices in experiment.grid.items() if len(choices) > 1]
    return (*(("data",) if len(datasets) > 1 else ()), *axes)


def _problem(dataset: Dataset, choices: Mapping[str, Choice]) -> Problem:
    model, cost = choices["model"].to_plain(), choices["cost"].to_plain()
    return Problem(_digest([dataset.table.digest, model, cost]), dataset, model, cost)


def _replicates(experiment: Experiment, dataset: Dataset, choices: Mapping[str, Choice]) -> Iterator[Spec]:
    """One spec for each repeat; a single one, whose seed cannot matter, where nothing is drawn."""
    drawn = bool(INITIALIZERS[choices["initialization"].name].facts.get("random"))
    for replicate in range(experiment.repeats if drawn else 1):
        yield {
            "data": dataset.label,
            "digest": dataset.table.digest,
            **{axis: choice.to_plain() for axis, choice in choices.items()},
            "targets": [target_name(target) for target in experiment.targets],
            "divergence": experiment.divergence,
            "seed": experiment.seed if drawn else 0,
            "replicate": replicate,
            "kernel_version": KERNEL_VERSION,
        }


def _digest(identity: object) -> str:
    """80 bits of SHA-256 over canonical JSON: floats by their shortest exact text, keys in order."""
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
