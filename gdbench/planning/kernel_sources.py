"""Source to read: the compiled kernels of a config or of a few choices, and the definitions behind names."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from gdbench.config.experiment import load_experiment
from gdbench.config.grid.choice import plain
from gdbench.config.grid.components import said
from gdbench.config.wording import label
from gdbench.descent.costs import COSTS
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, GdbenchError, UnknownName, meant_by
from gdbench.descent.kernels.compiler import compile_definition, compile_surface
from gdbench.descent.kernels.definition import NO_PENALTY, define, prepare
from gdbench.descent.models import MODELS
from gdbench.descent.registry import Choice, Entry, Spec, find
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.planning.plan import make_plan
from gdbench.plugins.choices import BY_AXIS, REGISTRIES

_PLACE = Path(__file__).parents[2]


def kernels_of_config(path: Path) -> Iterator[str]:
    """One source for each distinct problem of a config; raises ConfigError."""
    for problem in make_plan(load_experiment(path)).problems.values():
        spec = problem.definition
        if problem.dataset is None:
            yield _surface(spec["surface"])
        else:
            table, outputs = prepare(spec["cost"], problem.dataset.table)
            about = f"{problem.dataset.label}: {table.features} features, {len(table.rows)} rows"
            yield _kernel(spec, table.features, outputs, about)


def kernels_of_choices(given: Mapping[str, str], features: int, classes: int) -> Iterator[str]:
    """The source for choices as a command line writes them: a name, or {name: {parameter: value}} in YAML."""
    chosen = {axis: read_choice(axis, text) for axis, text in given.items()}
    if "surface" in chosen:
        others = sorted(chosen.keys() - {"surface"})
        if others:
            raise GdbenchError(
                f"a surface has no {others[0]}: it is minimised as it is. Leave out --{others[0]}."
            )
        yield _surface(chosen["surface"])
        return
    for axis in ("model", "cost"):
        if axis not in chosen:
            raise GdbenchError(f"say what is minimised: a config, or --model and --cost (--{axis} is missing).")
    over_classes = COSTS[next(iter(chosen["cost"]))].facts.get("targets") == "classes"
    if over_classes and not MODELS[next(iter(chosen["model"]))].facts.get("many"):
        raise GdbenchError(f"cost '{given['cost']}' compares a score for each class, but the model gives one.")
    yield _kernel(chosen, features, classes if over_classes else 1, f"{features} features")


def definitions(name: str) -> Iterator[str]:
    """The source of every choice of this name, under a comment that says what and where it is."""
    entries = [entry for registry in REGISTRIES for entry in registry if entry.name == name]
    if not entries:
        raise _unknown(name)
    for entry in entries:
        try:
            lines, first = inspect.getsourcelines(entry.function)
            file = inspect.getsourcefile(entry.function) or ""
        except (OSError, TypeError):
            yield f"# {entry.kind} {entry.name}: its source is not at hand.\n"
            continue
        place = Path(file)
        shown = place.relative_to(_PLACE) if place.is_relative_to(_PLACE) else place
        yield f"# {entry.kind} {entry.name} ({shown}:{first})\n{textwrap.dedent(''.join(lines))}"


def _unknown(name: str) -> GdbenchError:
    """A name that is a kind's is answered with how to list it; one that is near nothing with no list of all."""
    kinds = meant_by(name, {one.plural: (one.plural, one.kind, *one.also) for one in REGISTRIES})
    if kinds:
        return GdbenchError(f"'{name}' is a kind of choice, and not one: gdbench list {kinds[0]}.")
    known = {entry.name for registry in REGISTRIES for entry in registry}
    also = {ours: theirs for registry in REGISTRIES for ours, theirs in registry.synonyms.items()}
    unknown = UnknownName("choice", name, known, " (gdbench list)", also)
    return (
        unknown if unknown.near else GdbenchError(f"no choice is called '{name}'. gdbench list names them all.")
    )


def read_choice(axis: str, text: str) -> Choice:
    """A choice in config form, its parameters checked; raises GdbenchError."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise GdbenchError(f"--{axis} {text}: this is not YAML. Write a name, or '{{name: {{…}}}}'.") from None
    registry = BY_AXIS[axis]
    if isinstance(value, str):
        value = {value: {}}
    if not isinstance(value, dict) or len(value) != 1 or not isinstance(next(iter(value)), str):
        raise GdbenchError(f"--{axis} must be a name or {{name: {{parameter: value}}}}, not {show(value)}.")
    ((name, given),) = value.items()
    entry = registry[name]
    if not isinstance(given, dict):
        given = {} if given is None else {_first(entry): given}
    return {name: dict(said(entry, find(registry, {name: given})[1].items()))}


def _first(entry: Entry[object]) -> str:
    if not entry.parameters:
        raise BadParameter("", f"{entry.kind} '{entry.name}' takes no parameter. Write {entry.name} alone.")
    return entry.parameters[0].name


def _kernel(spec: Spec, features: int, outputs: int, about: str) -> str:
    penalty = spec.get("penalty") or NO_PENALTY
    definition = define(spec["model"], spec["cost"], features, penalty, outputs)
    parts = [spec["model"], spec["cost"], *([] if "none" in penalty else [penalty])]
    title = " · ".join(label(_plain(part)) for part in parts)
    summaries = [(axis, spec[axis]) for axis in ("model", "cost") if axis in spec]
    if "none" not in penalty:
        summaries.append(("penalty", penalty))
    lines = [
        f"# {title} on {about}",
        *(f"#   {axis:<8} {_summary(axis, choice)}" for axis, choice in summaries),
        f"# w: {definition.size} parameters.  rows: features, then the target.  The mean over the rows.",
    ]
    return "\n".join([*lines, "", compile_definition(definition).source])


def _surface(choice: Choice) -> str:
    entry, parameters = find(SURFACES, choice)
    compiled = compile_surface(lambda w: entry.function(w, **parameters), surface_facts(choice).dimension)
    lines = [
        f"# surface {label(_plain(choice))}",
        f"#   {entry.summary}",
        f"# w: {surface_facts(choice).dimension} parameters.  rows: none.",
    ]
    return "\n".join([*lines, "", compiled.source])


def _summary(axis: str, choice: Choice) -> str:
    (name,) = choice
    return BY_AXIS[axis][name].summary


def _plain(choice: Choice) -> dict[str, object]:
    """Tuples as lists, as a spec has them."""
    ((name, parameters),) = choice.items()
    return {name: {k: plain(v) for k, v in parameters.items()}}
