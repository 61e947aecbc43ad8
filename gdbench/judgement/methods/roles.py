"""Which axes of a study are compared, which are tuned, and which are neither."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdbench.config.grid.axes import AXES_BY_NAME, DEFINING
from gdbench.config.grid.methods import COMPARE, TUNE
from gdbench.config.wording import labeller
from gdbench.descent.optimizers import OPTIMIZERS, optimizer_facts
from gdbench.descent.registry import Spec
from gdbench.planning.plan import Run
from gdbench.planning.searches import KIND as SEARCH
from gdbench.record.records import PlanRecord, RunRecord

#: What is compared where a config does not say, and nothing but these varies: the first of them that does.
_COMPARED_LAST = (("learning_rate",), ("initialization",), ("convergence", "kernel"))
#: What stands for a method where nothing is compared.
ONLY = "the one method"

_label = labeller()


@dataclass(frozen=True)
class Roles:
    """What each varying axis is for.

    compared: axes whose choices make a method.  tuned: axes of which each method takes its best choice.
    parameters: compared axis → parameters on it that are tuned.
    neither: axes whose choices are taken together, as starting points are.
    single: optimizers of which there is one choice, so that the name alone tells it.
    """

    compared: tuple[str, ...] = ()
    tuned: tuple[str, ...] = ()
    parameters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    neither: tuple[str, ...] = ()
    single: frozenset[str] = frozenset()

    @property
    def tuned_names(self) -> list[str]:
        """As a config names them: 'learning_rate', 'optimizer.beta'."""
        return [*self.tuned, *(f"{axis}.{p}" for axis, those in self.parameters.items() for p in sorted(those))]

    @property
    def naming(self) -> list[str]:
        """The axes from which a run's method and its tuning are told."""
        return list(dict.fromkeys((*self.compared, *self.tuned, *self.parameters)))

    def method(self, run: RunRecord | Run) -> str:
        """The name of a run's method: 'adam', or 'adam · 32'."""
        parts = []
        for axis in self.compared:
            choice = run.spec.get(axis)
            if choice is not None:
                text = _label(self._shown(choice) if axis == "optimizer" else choice)
                parts.append(f"η={text}" if axis == "learning_rate" else text)
        return " · ".join(parts) or ONLY

    def _shown(self, choice: object) -> object:
        """An optimizer with what is unusual of the parameters that are not tuned."""
        name, given = name_of(choice), parameters_of(choice)
        if name in self.single and name not in OPTIMIZERS:
            return {name: {}}
        tuned, usual = self.parameters.get("optimizer", frozenset()), _defaults("optimizer", name)
        return {name: {p: v for p, v in given.items() if p not in tuned and usual.get(p, ...) != v}}

    def tuning(self, run: RunRecord | Run) -> str:
        """What a run has of what is tuned: 'η = 0.1, beta = 0.9'; "" where nothing is."""
        parts = [_tuned_text(axis, run.spec[axis]) for axis in self.tuned if axis in run.spec]
        for axis, names in self.parameters.items():
            given = parameters_of(run.spec.get(axis))
            parts += [f"{name} = {_label(given[name])}" for name in sorted(names & given.keys())]
        return ", ".join(parts)

    def instance(self, run: RunRecord) -> str:
        """What runs of different methods share that begin alike."""
        shared = [run.spec.get(axis) for axis in self.neither]
        return json.dumps([run.problem, run.spec.get("replicate", 0), shared], sort_keys=True)

    def is_default(self, run: RunRecord) -> bool:
        """Whether all that is tuned is what the method's authors would take.

        Of parameters the default that is registered; of the learning rate the optimizer's usual one, or else
        what theory recommends; of other axes what a config has that does not name them.
        """
        return all(map(_is_default, self.tuned, [run.spec] * len(self.tuned))) and all(
            _registered(axis, run.spec, name) for axis, names in self.parameters.items() for name in names
        )


def roles(plan: PlanRecord) -> Roles:
    """As the config says; what it does not say is inferred.

    What varies of optimizers, gradients, batch sizes and the like is compared, and learning rates are tuned; a
    study of rates compares rates. Of several optimizers the name is compared, and what varies of the parameters
    of one is tuned. Starting points, stopping rules and kernels are neither, unless nothing else varies.
    """
    varying = [axis for axis in plan.varying if axis not in DEFINING]
    asked, given = plan.methods.get(COMPARE, ()), plan.methods.get(TUNE)
    named = [name for name in given or () if "." not in name]
    compared = _axes_of(asked) or _inferred(varying, named, everything=given is not None)
    if given is None:
        tuned = ["learning_rate"] if "learning_rate" in set(varying) - set(compared) else []
        parts = _varying_within(plan, compared, asked)
    else:
        parts = _named_parameters(given)
        # a parameter of what is not compared: its whole axis is tuned
        tuned = [*named, *(set(parts) - {*compared, *named})]
    parts = {axis: names for axis, names in parts.items() if axis in compared}
    rest = [axis for axis in varying if axis not in (*compared, *tuned)]
    order = list(plan.axes)
    return Roles(_in_order(compared, order), _in_order(tuned, order), parts, tuple(rest), _single(plan))


