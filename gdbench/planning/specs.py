"""Combinations of choices as specs: plain, complete, and known by a hash of all that can change a result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gdbench.config.experiment import Experiment
from gdbench.config.grid.axes import AUTO, AXES
from gdbench.config.grid.choice import Choice, Choices
from gdbench.config.wording import label
from gdbench.data.data import Dataset
from gdbench.descent import KERNEL_VERSION
from gdbench.descent.errors import BadParameter
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.limits import PARAMETERS
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.descent.registry import Registry, Spec
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.stopping.progress import NONE_HELD_OUT
from gdbench.planning.extent import parameters_of
from gdbench.planning.pairing import BadChoice, Pairing, looks_at_test
from gdbench.planning.pairing_steps import in_batches
from gdbench.planning.suitable_kernel import suitable_kernel
from gdbench.plugins.choices import BY_AXIS
from gdbench.plugins.loading import is_any_loaded, plugin_of
from gdbench.reference.problem import Problem

#: The axes that say what is minimised; the others say how.
_MINIMISED = ("model", "cost", "penalty")
_DEFINING = ("surface", *_MINIMISED)

REPLICATE = "replicate"
#: Stands in a text where the number of a replicate will: nobody writes a zero byte into a config.
_PLACE = "\0replicate\0"

#: What a spec holds for the reader only: it changes no bit of the result, so it is not in the key.
_FOR_READERS = ("data",)

#: What is the same as if it were not said, so that it is not in the key either.
_UNSAID: Mapping[str, object] = {axis.name: {axis.default: {}} for axis in AXES if axis.unsaid}

#: A spec's key → where its names are registered. Generators are missing: their data is known by its content.
_CHOSEN: Mapping[str, Registry[object]] = {**BY_AXIS, "audit": GRADIENTS, "watch": STOPPING_RULES}


class Specs:
    """Combinations of choices on one data set as specs; what they have in common is worked out once."""

    def __init__(self, experiment: Experiment, dataset: Dataset | None) -> None:
        self._experiment, self._dataset = experiment, dataset
        self._digest = dataset.table.digest if dataset else ""
        test = dataset.held_out.table.digest if dataset and dataset.held_out else ""
        self._tested = {TEST_DIGEST: test} if test else {}
        self._pairing = Pairing(dataset, experiment.targets)
        # by identity, with the choices themselves, as `Pairing` does
        self._plain: dict[int, tuple[Choice, Any]] = {}
        self._sound: dict[tuple[str, int], Choice] = {}
        self._known: dict[str, Problem] = {}
        self._kernels: dict[tuple[Choice, ...], Choice] = {}
        self._targets = [target_name(target) for target in experiment.targets]
        self._asked: dict[str, Any] = {}
        if experiment.watch:
            self._asked["watch"] = {label(rule.to_plain()): rule.to_plain() for rule in experiment.watch}
        if experiment.audit:
            self._asked["audit"] = experiment.audit.to_plain()

    def with_kernel(self, choices: Choices) -> Choices:
        """The same combination, `auto` replaced by the kernel that suits what is minimised."""
        dataset = self._dataset
        if dataset is None or choices["kernel"].name != AUTO:
            return choices
        minimised = tuple(choices[axis] for axis in _MINIMISED)
        if minimised not in self._kernels:
            if parameters_of(choices["model"], dataset.table.features) > PARAMETERS:
                return {**choices, "kernel": Choice("compiled", path=choices["kernel"].path)}  # to be refused
            model, cost, penalty = (choice.to_plain() for choice in minimised)
            suitable = suitable_kernel(model, cost, penalty, dataset.table)
            self._kernels[minimised] = Choice(suitable, path=choices["kernel"].path)
        return {**choices, "kernel": self._kernels[minimised]}

    def check(self, choices: Choices) -> None:
        """Refuse parameters that contradict one another, and choices that make no sense together."""
        experiment = self._experiment
        for axis, choice in choices.items():
            if (axis, id(choice)) not in self._sound:
                check_choice(experiment, BY_AXIS[axis], choice)
                self._sound[axis, id(choice)] = choice
        for rule in experiment.watch:
            check_choice(experiment, STOPPING_RULES, rule)
            if looks_at_test(rule) and not self._tested:
                raise experiment.error(rule.path, NONE_HELD_OUT)
        try:
            self._pairing.check(choices)
        except BadChoice as error:
            several = len(experiment.grid.get(error.axis, ())) > 1
            hint = " 'exclude:' leaves single combinations out." if several else ""
            raise experiment.error(choices[error.axis].path, f"{error}{hint}") from None

    def doubts(self, choices: Choices) -> tuple[str, ...]:
        """What may be run but is unwise, a sentence each."""
        return self._pairing.doubts(choices)

    def readable(self, choices: Choices) -> dict[str, Any]:
        """What a label is made from."""
        plain = {axis: self._plain_of(choice) for axis, choice in choices.items()}
        return {"data": self._dataset.label if self._dataset else label(plain["surface"]), **plain}

    def replicates(self, choices: Choices) -> list[Spec]:
        """One spec for each repeat; a single one, whose seed cannot matter, where nothing is drawn."""
        experiment, drawn = self._experiment, _is_drawn(choices)
        plain = self.readable(choices)
        data = plain.pop("data")
        used = _plugins_used({**plain, **self._asked})
        first = {
            "data": data,
            "digest": self._digest or digest_of(plain["surface"]),
            **self._tested,
            **plain,
            **self._asked,
            **({"plugins": used} if used else {}),
            "targets": self._targets,
            "divergence": experiment.divergence,
            "seed": experiment.seed if drawn else 0,
            REPLICATE: 0,
            "kernel_version": KERNEL_VERSION,
        }
        further = range(1, experiment.repeats if drawn else 1)
        return [first, *({**first, REPLICATE: number} for number in further)]

    def problem(self, spec: Spec) -> Problem:
        """What a spec minimises."""
        definition = {axis: spec[axis] for axis in ("digest", TEST_DIGEST, *_DEFINING) if axis in spec}
        known = json.dumps(definition, sort_keys=True)
        if known not in self._known:
            used = _plugins_used(definition)
            definition.update({"plugins": used} if used else {})
            self._known[known] = Problem(digest_of(definition), definition, self._dataset)
        return self._known[known]

    def _plain_of(self, choice: Choice) -> Any:
        if id(choice) not in self._plain:
            self._plain[id(choice)] = choice, choice.to_plain()
        return self._plain[id(choice)][1]


def check_choice(experiment: Experiment, registry: Registry[object], choice: Choice) -> None:
    for member in choice.members:
        check_choice(experiment, registry, member)
    if not choice.members:
        try:
            registry[choice.name].check(choice.parameters)
        except BadParameter as error:
            raise experiment.error((*choice.path, error.parameter), str(error)) from None


def key_of(spec: Spec) -> str:
    """The run's identity: not where it runs, nor under which interpreter, nor what its data is called."""
    return digest_of(_identity(spec))


