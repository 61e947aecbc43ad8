"""The tables of a report, in the order in which they are read."""

from __future__ import annotations

from gdbench.report.speed import speed_table
from gdbench.report.study import Study
from gdbench.report.table import Table


def tables(study: Study) -> list[Table]:
    """All that a report tabulates; those that do not apply are there too, and say why."""
    return [speed_table(study, problem) for problem in study.problems.values()]
