"""What charts are written with: layers in Vega-Lite's own words, which the page's script and vl-convert draw.

A description is plain: names and what JSON can hold. That Vega-Lite takes it is for the tests to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

#: A piece of a description, or a row of data: names and what JSON can hold.
Piece = Mapping[str, object]


@dataclass(frozen=True)
class Layer:
    """A mark for each row of some data. Each method gives another layer, with what is added.

    data: None for that of the chart around it.
    """

    data: Piece | None = None
    transform: tuple[Piece, ...] = ()
    mark: Piece = field(default_factory=dict)
    encoding: Piece = field(default_factory=dict)
    params: tuple[Piece, ...] = ()

    def of(self, data: Piece) -> Layer:
        """The same of other data."""
        return replace(self, data=data)

    def transformed(self, *more: Piece) -> Layer:
        return replace(self, transform=(*self.transform, *more))

    def where(self, test: object) -> Layer:
        """Of the rows that pass."""
        return self.transformed({"filter": test})

    def marked(self, kind: str, **looks: object) -> Layer:
        return replace(self, mark={"type": kind, **looks})

    def encoded(self, **channels: object) -> Layer:
        """What each channel shows; one of None is left out."""
        more = {name: shown for name, shown in channels.items() if shown is not None}
        return replace(self, encoding={**self.encoding, **more})

    def selecting(self, param: Piece) -> Layer:
        """With a selection that the reader makes on it."""
        return replace(self, params=(*self.params, param))

    @property
    def piece(self) -> Piece:
        return {
            **({"data": self.data} if self.data else {}),
            **({"transform": list(self.transform)} if self.transform else {}),
            **({"params": list(self.params)} if self.params else {}),
            "mark": self.mark,
            **({"encoding": self.encoding} if self.encoding else {}),
        }


def calculate(name: str, expression: str) -> Piece:
    """A transform that gives each row one more field."""
    return {"calculate": expression, "as": name}


def layered(layers: Sequence[Layer | Piece], **whole: object) -> Piece:
    """Layers over one another. whole: what holds for all of them, such as data and height."""
    return {**whole, "layer": [one.piece if isinstance(one, Layer) else one for one in layers]}


def named(name: object) -> Piece:
    """A data set of the figure."""
    return {"name": name}


def csv(name: object, *columns: str) -> Piece:
    """The same written as CSV; its columns are numbers."""
    return {"name": name, "format": {"type": "csv", "parse": dict.fromkeys(columns, "number")}}


def inline(*rows: Piece) -> Piece:
    """Rows that stand in the description itself."""
    return {"values": list(rows)}


def quantitative(field: str, **more: object) -> Piece:
    """A channel that shows a number."""
    return {"field": field, "type": "quantitative", **more}


def nominal(field: str, **more: object) -> Piece:
    """A channel that shows a name."""
    return {"field": field, "type": "nominal", **more}


def value(fixed: object) -> Piece:
    """A channel that is the same for all rows."""
    return {"value": fixed}


def when(test: Piece, held: object, otherwise: object) -> Piece:
    """A channel with one of two values. test: {"test": an expression}, or {"param": a selection}."""
    return {"condition": {**test, "value": held}, "value": otherwise}
