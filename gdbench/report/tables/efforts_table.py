"""The table of a paper: methods against problems, what each needs to the target, the best set off."""

from __future__ import annotations

import math
from typing import NamedTuple

from gdbench.judgement.methods.effort import Effort
from gdbench.judgement.methods.matrix import Matrix, chosen_of, matrix
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.ranking import TIED
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Row, Table, censored, words

_ID, _TITLE = "efforts", "Methods against problems"


class _Entry(NamedTuple):
    """What a method needed on a problem, and whether that is the least, or under 1 % more."""

    effort: Effort | None
    best: bool


def efforts_table(study: Study) -> Table:
    """Methods down and problems across, or the other way round where there are more problems than methods."""
    table = matrix(study)
    if len(table.methods) < 2 or table.target is None:
        return Table(_ID, _TITLE, absent="It takes two methods, and a target whose efforts are known.")
    entries = _entries(study, table)
    across = len(table.problems) <= len(table.methods)
    problems = {problem.id: problem.label for problem in table.problems}
    names = {method: method for method in table.methods}
    down, over = (names, problems) if across else (problems, names)
    first = ("method", "A choice of what is compared.") if across else ("problem", "What is minimised.")
    columns = (
        Column(first[0], "string", first[1]),
        *(Column(key, "string", f"Iterations to the target: {name}.", name) for key, name in over.items()),
    )
    rows = tuple(
        Row((words(name), *(_cell(entries[(key, other) if across else (other, key)]) for other in over)))
        for key, name in down.items()
    )
    return Table(_ID, _TITLE, columns, rows, _note(table))


def _entries(study: Study, table: Matrix) -> dict[tuple[str, str], _Entry]:
    """(method, problem) → what it needed there."""
    chosen, board, target = chosen_of(study, TUNED, table.target), study.methods, table.target or ""
    found = {}
    for problem in table.problems:
        known = [row[problem.id] for row in table.effort.values() if problem.id in row]
        least = min(known, default=math.inf)
        for method in table.methods:
            effort = board.effort(chosen[method].get(problem.id), problem.id, target)
            near = effort is not None and effort.spread.median <= least * (1.0 + TIED) < math.inf
            found[method, problem.id] = _Entry(effort, near)
    return found


def _cell(entry: _Entry) -> Cell:
    """A median with half the distance of its quartiles; what only some runs reached says how many."""
    effort = entry.effort
    if effort is None:
        return Cell(MISSING, None, "number censored")
    if effort.reached < len(effort.times):
        known = math.isfinite(effort.spread.median)
        return (
            Cell(effort.text, effort.spread.median, "number", best=entry.best)
            if known
            else censored(effort.text)
        )
    around = (effort.spread.high - effort.spread.low) / 2
    spread = figure(around, 2) if len(effort.times) > 1 else ""
    return Cell(count(effort.spread.median), effort.spread.median, "number", best=entry.best, spread=spread)


def _note(table: Matrix) -> str:
    how = (
        f"Iterations until a relative gap of {table.target} is kept: the median of the reported runs, ± half "
        "the distance of the quartiles over their starts, seeds or folds; bold: the least, or under 1 % more."
    )
    return " ".join(filter(None, [how, table.how]))
