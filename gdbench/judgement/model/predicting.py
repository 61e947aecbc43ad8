"""What a learned model says of rows, and the data that a plan was about, read again as its config says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from gdbench.config.experiment import Experiment
from gdbench.data.columns import Columns, Note
from gdbench.data.data import Dataset, load
from gdbench.data.files import USUAL, Reading
from gdbench.data.portable import CLASSES, NUMBERS, TWO_CLASSES, label, number
from gdbench.data.preparation import Preparation
from gdbench.data.source import Source
from gdbench.descent.errors import GdbenchError, nearest
from gdbench.descent.kernels.compiler import compile_scores
from gdbench.descent.kernels.definition import define
from gdbench.judgement.model import LearnedModel
from gdbench.judgement.next_experiment.writing import asked
from gdbench.judgement.study import Study
from gdbench.record.records import PlanRecord
from gdbench.reference.predictions import predicted, response_of
from gdbench.reference.problem import ProblemRecord


class Prediction(NamedTuple):
    """value: a number, or the code of a class.  label: the class's name, "" of a number.

    probabilities: of each class, in the order of their codes; empty where the model gives none.
    scores: what the model itself gives.
    """

    value: float
    label: str = ""
    probabilities: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()


#: Features of a row, as the model was fitted to them → what it predicts.
Predictor = Callable[[Sequence[float]], Prediction]


def predictor(model: LearnedModel, parameters: Sequence[float] | None = None) -> Predictor:
    """The model as a function of one row's features, compiled as it was for the runs.

    parameters: others than those that were learned.
    """
    spec, w = model.run.spec, list(model.fitted if parameters is None else parameters)
    features = len(model.problem.data["features"])
    scores_of = compile_scores(define(spec["model"], spec["cost"], features, outputs=len(model.outputs)))
    outputs, classes, task = len(model.outputs), model.classes, task_told(model)
    nothing = Prediction(math.nan, "", (math.nan,) * len(chances_of(model)), (math.nan,) * outputs)

    def predict(x: Sequence[float]) -> Prediction:
        try:
            (scores,) = scores_of(w, [tuple(x)])
            said = predicted(spec, task, [scores])
        except (ArithmeticError, ValueError):
            return nothing
        (value,) = said.values
        named = "" if task == NUMBERS or math.isnan(scores[0]) else classes[int(value)]
        chances = tuple(said.probabilities[0]) if said.probabilities else ()
        return Prediction(value, named, chances, tuple(scores))

    return predict


def task_told(model: LearnedModel) -> str:
    """What it predicts: numbers, one of two classes, or one of several."""
    if not tells_classes(model):
        return NUMBERS
    return CLASSES if len(model.outputs) > 1 else TWO_CLASSES


def chances_of(model: LearnedModel) -> tuple[str, ...]:
    """The classes that a probability is told of; none where the cost gives none, as hinge."""
    task = task_told(model)
    telling = task == CLASSES or (task == TWO_CLASSES and response_of(model.run.spec, task) is not None)
    return model.classes if telling else ()


def tells_classes(model: LearnedModel) -> bool:
    """Whether it predicts classes and not numbers."""
    return bool(model.classes) and model.scale in ("σ", "softmax", "margin")


def load_plugins(about: Study) -> None:
    """Load the plug-ins that runs rest on, as the recorded config names them, where they can be had."""
    if any("plugins" in run.spec for run in about.runs):
        asked(about.plan)


class PlanData:
    """The data of a plan's problems; None of those whose file or config is no longer what it was."""

    def __init__(self, plan: PlanRecord) -> None:
        self._plan = plan
        self._read: dict[Source, Dataset | None] = {}

    @cached_property
    def experiment(self) -> Experiment | None:
        """What was asked for; its plug-ins are loaded."""
        return asked(self._plan)

    def of(self, problem: ProblemRecord) -> Dataset | None:
        """By the digest of its content."""
        digest = problem.data.get("digest")
        found = (self._dataset(source) for source in (self.experiment.sources if self.experiment else ()))
        return next((data for data in found if data and data.table.digest == digest), None) if digest else None

    def source(self, problem: ProblemRecord) -> Source | None:
        """Where it comes from."""
        wanted = self.of(problem)
        return next((source for source, data in self._read.items() if data is wanted), None) if wanted else None

    def _dataset(self, source: Source) -> Dataset | None:
        if source not in self._read:
            try:
                self._read[source] = load(source)
            except GdbenchError:
                self._read[source] = None
        return self._read[source]


def preparation_of(model: LearnedModel, data: PlanData) -> Preparation:
    """How rows become features: from the record, of an older one from the data read again."""
    recorded = model.problem.data.get("preparation")
    if recorded:
        return Preparation.from_plain(recorded)
    known = data.of(model.problem)
    if known is None:
        raise GdbenchError(
            f"{model.problem.label}: the record does not say how its rows were prepared, and the data is no "
            "longer where it was. Run the experiment again."
        )
    return known.preparation


def reading_of(model: LearnedModel, data: PlanData) -> Reading:
    """How the file that it was trained on was read; the usual way where that was no file."""
    sources = data.experiment.sources if data.experiment else ()
    files = [s for s in sources if s.file is not None and s.file.name == model.problem.data.get("name")]
    if len({source.reading for source in files}) > 1:
        mine = data.source(model.problem)
        files = [source for source in files if source == mine]
    return files[0].reading if files else USUAL


class Told(NamedTuple):
    """predictions: one for each row.  unseen: labels that no row of the training had."""

    predictions: list[Prediction]
    unseen: list[Note]


def predict_rows(model: LearnedModel, preparation: Preparation, columns: Columns) -> Told:
    """What a model says of rows that are read but not prepared; raises GdbenchError for a gap."""
    features = preparation.apply(columns)
    predict = predictor(model)
    return Told([predict(row) for row in zip(*features.values(), strict=True)], preparation.unseen(columns))


def columns_of(preparation: Preparation, cells: Mapping[str, Sequence[object]], name: str) -> Columns:
    """Rows in memory, as the preparation takes them; raises GdbenchError for what is missing or no number."""
    features: dict[str, Sequence[float]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for one in preparation.inputs:
        if one.name not in cells:
            raise GdbenchError(f"{name}: the column '{one.name}' is missing. {nearest(one.name, list(cells))}")
        column = cells[one.name]
        gaps = [cell is None or cell != cell for cell in column]
        if one.categories:
            texts = ["" if gap else label(cell, one.categories) for cell, gap in zip(column, gaps, strict=True)]
            labels[one.name] = tuple(sorted({text for text, gap in zip(texts, gaps, strict=True) if not gap}))
            code = {text: float(i) for i, text in enumerate(labels[one.name])}
            features[one.name] = [math.nan if gap else code[t] for t, gap in zip(texts, gaps, strict=True)]
        else:
            features[one.name] = [
                math.nan if g else _number(c, one.name) for c, g in zip(column, gaps, strict=True)
            ]
    length = len(next(iter(features.values()), ()))
    return Columns(name, name, features, "", [0.0] * length, labels=labels)


def _number(cell: object, column: str) -> float:
    try:
        return number(cell)
    except ValueError:
        raise GdbenchError(f"column '{column}': {str(cell)[:40]!r} is no number.") from None
