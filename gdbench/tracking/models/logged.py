"""What the best runs have learned, as logged models of MLflow, and registered where that is asked for."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.outside import markdown
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model import best_models, learned
from gdbench.judgement.model.predicting import PlanData, load_plugins, preparation_of
from gdbench.judgement.outcome import as_judged, sound
from gdbench.judgement.sentences.learned import equations
from gdbench.tracking.child import content, source_tags
from gdbench.tracking.destination import HeldModel, OutgoingModel, Version, data_of
from gdbench.tracking.models.files import package
from gdbench.tracking.parent import NOTE_TAG, options
from gdbench.tracking.server.embedded import KEY_TAG
from gdbench.tracking.wire import cut, millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gdbench.data.preparation import Preparation
    from gdbench.judgement.model import LearnedModel
    from gdbench.judgement.study import Study
    from gdbench.record.records import PlanRecord
    from gdbench.record.store import Store
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.destination import Data, Destination, Experiment, Written
    from gdbench.tracking.wire import Point

#: What it is called below its run: runs:/…/model.
NAME = "model"

#: Whether it is the best of its problem, as far as is known.
BEST_TAG = "gdbench.best"

#: Characters of a registered model's name.
_REGISTERED = 250

#: Numbers of a table that is read again for the means of its columns.
_SMALL = 100_000


class Wanted(NamedTuple):
    """The best model of a problem, or another one, and the MLflow run that it was learned in."""

    model: LearnedModel
    run_id: str
    best: bool


def log_models(
    there: Destination, experiment: Experiment, about: Study, store: Store, children: Mapping[str, Written]
) -> None:
    """Log what the config wants and what is not there yet. children: by the keys of their runs."""
    asked = options(about.plan)
    if asked.models == "none" or not children:
        return
    load_plugins(about)
    held = _held(there, experiment)
    best = {model.run.key: model for model in best_models(about, store) if model.run.key in children}
    data, ids = PlanData(about.plan), dict[str, str]()
    for wanted in _wanted(about, store, children, best, every=asked.models == "all"):
        known = held.get(wanted.run_id)
        if known is None:
            outgoing = _outgoing(wanted, about, data)
            ids[wanted.run_id] = there.log_model(experiment, outgoing) if outgoing else ""
        else:
            ids[wanted.run_id] = known.model_id
            _rank(there, known, best=wanted.best)
    for run in about.runs:
        known = held.get(children[run.key].run_id) if run.key in children and run.key not in best else None
        if known:  # the plan has grown
            _rank(there, known, best=False)
    for key, model in best.items() if asked.register_as else ():
        run_id = children[key].run_id
        if ids[run_id]:
            name = _registered_name(asked.register_as, model, alone=len(best) == 1)
            there.register(Version(name, model.problem.label, ids[run_id], run_id, {KEY_TAG: key}))


def _held(there: Destination, experiment: Experiment) -> dict[str, HeldModel]:
    """Run id → its model, of ours; torn ones are thrown away."""
    found = dict[str, HeldModel]()
    for one in list(there.models(experiment, NAME)):
        if KEY_TAG in one.tags and one.whole:
            found[one.run_id] = one
        elif KEY_TAG in one.tags:
            there.delete_model(one.model_id)
    return found


def _wanted(
    about: Study,
    store: Store,
    children: Mapping[str, Written],
    best: Mapping[str, LearnedModel],
    *,
    every: bool,
) -> Iterator[Wanted]:
    for key, model in best.items():
        yield Wanted(model, children[key].run_id, best=True)
    others = [run.key for run in about.runs if run.key in children and run.key not in best] if every else []
    for record in store.runs(others):
        found = learned(record, about.problems[record.problem])
        if found is not None:
            yield Wanted(found, children[record.key].run_id, best=False)


def _rank(there: Destination, known: HeldModel, *, best: bool) -> None:
    if (known.tags.get(BEST_TAG) == "yes") != best:
        there.tag_model(known.model_id, {BEST_TAG: "yes" if best else "no"})


def _outgoing(wanted: Wanted, about: Study, data: PlanData) -> OutgoingModel | None:
    """The model in MLflow's terms; None of an old record whose data has changed since."""
    model, run = wanted.model, wanted.model.run
    try:
        preparation = preparation_of(model, data)
    except GdbenchError:
        return None
    packed = package(model, preparation, _usual(model, preparation, data))
    problem = sound(model.problem, [run])
    known = content(as_judged(run, problem), problem, 2)
    learned_at = datetime.fromtimestamp(run.finished, UTC).isoformat(sep=" ")
    return OutgoingModel(
        name=NAME,
        run_id=wanted.run_id,
        kind=next(iter(run.spec["model"])),
        made=millis(run.finished),
        tags={**_tags(wanted), **source_tags(about.plan)},
        params=known.params,
        metrics=_metrics(known.points, problem, about.plan),
        files=lambda model_id: packed.placed(model_id, wanted.run_id, learned_at),
    )


def _metrics(
    points: Iterable[Point], problem: ProblemRecord, plan: PlanRecord
) -> dict[Data | None, list[Point]]:
    """What was measured at the end: on the rows trained on, and on those held out."""
    trained = data_of(problem, plan)
    found: dict[Data | None, list[Point]] = {}
    test, held_out = problem.data.get("test"), None
    if trained and test:
        held_out = trained._replace(name=f"{trained.name} · held out", digest=str(test["digest"])[:32])
    for point in points:
        if point.step == 0 and math.isfinite(point.value) and not point.key.startswith("hp/"):
            on = held_out if "test" in re.split("[/_]", point.key) else trained
            found.setdefault(on, []).append(point)
    return found


def _tags(wanted: Wanted) -> dict[str, str]:
    model = wanted.model
    lines = "\n".join(f"- {markdown(line)}" for line in equations(model))
    asked = f'mlflow.pyfunc.load_model("runs:/{wanted.run_id}/{NAME}").predict(frame)'
    note = f"{markdown(model.problem.label)}\n\n{lines}\n\n`{asked}` takes the columns of the data as they are."
    best = "yes" if wanted.best else "no"
    return {KEY_TAG: model.run.key, BEST_TAG: best, "problem": model.problem.label, NOTE_TAG: note}


def _usual(model: LearnedModel, preparation: Preparation, data: PlanData) -> dict[str, float]:
    """A middle of each column of numbers, of which the preparation may tell none."""
    numbers = [one for one in preparation.inputs if not one.categories and one.fill is None]
    means = dict(zip(preparation.names, preparation.means, strict=False))
    small = model.problem.rows * model.problem.features <= _SMALL
    if means or not numbers or preparation.perturbation or not small:
        return means
    read = data.of(model.problem)
    columns = zip(*read.table.rows, strict=True) if read else ()
    found = zip(preparation.names, columns, strict=False)
    return {name: math.fsum(column) / len(column) for name, column in found}


def _registered_name(name: str, model: LearnedModel, *, alone: bool) -> str:
    """Of several problems each has a registered model of its own; MLflow takes neither / nor : in a name."""
    whole = name if alone else f"{name} · {model.problem.label}"
    return cut(whole.replace("/", "_").replace(":", "_"), _REGISTERED)
