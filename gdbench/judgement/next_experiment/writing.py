"""A suggestion as a config: the best setting with what is changed, beside itself as it was; planned as a check.

All other choices are written down one by one, so that no `zip:`, `when:` or `exclude:` of the old grid is left
for the change to clash with.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Context
from pathlib import Path
from typing import Any

from gdbench.config.experiment import Experiment, load_experiment, read_experiment
from gdbench.config.grid.axes import AXES
from gdbench.config.yaml.writing import yaml_of
from gdbench.data.data import load
from gdbench.data.source import Source
from gdbench.descent.errors import GdbenchError
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.learning_rates import needs_of
from gdbench.descent.registry import Registry, Spec
from gdbench.descent.stopping.limits import most_iterations
from gdbench.judgement.next_experiment.suggestions import Changes, Suggestion
from gdbench.planning.plan import make_plan
from gdbench.plugins.choices import BY_AXIS
from gdbench.plugins.packages import CONTENDERS
from gdbench.record.records import PlanRecord
from gdbench.reference.problem import ProblemRecord
from gdbench.reference.problem_records import check_needs, problem_record

#: More iterations than are expected, so that an estimate may be a little short.
SPARE = 1.2


def asked(plan: PlanRecord) -> Experiment | None:
    """What was asked for, read again; None where its config is no longer what it was."""
    path = Path(plan.config_path)
    try:
        found = load_experiment(path, plan.overrides)
        if found.text == plan.config_text:
            return found
    except (GdbenchError, OSError):
        pass
    try:
        return read_experiment(plan.config_text, path)
    except (GdbenchError, OSError):
        return None


def written(experiment: Experiment, wanted: Suggestion, name: str, why: str, folder: Path) -> str | None:
    """The config as YAML for a file in `folder`; None where its data is no longer there."""
    spec = wanted.run.spec
    config: dict[str, Any] = {"name": name, "description": why}
    plugins = [_path(plugin.origin, folder) for plugin in experiment.plugins if plugin.source]
    plugins += [CONTENDERS for plugin in experiment.plugins if plugin.origin == CONTENDERS]
    if plugins:
        config["plugins"] = plugins
    if "surface" not in spec:
        source = _source(experiment, spec)
        if source is None:
            return None
        config["data"] = _data(of_all_folds(source, experiment), wanted.ways[0], folder)
    config["grid"] = _grid(wanted, [*experiment.combining.axes])
    config.update(_settings(experiment, wanted))
    return yaml_of(config)


def planned(text: str, path: Path, known: Mapping[str, ProblemRecord]) -> set[str]:
    """The keys of a config's runs, loaded, planned and checked as if they were to be run; raises GdbenchError.

    known: problems by id; of others, what a run rests on is worked out.
    """
    plan = make_plan(read_experiment(text, path))
    for run in plan.runs:
        if _rests_on_theory(run.spec):
            check_needs(run.spec, known.get(run.problem) or problem_record(plan.problems[run.problem]))
    return {run.key for run in plan.runs}


def _rests_on_theory(spec: Spec) -> bool:
    ((_, given),) = spec["optimizer"].items()
    return bool(needs_of(spec["learning_rate"]) or given.get("theoretical"))


def _source(experiment: Experiment, spec: Spec) -> Source | None:
    """The one that the run's data came from."""
    for source in experiment.sources:
        try:
            if len(experiment.sources) == 1 or load(source).table.digest == spec["digest"]:
                return source
        except GdbenchError:
            continue
    return None


def _data(source: Source, changes: Changes, folder: Path) -> Mapping[str, object]:
    plain = source.to_plain()
    if source.file is not None:
        plain["file"] = _path(str(source.file), folder)
    if source.test_file is not None:
        plain["test"] = {"file": _path(str(source.test_file), folder)}
    changed = {key.removeprefix("data."): value for key, value in changes.items() if key.startswith("data.")}
    return {**plain, **changed}


def _path(found: str, folder: Path) -> str:
    """As it is written in a config in that folder."""
    return found if Path(found).is_absolute() else os.path.relpath(found, folder)


def _settings(experiment: Experiment, wanted: Suggestion) -> Mapping[str, object]:
    """What stands beside the grid, where it is not as usual."""
    targets = list(experiment.targets)
    if wanted.gain is not None and float(wanted.target) not in targets:
        targets.append(float(wanted.target))
    tracking = {key: value for key, value in experiment.tracking.items() if key != "experiment_name"}
    audit = short(GRADIENTS, experiment.audit.to_plain()) if experiment.audit else None
    given = {
        "repeats": max(experiment.repeats, wanted.repeats),
        "seed": experiment.seed,
        "divergence": experiment.divergence,
        "timeout": experiment.timeout,
        "audit": audit,
        "targets": targets or None,
        "tracking": tracking or None,
    }
    usual = {"repeats": 1, "seed": 0, "divergence": 1e6}
    return {key: value for key, value in given.items() if value != usual.get(key)}


