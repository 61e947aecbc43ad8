"""A report is a list of sections, a section a list of parts: figures, tables and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gdbench.report.charts.figure import Figure
from gdbench.report.page.theory_card import Property
from gdbench.report.tables.table import Table


@dataclass(frozen=True)
class Prose:
    """A paragraph. quiet: small print."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Items:
    """A list of sentences. title: a heading above it, or ""."""

    items: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Properties:
    """Names and values."""

    properties: tuple[Property, ...]
    title: str = ""


@dataclass(frozen=True)
class Code:
    """Text to copy, kept as it is. summary: what it is, where it is folded away; "" shows it at once."""

    text: str
    summary: str = ""


@dataclass(frozen=True)
class Folded:
    """Parts that open when asked."""

    summary: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Gallery:
    """Figures of which a page shows one kind at a time. kinds: what each kind is called, the first one first.

    id: unique in a report.
    """

    id: str
    figures: tuple[Figure, ...]

    @property
    def kinds(self) -> dict[str, str]:
        """Kind → what a reader chooses it by."""
        found = {kind_of(one): one.title.removesuffix(f" · {one.problem}") for one in self.figures}
        return {kind: _KINDS.get(kind, title) for kind, title in found.items()}


#: What the pictures of a question are called where there are several.
_KINDS = {
    "gap": "every setting",
    "rates": "by learning rate",
    "heat": "two choices at a time",
    "test": "training and test",
    "profile-performance": "performance profile",
    "profile-data": "data profile",
    "profile-one-setting": "one setting for all",
    "profile-defaults": "authors' defaults",
    "tuning": "what tuning brings",
    "ranks": "mean ranks",
}


def kind_of(figure: Figure) -> str:
    """'gap' of 'gap-2': what figures of several problems have in common."""
    return re.sub(r"-\d+$", "", figure.id)


Part = Prose | Items | Properties | Code | Table | Figure | Gallery | Folded


@dataclass(frozen=True)
class Section:
    """One entry of a report. id: unique in it, usable as an HTML id.  A section without parts is left out."""

    id: str
    title: str
    parts: Sequence[Part]

    @property
    def figures(self) -> list[Figure]:
        """The first of each kind."""
        found: dict[str, Figure] = {}
        for part in self.parts:
            for figure in (
                part.figures if isinstance(part, Gallery) else [part] if isinstance(part, Figure) else []
            ):
                found.setdefault(kind_of(figure), figure)
        return list(found.values())
