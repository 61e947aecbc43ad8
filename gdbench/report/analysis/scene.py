"""A learned model among its rows: what it predicts for them, between them, and on its way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from gdbench.data.data import Dataset
from gdbench.judgement.model import LearnedModel
from gdbench.judgement.model.predicting import PlanData, Prediction, predictor, tells_classes

#: Rows that are looked at, at most, and stages of a descent.
ROWS, STAGES = 1000, 5

#: Where a row is from.
TRAINING, HELD_OUT = PARTS = ("training", "held out")


class Seen(NamedTuple):
    """A row: its features in the units that are drawn, its target, where it is from, what is predicted."""

    x: tuple[float, ...]
    y: float
    part: str
    predicted: Prediction

    @property
    def error(self) -> float:
        """Actual less predicted."""
        return self.y - self.predicted.value


class Scene(NamedTuple):
    """A model, its data, and some of the rows. units: of each feature the (mean, deviation) that is undone."""

    model: LearnedModel
    data: Dataset
    units: Sequence[tuple[float, float]]
    rows: Sequence[Seen]

    @property
    def classes(self) -> bool:
        """Whether it predicts classes."""
        return tells_classes(self.model)

    @property
    def target(self) -> str:
        return self.data.target_name

    def name(self, place: int) -> str:
        return self.data.feature_names[place]

    def class_of(self, code: float) -> str:
        return self.model.classes[int(code)]

    def span(self, place: int, points: int) -> list[float]:
        """Evenly over where the rows lie, with a little room."""
        values = [row.x[place] for row in self.rows]
        room = 0.05 * (max(values) - min(values)) or 1.0
        return spaced(min(values) - room, max(values) + room, points)

    def predicted(
        self, points: Sequence[Sequence[float]], parameters: Sequence[float] | None = None
    ) -> list[Prediction]:
        """For points in the units that are drawn. parameters: others than those that were learned."""
        predict = predictor(self.model, parameters)
        return [predict(self._as_fitted(x)) for x in points]

    def _as_fitted(self, x: Sequence[float]) -> list[float]:
        return [(value - mean) / std if std else 0.0 for value, (mean, std) in zip(x, self.units, strict=True)]

    @property
    def stages(self) -> dict[int, Sequence[float] | None]:
        """A few iterations with the parameters there; the last alone where no path of these was kept."""
        path = self.model.run.result.path
        if self.classes or len(path) < 2 or len(self.model.fitted) != 2:
            return {self.model.run.result.iterations: None}
        far = math.log(len(path))
        places = {min(len(path) - 1, round(math.exp(far * i / (STAGES - 1)) - 1)) for i in range(STAGES)}
        return {int(path[place][0]): path[place][1:] for place in sorted(places)}

    @property
    def left_out(self) -> int:
        """Rows of the training that are not among these."""
        return len(self.data.table.rows) - sum(row.part == TRAINING for row in self.rows)


def scene(model: LearnedModel, data: PlanData) -> Scene | None:
    """None where the data is no longer what it was."""
    known = data.of(model.problem)
    if known is None:
        return None
    undone = known.standardized and not known.perturbation
    units = list(zip(known.means, known.stds, strict=True)) if undone else [(0.0, 1.0)] * known.table.features
    tables = [known.table, *([known.held_out.table] if known.held_out else [])]
    predict = predictor(model)
    rows = [
        Seen(_undone(row, units), row[-1], part, predict(row[: table.features]))
        for table, part in zip(tables, PARTS, strict=False)
        for row in table.rows[:: math.ceil(len(table.rows) / ROWS)]
    ]
    return Scene(model, known, units, rows)


def _undone(row: Sequence[float], units: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    return tuple(mean + std * z for z, (mean, std) in zip(row, units, strict=False))


def spaced(low: float, high: float, points: int) -> list[float]:
    """So many numbers, evenly, both ends among them."""
    return [low + (high - low) * i / (points - 1) for i in range(points)]


def fitted_rows(shown: Scene) -> list[dict[str, object]]:
    """The rows of one feature, as they are drawn."""
    classes = shown.model.classes if shown.classes else ()
    return [
        {
            "x": short(row.x[0]),
            "y": 1.0 if len(classes) > 2 else short(row.y),
            "part": row.part,
            "line": shown.class_of(row.y) if classes else "",
        }
        for row in shown.rows
    ]


def short(value: float) -> float:
    """Enough digits to be drawn."""
    return float(f"{value:.5g}")
