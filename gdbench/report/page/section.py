"""A report is a list of sections, a section a list of parts: figures, tables and words."""

from __future__ import annotations

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


Part = Prose | Items | Properties | Code | Table | Figure | Folded


@dataclass(frozen=True)
class Section:
    """One entry of a report. id: unique in it, usable as an HTML id.  A section without parts is left out."""

    id: str
    title: str
    parts: Sequence[Part]

    @property
    def figures(self) -> list[Figure]:
        return [part for part in self.parts if isinstance(part, Figure)]
