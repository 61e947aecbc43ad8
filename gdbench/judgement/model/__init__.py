"""The model that was learned: its parameters by name, as they were fitted and in the units of the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import GdbenchError
from gdbench.descent.models import ModelFacts, model_facts
from gdbench.descent.problems.shape import ParameterName
from gdbench.descent.registry import Spec
from gdbench.judgement.model.flat import Flat, flat_directions
from gdbench.judgement.model.original import Undone, inputs_of, undone
from gdbench.judgement.study import Study, median_run
from gdbench.plugins.loading import plugin_of
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import DataRecord, ProblemRecord


class Parameter(NamedTuple):
    """A number that was learned. value: as it was fitted, None of a term that only other units have.

    original: in the units of the data; None where there is no such number.
    """

    name: ParameterName
    value: float | None
    original: float | None


@dataclass(frozen=True)
class LearnedModel:
    """What a run has learned.

    run: its record, with parameters.  outputs: the names of the scores, "" of a single one.
    parameters: in their places, and behind them terms that only the units of the data have.
    changed: whether what was fitted stands in other units than the data.
    cannot: why there are no units of the data to tell it in, as a code: "", "formula", "basis", "unknown".
    flat: the directions in which nothing determines the parameters.
    """

    run: RunRecord
    problem: ProblemRecord
    outputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    changed: bool
    cannot: str
    flat: tuple[Flat, ...]

    @property
    def facts(self) -> ModelFacts:
        return model_facts(self.run.spec["model"])

    @property
    def answered(self) -> bool:
        """Whether it is of the point that the method answers with, and not of the last iterate."""
        return self.run.result.answer is not None

    @property
    def scale(self) -> str:
        """How a score becomes a prediction: "identity", "σ", "exp", "softmax", or "margin": its sign tells."""
        return scale_of(self.run.spec)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes that are told apart; empty of other targets."""
        return classes_of(self.run.spec, self.problem.data, len(self.outputs))

    @cached_property
    def fitted(self) -> list[float]:
        return [p.value for p in self.parameters if p.value is not None]

    @property
    def original(self) -> dict[str, float] | None:
        """Name → number in the units of the data; None where there are none."""
        if self.cannot:
            return None
        return {p.name.text: p.original for p in self.parameters if p.original is not None}

    @property
    def naming(self) -> dict[str, object]:
        """What all runs of the problem share, JSON-plain: names, features, and what was done to these."""
        data = self.problem.data
        return {
            "label": self.problem.label,
            "names": [p.name.text for p in self.parameters if p.value is not None],
            "features": list(data["features"]),
            "means": list(data.get("means", ())),
            "deviations": list(data.get("stds", ())),
        }

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""
        return {
            "run": self.run.key,
            "problem": self.problem.label,
            "parameters": [
                {
                    "name": p.name.text,
                    **{key: part for key, part in p.name._asdict().items() if part},
                    "value": as_json(p.value),
                    "original": as_json(p.original),
                }
                for p in self.parameters
            ],
            "changed": self.changed,
            "cannot": self.cannot,
            "flat": [flat.to_plain() for flat in self.flat],
            **({"point": "answer"} if self.answered else {}),
        }


def as_json(value: float | None) -> float | str | None:
    """JSON has no infinities: they become text."""
    return value if value is None or math.isfinite(value) else str(value)


def learned(run: RunRecord, problem: ProblemRecord) -> LearnedModel | None:
    """What a run has learned; None of a surface, of a run without parameters, or whose code is not here.

    run: with its parameters, which the store gives along with curves.
    """
    values = run.result.answered
    if not values or "model" not in run.spec or not problem.data.get("features") or absent_code(run.spec):
        return None
    try:
        outputs, names = problem.names(run.spec, len(values))
        found = undone(run.spec, problem.data, names, outputs, values)
    except GdbenchError:
        return None
    if len(names) != len(values):
        return None

    def undo(direction: Sequence[float]) -> Mapping[ParameterName, float | None]:
        return undone(run.spec, problem.data, names, outputs, direction).values

    flat = flat_directions(run.spec, problem, names, outputs, undo)
    parameters = _parameters(names, values, found)
    return LearnedModel(run, problem, outputs, parameters, found.changed, found.cannot, flat)


