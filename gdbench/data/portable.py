"""From the cells of rows to what a model says of them. It stands alone: every logged model carries a copy.

So what gdbench predicts, and what such a model predicts far from any gdbench, are the same lines. The standard
library only, and a frame is asked by its own methods.
"""

from __future__ import annotations

import json
import math
import runpy
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypedDict

#: What is predicted: one of two classes, one of several, or any number.
TWO_CLASSES, CLASSES, NUMBERS = "two classes", "classes", "numbers"

Column = list[float]


# --- from cells to features


def number(cell: object) -> float:
    """A cell as a number; raises ValueError where it is none."""
    return float(cell if isinstance(cell, (int, float)) else str(cell))


def filled(values: Sequence[float], fill: float) -> Column:
    """A column with a number in place of its gaps, which are NaN."""
    return [value if value == value else fill for value in values]


def indicators(texts: Sequence[object], categories: Sequence[str]) -> Iterator[Column]:
    """For each category but the first: 1 where a row is of it, 0 elsewhere."""
    for category in categories[1:]:
        yield [float(text == category) for text in texts]


def standardized(column: Sequence[float], mean: float, std: float, exponent: int) -> Column:
    """z = (x − mean) / std, of x / 2^exponent as these are; of a column that never varied exactly 0."""
    if std == 0.0:
        return [0.0] * len(column)
    return [(math.ldexp(x, -exponent) - mean) / std for x in column]


def turned(columns: Sequence[Sequence[float]], matrix: Sequence[Sequence[float]]) -> list[Column]:
    """Row by row R x, each sum correctly rounded."""
    rows = list(zip(*columns, strict=True))
    return [[math.fsum([r * x for r, x in zip(axis, row, strict=True)]) for row in rows] for axis in matrix]


def moved(columns: Sequence[Sequence[float]], scale: float, shift: float) -> list[Column]:
    """scale · x + shift."""
    return [[scale * value + shift for value in column] for column in columns]


def label(cell: object, categories: Sequence[str]) -> str:
    """A cell as a category: pandas reads true as True, and 3 beside a gap as 3.0."""
    text = str(cell)
    if text not in categories and isinstance(cell, (bool, float)):
        other = text.removesuffix(".0").casefold()
        return next((known for known in categories if known.casefold() == other), text)
    return text


# --- from scores to predictions


def softmax(scores: Sequence[float]) -> Column:
    """e^(zₖ − m) / Σ e^(zⱼ − m), m the largest."""
    most = max(scores)
    shares = [math.exp(score - most) for score in scores]
    total = math.fsum(shares)
    return [share / total for share in shares]


def largest(scores: Sequence[float]) -> float:
    """The class with the greatest score, by its code; of equal ones the first."""
    return float(max(range(len(scores)), key=scores.__getitem__))


def positive(score: float) -> float:
    """Class 1 or 0: the odds are even at a score of 0, and hinge's border is there as well."""
    return 1.0 if score > 0.0 else 0.0


def headings(target: str, chances: Sequence[str]) -> list[str]:
    """The columns of a table of predictions. chances: the classes that a probability is told of."""
    return [f"predicted {target}", *(f"probability of {name}" for name in chances)]


# --- a model that was written down


class _Input(TypedDict):
    name: str


class Input(_Input, total=False):
    """A column: what stands for a gap in it, and its categories where it holds text."""

    fill: float | str
    categories: list[str]


class Moved(TypedDict):
    """What was done to standardized features on purpose. matrix: empty where they were not turned."""

    matrix: list[Column]
    scale: float
    shift: float


class About(TypedDict):
    """A model as JSON. scales: mean, deviation and exponent of each feature; empty as they stand.

    target: its name.  task: what is predicted.  classes: their names.
    chances: those of which it tells how sure it is.
    """

    inputs: list[Input]
    scales: list[tuple[float, float, int]]
    perturb: Moved | None
    parameters: list[float | str]
    target: str
    task: str
    classes: list[str]
    chances: list[str]


class Series(Protocol):
    """A column of a frame."""

    def isna(self) -> Series: ...
    def astype(self, dtype: type, /) -> Series: ...
    def tolist(self) -> list[object]: ...


