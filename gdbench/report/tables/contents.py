"""The tables of a report, in the order in which they are read."""

from __future__ import annotations

from gdbench.judgement.study import Study
from gdbench.report.tables.many_problems import many_problems_tables, winners_table
from gdbench.report.tables.seconds import seconds_table
from gdbench.report.tables.settings_table import endings_table, settings_table
from gdbench.report.tables.speed import effects_table, speed_table
from gdbench.report.tables.table import Table


def tables(study: Study) -> list[Table]:
    """All that a report tabulates, the settings first; those that do not apply are there too, and say why."""
    return [
        settings_table(study),
        winners_table(study),
        speed_table(study),
        speed_table(study, "evaluations"),
        endings_table(study),
        effects_table(study),
        *many_problems_tables(study),
        seconds_table(study),
    ]