# --- the grid


def _grid(wanted: Suggestion, axes: Sequence[str]) -> Mapping[str, object]:
    """The setting's choices; those that change are lists, zipped where they change together."""
    spec = wanted.run.spec
    ways = [_whole(wanted, way) for way in wanted.ways]
    settings = [
        *([spec] if wanted.beside and not wanted.on_other_data else []),
        *({**spec, **way} for way in ways),
    ]
    grid: dict[str, object] = {}
    together: dict[str, list[object]] = {}
    for axis in AXES:
        values = [short(BY_AXIS[axis.name], one[axis.name]) for one in settings if axis.name in one]
        if not values or (axis.name == "kernel" and _by_itself(spec, axes)):
            continue
        if any(value != values[0] for value in values):
            together[axis.name] = values
        elif values[0] != axis.default:
            grid[axis.name] = values[0]
    if len(together) > 1:
        return {**grid, "zip": together}
    return {**grid, **together}


def _by_itself(spec: Spec, axes: Sequence[str]) -> bool:
    """Whether gdbench chose the kernel."""
    return "kernel" not in axes or "compiled" in spec["kernel"] or "centred" in spec["kernel"]


def _whole(wanted: Suggestion, way: Changes) -> Changes:
    """A way's axes; where a gain is told, with the iterations that it needs, until the target is met.

    A rule under which the run has met the target is left as it is, so that the two ways differ in nothing else.
    """
    changed = {key: value for key, value in way.items() if not key.startswith("data.")}
    needed = wanted.gain.with_remedy if wanted.gain else None
    rule = wanted.run.spec["convergence"]
    if needed is None or "convergence" in changed:
        return changed
    limit = most_iterations(rule) or 0
    met = wanted.run.result.iterations_to.get(wanted.target) is not None
    if (met or "max_iterations" in rule) and limit >= SPARE * needed:
        return changed
    most = {"max_iterations": {"limit": max(limit, int(SPARE * needed) + 10)}}
    if "max_iterations" in rule:
        return {**changed, "convergence": most}
    return {**changed, "convergence": {"any": [{"target": {"gap": float(wanted.target)}}, most]}}


def short(registry: Registry[object], choice: Any) -> object:
    """A choice as a person would write it: without what goes without saying."""
    ((name, given),) = choice.items()
    if name in ("any", "all"):
        return {name: [short(registry, member) for member in given]}
    if name not in registry:
        return choice if given else name
    usual = {parameter.name: parameter.default for parameter in registry[name].parameters}
    told = {key: value for key, value in given.items() if key not in usual or value != usual[key]}
    if not told:
        return name
    first = next(iter(usual))
    if list(told) == [first] and not isinstance(told[first], (list, dict)):
        alone = {"constant": "learning rate", "rows": "batch size"}.get(name)
        return told[first] if alone == registry.kind else {name: told[first]}
    return {name: told}


# --- What was found on one fold, as it is asked of all of them: at a rate that is too large for none


def of_all_folds(source: Source, experiment: Experiment) -> Source:
    """All folds of the data where the experiment has them all; else the data as it is."""
    if source.test is None or source.test.fold is None:
        return source
    siblings = [one for one in experiment.sources if one.family == source.family]
    whole = len(siblings) == source.test.folds
    return replace(source, test=replace(source.test, fold=None)) if whole else source


def where(problem: ProblemRecord, experiment: Experiment) -> str:
    """The problem's name; of folds that are tried together what they share, and the one that it was seen on."""
    if problem.family == problem.id:
        return problem.label
    how = problem.data["test"]["how"]
    together = sum(1 for one in experiment.sources if one.test and one.test.fold) >= how["folds"]
    return f"{problem.whole.label}, as on fold {how['fold']}" if together else problem.label


def for_all_folds(wanted: Suggestion, problems: Iterable[ProblemRecord]) -> Suggestion:
    """With rates made smaller by L of its fold ÷ the largest L of all folds, where these are known."""
    own = wanted.setting.problem
    folds = [one for one in problems if one.family == own.family]
    known = [one.smoothness for one in folds if one.smoothness]
    if own.smoothness is None or len(known) < len(folds) or max(known) <= own.smoothness:
        return wanted
    share = own.smoothness / max(known)
    return wanted._replace(ways=tuple(_slower(way, share) for way in wanted.ways))


def _slower(way: Changes, share: float) -> Changes:
    rate = way.get("learning_rate", {}).get("constant", {}).get("rate")
    if rate is None:
        return way
    slower = float(Context(prec=6, rounding=ROUND_DOWN).create_decimal_from_float(share * rate))
    return {**way, "learning_rate": {"constant": {"rate": slower}}}