class Frame(Protocol):
    """Of pandas, what is asked of it."""

    def __init__(self, data: Mapping[str, Sequence[object]], index: object) -> None: ...
    @property
    def index(self) -> object: ...
    def __getitem__(self, name: str, /) -> Series: ...


#: Parameters and rows of features → the scores of each row.
Scores = Callable[[Column, Sequence[Sequence[float]]], list[Sequence[float]]]


class Model:
    """formula: scores, and `respond`: from a score to the scale of the target, or to the chance of class 1."""

    def __init__(self, about: About, scores: Scores, respond: Callable[[float], float] | None) -> None:
        self.about, self._scores, self._respond = about, scores, respond
        self._w = [float(value) for value in about["parameters"]]

    def predict(self, frame: Frame) -> Frame:
        """A row for each: what is predicted and, where the model tells it, how sure that is. The index stays.

        frame: with the columns that were learned from, in any order.
        """
        cells: dict[str, list[object]] = {}
        for one in self.about["inputs"]:
            column = frame[one["name"]]
            pairs = zip(column.astype(object).tolist(), column.isna().tolist(), strict=True)
            cells[one["name"]] = [None if gap else cell for cell, gap in pairs]
        names = headings(self.about["target"], self.about["chances"])
        said = [*zip(*self.say(cells), strict=True)] or [()] * len(names)
        return type(frame)(dict(zip(names, said, strict=True)), index=frame.index)

    def say(self, cells: Mapping[str, Sequence[object]]) -> list[tuple[float | str, ...]]:
        """Of each row the number or the class, then the probabilities. cells: by column, None for a gap."""
        columns = [column for one in self.about["inputs"] for column in _features(one, cells[one["name"]])]
        if self.about["scales"]:
            columns = [standardized(x, *scale) for x, scale in zip(columns, self.about["scales"], strict=True)]
        after = self.about["perturb"]
        if after:
            columns = turned(columns, after["matrix"]) if after["matrix"] else columns
            columns = moved(columns, after["scale"], after["shift"])
        return [self._of_row(row) for row in zip(*columns, strict=True)]

    def _of_row(self, row: Sequence[float]) -> tuple[float | str, ...]:
        """NaN of what has no value."""
        try:
            (scores,) = self._scores(self._w, [row])
            value, chances = self._of_scores(scores)
        except (ArithmeticError, ValueError):
            return (math.nan, *(math.nan for _ in self.about["chances"]))
        named = self.about["task"] != NUMBERS and not math.isnan(scores[0])
        return (self.about["classes"][int(value)] if named else value, *chances)

    def _of_scores(self, scores: Sequence[float]) -> tuple[float, Sequence[float]]:
        if self.about["task"] == CLASSES:
            return largest(scores), softmax(scores)
        (score,) = scores
        if self._respond is None:
            return positive(score), ()
        response = float(self._respond(score))
        if self.about["task"] == NUMBERS:
            return response, ()
        return positive(score), (1.0 - response, response)


def _features(one: Input, cells: Sequence[object]) -> Iterator[Column]:
    """The features of one column, before they are scaled."""
    name, fill = one["name"], one.get("fill")
    if fill is None and None in cells:
        raise ValueError(f"column '{name}' has a gap, and nothing is known to stand for one.")
    if "categories" in one:
        texts = [fill if cell is None else label(cell, one["categories"]) for cell in cells]
        strange = [text for text in texts if text not in one["categories"]]
        if strange:
            said = f"'{strange[0]}' in {name} is in no training row: it counts as the first label"
            warnings.warn(said, stacklevel=6)
        yield from indicators(texts, one["categories"])
        return
    try:
        values = [math.nan if cell is None else number(cell) for cell in cells]
    except ValueError as error:
        raise ValueError(f"column '{name}': {error}") from None
    yield filled(values, fill) if isinstance(fill, float) else values


def _load_pyfunc(path: str) -> Model:
    """MLflow's entrance. path: the folder with the model as JSON, and its formula."""
    formula = runpy.run_path(str(Path(path) / "formula.py"))
    about: About = json.loads((Path(path) / "model.json").read_text("utf-8"))
    return Model(about, formula["scores"], formula.get("respond"))
