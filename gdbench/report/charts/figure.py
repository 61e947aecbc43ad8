"""A figure: a chart with the words that introduce it and the words that replace it.

Its description is Vega-Lite with holes. A hole names a control of the page and holds a piece of the
description for each of that control's choices, so that one description serves every way to look at the data:

    {"choose": "colour", "of": {"learning_rate": {"field": "learning_rate", …}, "optimizer": {…}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gdbench.config.outside import visible_tree
from gdbench.judgement.numerals import count, listing
from gdbench.reference.problem import ProblemRecord
from gdbench.report.charts.drawing import svgs
from gdbench.report.charts.palette import theme
from gdbench.report.charts.vega_lite import Piece

#: The parameter of a description that says which iteration is shown.
FRAME = "frame"

#: Settings, paths or rows whose ends the words that replace a chart tell; the tables have the rest.
TOLD = 12


@dataclass(frozen=True)
class Control:
    """A choice that the reader of a page makes: its name, its label, and its choices with their titles.

    The first choice is made until the reader makes another. Controls of one name are one control.
    """

    name: str
    label: str
    choices: Mapping[str, str]


@dataclass(frozen=True)
class Played:
    """What a reader moves through: a figure's parameter `FRAME`, an iteration, takes one of `frames`.

    with_: the id of the figure that has the controls; those of one such id move together.
    rows: the data set with what holds at each iterate of each path: path, k, until (the next k), and columns.
    paths: what each path is called, how it ended, and its `n`.  columns: column → what it is called.
    """

    with_: str
    frames: Sequence[int]
    rows: str = ""
    paths: Sequence[tuple[str, str, int]] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def to_plain(self) -> Piece:
        """For the page's script."""
        return {
            "with": self.with_,
            "frames": list(self.frames),
            "rows": self.rows,
            "paths": [list(path) for path in self.paths],
            "columns": [list(column) for column in self.columns.items()],
        }


@dataclass(frozen=True)
class Figure:
    """One chart of a report.

    id: unique on a page, usable as an HTML id and a file name.
    caption: what to see, and every liberty the drawing takes.  alternative: the same without eyes.
    spec: the chart in Vega-Lite with holes, and without colours, which the theme adds. Its marks carry `n`,
        the number of their setting (`Study.numbers`); a mark is bright while `LIT` holds.
    data: the named data sets that the spec speaks of, as rows or as CSV; charts of a page may share them.
    controls: what fills the holes.  problem: the label of that which the chart is about, "" for all.
    played: of a chart of a descent, by what it moves.
    """

    id: str
    title: str
    caption: str
    alternative: str
    spec: Piece
    data: Mapping[str, Sequence[Piece] | str] = field(default_factory=dict)
    controls: Sequence[Control] = ()
    problem: str = ""
    played: Played | None = None

    def chosen(self, **choices: str) -> dict[str, object]:
        """The description for some choices (the first of each control's where none is given), with its data."""
        made = {control.name: next(iter(control.choices)) for control in self.controls} | choices
        spec = _mapping(resolved(self.drawable, made))
        return {**spec, "datasets": {**_mapping(spec.get("datasets", {})), **self.data}}

    @property
    def drawable(self) -> Piece:
        """The spec without backslashes in titles: Vega-Lite puts these into expressions, where one acts."""
        return _mapping(_without_backslashes(self.spec))

    def svg(self, width: int = 760) -> str:
        """A static picture on light paper, drawn without a browser."""
        [picture] = svgs([self.static(width)])
        return picture

    def static(self, width: int = 760) -> str:
        """The whole description of that picture, as JSON: what XML cannot hold would end vl-convert, and us."""
        return json.dumps(visible_tree({**self.chosen(), "width": width, "config": theme(dark=False)}))


def _without_backslashes(spec: object) -> object:
    """In titles, which may be names from outside, a sign that looks like one."""
    match spec:
        case Mapping():
            return {
                key: value.replace("\\", "\u2216")
                if key == "title" and isinstance(value, str)
                else _without_backslashes(value)
                for key, value in spec.items()
            }
        case list():
            return [_without_backslashes(value) for value in spec]
    return spec


@dataclass(frozen=True)
class Subject:
    """The problem that a chart is about: its number in the study, from 1, and whether there are several."""

    problem: ProblemRecord
    number: int
    several: bool

    def id(self, kind: str) -> str:
        """Of the chart of a kind: 'gap', 'gap-2'."""
        return kind if self.number == 1 else f"{kind}-{self.number}"

    def data(self, kind: str) -> str:
        """The name of a data set: 'lines-1'."""
        return f"{kind}-{self.number}"

    def titled(self, what: str) -> str:
        return f"{what[0].upper()}{what[1:]}{f' · {self.problem.label}' if self.several else ''}"


def first_of(texts: Sequence[str], what: str = "") -> str:
    """The first `TOLD` of some texts, and how many more there are: '…, …; and 8 more settings'."""
    left = len(texts) - TOLD
    return f"{listing(list(texts[:TOLD]))}{f'; and {count(left)} more{what}' if left > 0 else ''}"


def choose(control: Control, pieces: Mapping[str, object]) -> Piece:
    """A hole: a piece for each choice of a control; a piece of None leaves out what it stands for."""
    return {"choose": control.name, "of": dict(pieces)}


def resolved(spec: object, choices: Mapping[str, str]) -> object:
    """A description without holes; the first piece is taken where no choice was made.

    The page's script does the same.
    """
    match spec:
        case {"choose": str(name), "of": Mapping() as pieces}:
            return resolved(pieces.get(choices.get(name), next(iter(pieces.values()))), choices)
        case Mapping():
            kept = {key: resolved(value, choices) for key, value in spec.items()}
            return {key: piece for key, piece in kept.items() if piece is not None or spec[key] is None}
        case list():
            return [resolved(value, choices) for value in spec]
    return spec


def _mapping(piece: object) -> Piece:
    assert isinstance(piece, Mapping)
    return piece
