"""The report as Markdown: the page's twin, section by section, for a README, a pull request or a terminal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from gdbench.config.outside import markdown as markdown_of
from gdbench.config.outside import visible
from gdbench.judgement.answer import answer
from gdbench.judgement.numerals import listing
from gdbench.report.charts.figure import Figure
from gdbench.report.comparison.observation import Comparison
from gdbench.report.page.section import Code, Folded, Gallery, Items, Part, Properties, Prose, Section, kind_of
from gdbench.report.page.sections import Report
from gdbench.report.tables.joined import Joined
from gdbench.report.tables.table import Cell, Table

#: Rows of a table; beyond, the CSV beside it is the place to look.
ROWS = 200


def markdown(
    reports: Sequence[Report], comparison: Comparison | None = None, files: Collection[str] | None = None
) -> str:
    """Experiments one after the other, what comparing them came to first; pictures are files beside it.

    files: names of those that there are; by default all of them.
    """
    blocks = list(_compared(comparison)) if comparison else []
    for report in reports:
        drawn = [] if comparison else [f for f in pictures(report) if files is None or f"{f.id}.svg" in files]
        blocks += _experiment(report, drawn)
    return "\n\n".join(block for block in blocks if block) + "\n"


def pictures(report: Report) -> list[Figure]:
    """The figures that are drawn into files: the first picture of one problem, then the first of each kind."""
    first = [figure for figure in report.charts.all if kind_of(figure) == "first"]
    return [
        *(first if len(first) == 1 else []),
        *(one for section in report.sections for one in section.figures),
    ]


def _compared(comparison: Comparison) -> Iterator[str]:
    yield f"# {' · '.join(map(markdown_of, comparison.names))}"
    yield "\n".join(f"- {markdown_of(observation.text)}" for observation in comparison.observations)
    for table in comparison.tables:
        yield from (f"## {markdown_of(table.title)}", *_table(table))


def _experiment(report: Report, drawn: Sequence[Figure]) -> Iterator[str]:
    plan, given = report.study.plan, answer(report.study)
    yield f"# {markdown_of(plan.experiment)}"
    yield markdown_of(plan.description)
    yield from (f"**{markdown_of(line)}**" for line in given.lines)
    yield markdown_of(f"{given.progress}{f' · {given.tally}' if given.done else ''}")
    yield markdown_of(report.running)
    for figure in drawn:
        if kind_of(figure) == "first":
            yield from _part(figure, drawn)
    for section in report.sections:
        yield from _section(section, drawn)


def _section(section: Section, drawn: Sequence[Figure]) -> Iterator[str]:
    blocks = [block for part in section.parts for block in _part(part, drawn) if block]
    if blocks:
        yield f"## {markdown_of(section.title)}"
        yield from blocks


def _part(part: Part, drawn: Sequence[Figure]) -> Iterator[str]:
    match part:
        case Prose():
            yield markdown_of(part.text)
        case Items():
            yield from _list(part.title, part.items)
        case Properties():
            yield from _list(part.title, (f"{name}: {full or text}" for name, text, full in part.properties))
        case Code():
            yield markdown_of(part.summary)
            yield _fenced(part.text)
        case Folded():
            yield f"### {markdown_of(part.summary)}"
            for inner in part.parts:
                yield from _part(inner, drawn)
        case _:
            yield from _shown(part, drawn)


def _shown(part: Table | Figure | Gallery, drawn: Sequence[Figure]) -> Iterator[str]:
    """A table, with where the columns are that others put beside it; figures that are drawn."""
    if isinstance(part, Table):
        yield from _table(part.first if isinstance(part, Joined) and part.first else part)
    if isinstance(part, Joined):
        others = dict.fromkeys(f"{place.table}.csv" for place in part.places if place.table != part.id)
        yield markdown_of(f"More columns: {listing(list(others))}.")
    if isinstance(part, Table):
        return
    for figure in part.figures if isinstance(part, Gallery) else [part]:
        if figure in drawn:
            yield f"![{markdown_of(figure.title)}]({figure.id}.svg)"
            yield markdown_of(figure.caption)


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    if title:
        yield f"### {markdown_of(title)}"
    yield "\n".join(f"- {markdown_of(item)}" for item in items)


def _table(table: Table) -> Iterator[str]:
    """The table with its note, or why it does not apply."""
    if table.absent:
        yield markdown_of(table.absent)
        return
    headers, rows = [*map(markdown_of, table.headers)], [[*map(_cell, row.cells)] for row in table.rows[:ROWS]]
    if any(row.best for row in table.rows):
        stars = ("★" if row.best else "" for row in table.rows[:ROWS])
        headers, rows = ["", *headers], [[star, *row] for star, row in zip(stars, rows, strict=True)]
    yield _grid(headers, rows)
    if len(table.rows) > ROWS:
        yield f"… and {len(table.rows) - ROWS:,} more rows: see {table.id}.csv."
    yield markdown_of(table.note)


def _cell(cell: Cell) -> str:
    return markdown_of(f"{cell.text} ({cell.note})" if cell.note else cell.text)


def _grid(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fenced(text: str) -> str:
    """The text as it is, between fences that are longer than any in it."""
    text = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"
