"""What a learned model says of rows, and the data that a plan was about, read again as its config says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from gdbench.config.experiment import Experiment
from gdbench.data.data import Dataset, load
from gdbench.data.source import Source
from gdbench.descent.errors import GdbenchError
from gdbench.descent.models import MODELS
from gdbench.descent.registry import find
from gdbench.judgement.model import LearnedModel
from gdbench.judgement.next_experiment.writing import asked
from gdbench.record.records import PlanRecord
from gdbench.reference.predictions import CLASSES, NUMBERS, TWO_CLASSES, predicted
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
    """The model as a function of one row's features. parameters: others than those that were learned."""
    spec, w = model.run.spec, list(model.fitted if parameters is None else parameters)
    entry, chosen = find(MODELS, spec["model"])
    outputs, classes = len(model.outputs), model.classes
    task = NUMBERS if not tells_classes(model) else CLASSES if outputs > 1 else TWO_CLASSES

    def predict(x: Sequence[float]) -> Prediction:
        try:
            found = entry.function(w, x, outputs, **chosen)
            scores = tuple(map(_float, found if isinstance(found, Sequence) else [found]))
            said = predicted(spec, task, [scores])
        except (ArithmeticError, ValueError):
            return Prediction(math.nan, scores=(math.nan,) * outputs)
        (value,) = said.values
        label = "" if task == NUMBERS or math.isnan(scores[0]) else classes[int(value)]
        chances = tuple(said.probabilities[0]) if said.probabilities else ()
        return Prediction(value, label, chances, scores)

    return predict


def tells_classes(model: LearnedModel) -> bool:
    """Whether it predicts classes and not numbers."""
    return bool(model.classes) and model.scale in ("σ", "softmax", "margin")


def _float(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)


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
