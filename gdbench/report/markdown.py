"""The report as Markdown: the page's twin for a README, a pull request or a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gdbench.report.columns import Column
from gdbench.report.figure import Figure
from gdbench.report.sections import command, definitions, problem_facts
from gdbench.report.sheet import sheet
from gdbench.report.study import Study
from gdbench.report.verdict import progress, tally, verdict


def markdown(about: Study, pictures: Sequence[Figure] = ()) -> str:
    """Verdict, settings, pictures (as files beside it), problems, definitions, the command."""
    blocks = [
        f"# {_text(about.plan.experiment)}",
        _text(about.plan.description),
        f"**{_text(verdict(about))}**",
        _text(f"{progress(about)}{f' · {tally(about)}' if about.runs else ''}"),
        "## Settings, best first",
        _settings(about),
        *(f"![{_text(figure.title)}]({figure.id}.svg)\n\n{_text(figure.caption)}" for figure in pictures),
        *(f"## Problem: {_text(p.label)}\n\n{_facts(problem_facts(p))}" for p in about.problems.values()),
        "## What each column means",
        *(f"### {name}\n\n{_definitions(columns)}" for name, columns in definitions(about).items()),
        "## Run it again",
        f"```\n{command(about)}\n```",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _definitions(columns: Sequence[Column]) -> str:
    rows = ([column.name, column.dtype, column.meaning] for column in columns)
    return _table(["column", "type", "meaning"], rows)


def _settings(about: Study) -> str:
    table = sheet(about)
    if not table.rows:
        return "No run has finished yet."
    rows = [
        [
            ("★" if row.best else ""),
            *(f"{cell.text}{f' ({cell.note})' if cell.note else ''}" for cell in row.cells),
        ]
        for row in table.rows
    ]
    return _table(["", *table.headers], rows)


def _facts(facts: Iterable[tuple[str, str, str]]) -> str:
    return "\n".join(f"- {_text(name)}: {_text(full or text)}" for name, text, full in facts)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *([_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(text: str) -> str:
    """Plain words that Markdown must not read as its own signs."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text).replace("\n", " ")
