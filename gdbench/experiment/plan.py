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
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.surfaces import SURFACES
from gdbench.experiment.certified import certified_model
from gdbench.experiment.choice import Choice
from gdbench.experiment.data import Dataset, load
from gdbench.experiment.experiment import Experiment
from gdbench.experiment.grid import expand
from gdbench.experiment.pairing import BadChoice, check_pairing, doubts
from gdbench.experiment.plugins.used import plugins_used
from gdbench.experiment.source import Source
from gdbench.experiment.wording import label, run_label

Spec = Mapping[str, Any]

#: The axes that say what is minimised; the others say how.
_DEFINING = ("surface", "model", "cost", "penalty")

_BY_AXIS = {
    "surface": SURFACES,
    "model": MODELS,
    "cost": COSTS,
    "penalty": PENALTIES,
    "gradient": GRADIENTS,
    "optimizer": OPTIMIZERS,
    "learning_rate": LEARNING_RATES,
    "initialization": INITIALIZERS,
}

#: What a spec holds for the reader only: it changes no bit of the result, so it is not in the key.
_FOR_READERS = ("data",)


@dataclass(frozen=True)
class Problem:
    """A distinct thing to minimise: what of a spec defines it, and the data where there is any."""

    id: str
    definition: Spec
    dataset: Dataset | None


@dataclass(frozen=True)
class Run:
    """One run of a plan: its key (the hash of all that can change its result), spec, problem and name."""

    key: str
    spec: Spec
    problem: str
    label: str


@dataclass(frozen=True)
class Plan:
    """All runs of an experiment, in the order of its grid. `id` changes with the set of runs.

    doubts: what will be run although it is unwise, a sentence each.
    """

    id: str
    experiment: Experiment
    problems: Mapping[str, Problem]
    runs: tuple[Run, ...]
    varying: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def make_plan(experiment: Experiment) -> Plan:
    """Load the data, check every pairing, and lay out the runs; raises ConfigError."""
    loaded = [_load(experiment, source) for source in experiment.sources]
    datasets: list[Dataset | None] = [*loaded] or [None]  # a surface has none
    problems: dict[str, Problem] = {}
    runs: dict[str, Run] = {}
    doubted: dict[str, None] = {}
    varying = _varying(experiment, len(datasets))
    for dataset in datasets:
        for choices in _resolved(experiment, dataset):
            _check(experiment, choices, dataset)
            doubted.update(dict.fromkeys(doubts(choices, dataset)))
            for spec in _replicates(experiment, dataset, choices):
                problem = _problem(spec, dataset)
                problems.setdefault(problem.id, problem)
                run = Run(key_of(spec), spec, problem.id, run_label(spec, varying))
                runs.setdefault(run.key, run)
    id_ = _digest([experiment.name, *runs])
    return Plan(id_, experiment, problems, tuple(runs.values()), varying, tuple(doubted))


def key_of(spec: Spec) -> str:
    """The run's identity: not where it runs, nor under which interpreter, nor what its data is called."""
    return _digest({name: value for name, value in spec.items() if name not in _FOR_READERS})


def target_name(target: float) -> str:
    """A target as it is written in records and columns: 0.01, 1e-06."""
    return repr(target)


def _resolved(experiment: Experiment, dataset: Dataset | None) -> Iterator[Mapping[str, Choice]]:
    """The grid's combinations, `certified` replaced by the model that the data set is certified for."""
    for choices in expand(experiment):
        if dataset is None:
            yield choices
            continue
        try:
            yield {**choices, "model": certified_model(choices["model"], dataset.name)}
        except BadPairing as error:
            raise experiment.error(choices["model"].path, str(error)) from None


def _load(experiment: Experiment, source: Source) -> Dataset:
    try:
        return load(source)
    except BadParameter as error:
        raise experiment.error((*source.path, error.parameter), str(error)) from None
    except UnknownName as error:
        raise experiment.error(source.path, str(error)) from None


def _check(experiment: Experiment, choices: Mapping[str, Choice], dataset: Dataset | None) -> None:
    """Refuse parameters that contradict one another, and choices that make no sense together."""
    for axis, choice in choices.items():
        try:
            if axis in _BY_AXIS:
                _BY_AXIS[axis][choice.name].check(choice.parameters)
        except BadParameter as error:
            raise experiment.error((*choice.path, error.parameter), str(error)) from None
    for rule in (choices["convergence"], *experiment.watch):
        _check_rules(experiment, rule)
    try:
        check_pairing(choices, dataset)
    except BadChoice as error:
        raise experiment.error(choices[error.axis].path, str(error)) from None


def _check_rules(experiment: Experiment, rule: Choice) -> None:
    for member in rule.members:
        _check_rules(experiment, member)
    if not rule.members:
        try:
            STOPPING_RULES[rule.name].check(rule.parameters)
        except BadParameter as error:
            raise experiment.error((*rule.path, error.parameter), str(error)) from None


def _varying(experiment: Experiment, sources: int) -> tuple[str, ...]:
    axes = [axis for axis, choices in experiment.grid.items() if len(choices) > 1]
    return (*(("data",) if sources > 1 else ()), *axes)


def _problem(spec: Spec, dataset: Dataset | None) -> Problem:
    definition = {axis: spec[axis] for axis in ("digest", *_DEFINING) if axis in spec}
    used = plugins_used(definition)
    definition.update({"plugins": used} if used else {})
    return Problem(_digest(definition), definition, dataset)


def _replicates(
    experiment: Experiment, dataset: Dataset | None, choices: Mapping[str, Choice]
) -> Iterator[Spec]:
    """One spec for each repeat; a single one, whose seed cannot matter, where nothing is drawn."""
    drawn = _is_drawn(choices)
    plain = {axis: choice.to_plain() for axis, choice in choices.items()}
    asked: dict[str, Any] = {}
    if experiment.watch:
        asked["watch"] = {label(rule.to_plain()): rule.to_plain() for rule in experiment.watch}
    if experiment.audit:
        asked["audit"] = experiment.audit.to_plain()
    used = plugins_used({**plain, **asked})
    if used:
        asked["plugins"] = used
    for replicate in range(experiment.repeats if drawn else 1):
        yield {
            "data": dataset.label if dataset else label(plain["surface"]),
            "digest": dataset.table.digest if dataset else _digest(plain["surface"]),
            **plain,
            **asked,
            "targets": [target_name(target) for target in experiment.targets],
            "divergence": experiment.divergence,
            "seed": experiment.seed if drawn else 0,
            "replicate": replicate,
            "kernel_version": KERNEL_VERSION,
        }


def _is_drawn(choices: Mapping[str, Choice]) -> bool:
    """Whether something in a run is random: its start, or the order of its batches."""
    start = INITIALIZERS[choices["initialization"].name].facts.get("random")
    return bool(start) or ("batch_size" in choices and choices["batch_size"].name != "full")


def _digest(identity: object) -> str:
    """80 bits of SHA-256 over canonical JSON: floats by their shortest exact text, keys in order."""
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
