"""A figure: a chart with the words that introduce it and the words that replace it.

Its description is Vega-Lite with holes. A hole names a control of the page and holds a piece of the
description for each of that control's choices, so that one description serves every way to look at the data:

    {"choose": "colour", "of": {"learning_rate": {"field": "learning_rate", …}, "optimizer": {…}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import vl_convert

from gdbench.report.charts.palette import theme

Json = Any


@dataclass(frozen=True)
class Control:
    """A choice that the reader of a page makes: its name, its label, and its choices with their titles.

    The first choice is made until the reader makes another. Controls of one name are one control.
    """

    name: str
    label: str
    choices: Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """One chart of a report.

    id: unique on a page, usable as an HTML id and a file name.
    caption: what to see, and every liberty the drawing takes.  alternative: the same without eyes.
    spec: the chart in Vega-Lite with holes, and without colours, which the theme adds. Its marks carry `n`,
        the number of their setting (`Study.numbers`); a mark is bright while `LIT` holds.
    data: the named data sets that the spec speaks of, as rows or as CSV; charts of a page may share them.
    controls: what fills the holes.  problem: the label of that which the chart is about, "" for all.
    """

    id: str
    title: str
    caption: str
    alternative: str
    spec: Mapping[str, Json]
    data: Mapping[str, Json] = field(default_factory=dict)
    controls: Sequence[Control] = ()
    problem: str = ""

    def chosen(self, **choices: str) -> dict[str, Json]:
        """The description for some choices (the first of each control's where none is given), with its data."""
        made = {control.name: next(iter(control.choices)) for control in self.controls} | choices
        spec: dict[str, Json] = resolved(self.spec, made)
        return {**spec, "datasets": {**spec.get("datasets", {}), **self.data}}

    def svg(self, width: int = 760) -> str:
        """A static picture on light paper, drawn without a browser."""
        return str(vl_convert.vegalite_to_svg(self._printed(width)))

    def _printed(self, width: int) -> str:
        return json.dumps({**self.chosen(), "width": width, "config": theme(dark=False)})


def choose(control: Control, pieces: Mapping[str, Json]) -> dict[str, Json]:
    """A hole: a piece for each choice of a control; a piece of None leaves out what it stands for."""
    return {"choose": control.name, "of": dict(pieces)}


def filled(spec: Json, holes: Mapping[str, Json]) -> Json:
    """A description with its holes: in place of '@name', of ['@name'], of an encoding of the field '@name'."""
    if isinstance(spec, str):
        return holes.get(spec, spec)
    if isinstance(spec, dict):
        place = spec.get("field")
        if isinstance(place, str) and place in holes:
            return holes[place]
        return {key: filled(value, holes) for key, value in spec.items() if key not in {"$schema", "config"}}
    if isinstance(spec, list):
        if len(spec) == 1 and isinstance(spec[0], str) and spec[0] in holes:
            return holes[spec[0]]
        return [filled(value, holes) for value in spec]
    return spec


def resolved(spec: Json, choices: Mapping[str, str]) -> Json:
    """A description without holes; the first piece is taken where no choice was made.

    The page's script does the same.
    """
    if isinstance(spec, Mapping):
        if "choose" in spec:
            pieces = spec["of"]
            made = choices.get(spec["choose"])
            return resolved(pieces.get(made, next(iter(pieces.values()))), choices)
        kept = {key: resolved(value, choices) for key, value in spec.items()}
        return {key: piece for key, piece in kept.items() if piece is not None or spec[key] is None}
    if isinstance(spec, list):
        return [resolved(value, choices) for value in spec]
    return spec
