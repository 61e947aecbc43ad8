"""What a report says of methods over all problems, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gdbench.report.charts.figure import Figure
from gdbench.report.page.section import Folded, Part, Section
from gdbench.report.tables.table import Table

#: What is told of methods: id and title of a section, then the ids of its tables and figures in their order.
_OF_METHODS = (
    ("methods", "Methods", ("methods", "profile-performance")),
    ("tuning", "What tuning takes", ("tuning",)),
    ("winners", "Best of each problem", ("winners",)),
    ("ranks", "Ranks over all problems", ("ranks", "pairs")),
    ("one-setting", "One setting for all problems", ("methods-one-setting", "profile-one-setting")),
    ("defaults", "Authors' defaults", ("methods-defaults", "profile-defaults")),
    ("profiles", "Profiles in numbers", ("profile-data", "profile")),
)

#: Tables that say in numbers what a figure shows.
_FOLDED = ("ranks", "pairs")


def methods_sections(tables: Sequence[Table], figures: Sequence[Figure]) -> tuple[list[Section], list[Table]]:
    """A row or a line for each method, however many settings it has; and the tables about other things."""
    fitting = {table.id: table for table in tables if not table.absent}
    drawn = {figure.id: figure for figure in figures}
    told = {one for _, _, ids in _OF_METHODS for one in ids}
    made = [Section(id_, title, _parts(ids, fitting, drawn)) for id_, title, ids in _OF_METHODS]
    return made, [table for id_, table in fitting.items() if id_ not in told]


def _parts(ids: Sequence[str], tables: Mapping[str, Table], figures: Mapping[str, Figure]) -> list[Part]:
    """Of each id the figure, then the table, which is folded away where it only repeats it."""
    parts: list[Part] = []
    for one in ids:
        parts += [figures[one]] if one in figures else []
        parts += [tables[one]] if one in tables and one not in _FOLDED else []
    folded = tuple(tables[one] for one in ids if one in tables and one in _FOLDED)
    return [*parts, *([Folded("in numbers, and in pairs", folded)] if folded else [])]