def searches(plan: PlanRecord) -> bool:
    """Whether rates were searched for, so that each method and problem has rates of its own and no grid."""
    return any(stage["kind"] == SEARCH for stage in plan.stages)


def _single(plan: PlanRecord) -> frozenset[str]:
    names = Counter(map(name_of, plan.axes.get("optimizer", ())))
    return frozenset(name for name, number in names.items() if number == 1)


def _inferred(varying: Sequence[str], tuned: Sequence[str], *, everything: bool) -> list[str]:
    """everything: whether the config says what is tuned, so that rates beside optimizers are compared."""
    last = _COMPARED_LAST[1:] if everything else _COMPARED_LAST
    left = [axis for axis in varying if axis not in tuned]
    first = [axis for axis in left if not any(axis in group for group in last)]
    return next(filter(None, [first, *([a for a in left if a in group] for group in last)]), [])


def _axes_of(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _named_parameters(names: Sequence[str]) -> dict[str, frozenset[str]]:
    pairs = [name.partition(".")[::2] for name in names if "." in name]
    return {axis: frozenset(p for a, p in pairs if a == axis) for axis, _ in pairs}


def _varying_within(
    plan: PlanRecord, compared: Sequence[str], asked: Sequence[str]
) -> dict[str, frozenset[str]]:
    """What varies of the parameters of one of several optimizers, and is not asked to be compared."""
    names = dict.fromkeys(name_of(choice) for choice in plan.axes.get("optimizer", ()))
    if "optimizer" not in compared or len(names) < 2:
        return {}
    found = set()
    for name in names:
        given = [parameters_of(choice) for choice in plan.axes["optimizer"] if name_of(choice) == name]
        found |= {p for p in given[0] if len({json.dumps(one.get(p)) for one in given}) > 1}
    kept = {name.partition(".")[2] for name in asked if name.startswith("optimizer.")}
    return {"optimizer": frozenset(found - kept)} if found - kept else {}


def _in_order(axes: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(axes) & set(order), key=order.index))


# --- choices in config form: a name with its parameters, a rule with members, or a plain name


def name_of(choice: object) -> str:
    return next(iter(choice)) if isinstance(choice, Mapping) else str(choice)


def parameters_of(choice: object) -> Mapping[str, Any]:
    inner = next(iter(choice.values())) if isinstance(choice, Mapping) else {}
    return inner if isinstance(inner, Mapping) else {}


def _defaults(axis: str, name: str) -> Mapping[str, object]:
    """Parameter → its default, of those that have one; of a choice that a record has outlived nothing."""
    registry = AXES_BY_NAME[axis].registry
    known: Iterator[Any] = iter(registry[name].parameters if name in registry else ())
    return {p.name: p.default for p in known if not p.required}


def _tuned_text(axis: str, choice: object) -> str:
    text = _label(choice)
    if axis == "learning_rate":
        return f"η = {text}" if name_of(choice) == "constant" else text
    return text


def _registered(axis: str, spec: Spec, parameter: str) -> bool:
    given = parameters_of(spec.get(axis))
    return (
        parameter not in given or _defaults(axis, name_of(spec[axis])).get(parameter, ...) == given[parameter]
    )


def _is_default(axis: str, spec: Spec) -> bool:
    if axis == "learning_rate":
        return _is_usual_rate(spec)
    usual, choice = AXES_BY_NAME[axis].default, spec.get(axis)
    return choice is None or (
        name_of(choice) == usual and all(_registered(axis, spec, p) for p in parameters_of(choice))
    )


def _is_usual_rate(spec: Spec) -> bool:
    """The usual rate of the optimizer; where it has none but theory recommends one, that or 1/L."""
    optimizer, rate = spec.get("optimizer"), spec.get("learning_rate")
    if (
        not isinstance(optimizer, Mapping)
        or not isinstance(rate, Mapping)
        or name_of(optimizer) not in OPTIMIZERS
    ):
        return False
    facts = optimizer_facts(optimizer)
    if facts.usual_rate is not None:
        return rate == {"constant": {"rate": facts.usual_rate}}
    return facts.recommended is not None and rate in ({"theoretical": {}}, {"over_L": {"factor": 1.0}})