def keys_of(replicates: Sequence[Spec]) -> list[str]:
    """The same of specs that differ in their replicate alone, quicker: what they share is written once."""
    shared = canonical(_identity({**replicates[0], REPLICATE: _PLACE})).split(json.dumps(_PLACE))
    if len(shared) != 2:
        return [key_of(spec) for spec in replicates]
    before, after = shared
    return [_digest(f"{before}{spec[REPLICATE]}{after}") for spec in replicates]


def _identity(spec: Spec) -> Spec:
    return {
        name: value
        for name, value in spec.items()
        if name not in _FOR_READERS and (name not in _UNSAID or value != _UNSAID[name])
    }


def training_key_of(spec: Spec) -> str:
    """The same without the rows that are held out: what of a run they cannot change."""
    return key_of({name: value for name, value in spec.items() if name != TEST_DIGEST})


def target_name(target: float) -> str:
    """A target as it is written in records and columns: 0.01, 1e-06."""
    return repr(target)


def _is_drawn(choices: Choices) -> bool:
    """Whether something in a run is random: its start, or the order of its batches."""
    start = INITIALIZERS[choices["initialization"].name].facts.get("random")
    return bool(start) or in_batches(choices)


def digest_of(identity: object) -> str:
    """80 bits of SHA-256 over canonical JSON: floats by their shortest exact text, keys in order."""
    return _digest(canonical(identity))


def canonical(identity: object) -> str:
    return json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


# --- the plug-ins that a run rests on: only those are part of its identity


def _plugins_used(spec: Spec) -> dict[str, str]:
    """{"cost pseudo_huber": digest of its file's code} for each choice of a spec that a plug-in made.

    Where a step rests on what theory makes of a plug-in's claims, their digest is there as well.
    """
    found: dict[str, str] = {}
    if not is_any_loaded():
        return found
    rests = _rests_on_claims(spec)
    for key, registry in _CHOSEN.items():
        for name in _names(spec.get(key)):
            plugin = plugin_of(registry.kind, name)
            if plugin:
                found[f"{registry.kind} {name}"] = plugin.digest
                if rests and plugin.claims:
                    found[f"claims of {registry.kind} {name}"] = plugin.claims
    return found


def _rests_on_claims(spec: Spec) -> bool:
    """Whether any step, or the end, follows from L, μ, the optimum, or the cost's being a square."""
    chosen = [
        _CHOSEN[key][name].facts
        for key in ("learning_rate", "convergence", "watch", "kernel")
        for name in _names(spec.get(key))
        if name in _CHOSEN[key]
    ]
    theoretical = any(given.get("theoretical") for given in spec.get("optimizer", {}).values())
    return theoretical or any(facts.get("needs") or facts.get("squared") for facts in chosen)


def _names(value: object) -> Iterator[str]:
    """Every key, however deep: a rule may stand within `any`, and what is no name is in no room."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _names(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