def absent_code(spec: Spec) -> str:
    """'model mine', of which the plug-in is not loaded or has changed since the run was made; else "".

    What a cost was makes no difference to a model, unless there is another of its name.
    """
    for what, digest in spec.get("plugins", {}).items():
        kind, _, name = what.partition(" ")
        found = plugin_of(kind, name) if kind in ("model", "cost") else None
        if kind == "model" if found is None else found.digest != digest:
            return str(what)
    return ""


def best_models(study: Study, store: Store, most: int | None = None) -> list[LearnedModel]:
    """Of each problem, what the middle run of its best setting has learned.

    most: problems of more parameters than these are left out.  What a race has paused has not learned yet.
    """
    ended = [best for best in study.best if best.usable and not best.outpaced]
    chosen = [best for best in ended if most is None or best.problem.parameters <= most]
    found = (learned(store.run(median_run(best).key), best.problem) for best in chosen)
    return [model for model in found if model is not None]


def the_model(study: Study, store: Store, key: str | None) -> LearnedModel:
    """What one run has learned; without a key the best of a study that has one problem."""
    if key is not None:
        return model_of(study, store, key)
    found = best_models(study, store)
    if len(found) == 1:
        return found[0]
    name = study.plan.experiment
    if not found:
        raise GdbenchError(f"{name}: {why_none(study)}.")
    best = "".join(f"\n  --run {model.run.key[:8]}   {model.problem.label}" for model in found)
    raise GdbenchError(f"{name}: it has {len(found)} problems. Choose a run; the best of each:{best}")


def why_none(study: Study) -> str:
    """Why a study has no learned model."""
    absent = next(filter(None, (absent_code(run.spec) for run in study.runs)), "")
    return _absent(absent) if absent else "no run on data has ended at a point that can be used"


def _absent(what: str) -> str:
    return f"the plug-in of {what} is not here as it was when the runs were made"


def model_of(study: Study, store: Store, key: str) -> LearnedModel:
    """What one run has learned. key: its beginning."""
    keys = [run.key for run in study.runs if run.key.startswith(key)]
    if len(keys) != 1:
        what = f"{len(keys)} runs have keys that begin" if keys else "no finished run has a key that begins"
        raise GdbenchError(
            f"{study.plan.experiment}: {what} with '{key}'. The column 'key' of runs.csv has them all: "
            f"gdbench report {study.plan.experiment}"
        )
    run = store.run(keys[0])
    found = learned(run, study.problems[run.problem])
    if found is None:
        absent = absent_code(run.spec)
        why = "it went down a surface" if "surface" in run.spec else "it left no parameters"
        why = _absent(absent) if absent else why
        raise GdbenchError(f"{study.plan.experiment}: run {run.key} has no model to show: {why}.")
    return found


def _parameters(
    names: Sequence[ParameterName], values: Sequence[float], found: Undone
) -> tuple[Parameter, ...]:
    own = [Parameter(name, value, found.values.get(name)) for name, value in zip(names, values, strict=True)]
    more = [Parameter(name, None, v) for name, v in found.values.items() if name not in set(names)]
    return (*own, *more)


def scale_of(spec: Spec) -> str:
    """How the scores of a spec become predictions: by the model's response where the cost compares that."""
    fitted, compared = model_facts(spec["model"]), cost_facts(spec["cost"])
    if compared.on == "response":
        if fitted.responds_as_is:
            return "identity"
        return {"logit": "σ", "log": "exp"}.get(fitted.link, "response")
    link = fitted.link if compared.link is None else compared.link
    if link == "" and compared.targets == "binary":
        return "margin"
    return {"logit": "σ", "log": "exp", "softmax": "softmax"}.get(link, "identity")


def classes_of(spec: Spec, data: DataRecord, outputs: int) -> tuple[str, ...]:
    """The names of the classes, by their codes; 0 and 1 where nobody has named them."""
    targets, known = cost_facts(spec["cost"]).targets, tuple(str(name) for name in data.get("classes", ()))
    if targets == "binary":
        return known if len(known) == 2 else ("0", "1")
    if targets == "classes":
        return known if len(known) == outputs else tuple(str(k) for k in range(outputs))
    return known if len(known) == 2 else ()


__all__ = [
    "Flat",
    "LearnedModel",
    "Parameter",
    "absent_code",
    "as_json",
    "best_models",
    "classes_of",
    "inputs_of",
    "learned",
    "model_of",
    "scale_of",
    "the_model",
    "why_none",
]
