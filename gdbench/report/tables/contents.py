"""The tables of a report, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.model import LearnedModel, Parameter
from gdbench.judgement.study import Study
from gdbench.record.columns import PARAMETER_COLUMNS, Column
from gdbench.report.tables.many_problems import many_problems_tables, winners_table
from gdbench.report.tables.seconds import seconds_table
from gdbench.report.tables.settings_table import endings_table, settings_table
from gdbench.report.tables.speed import effects_table, speed_table
from gdbench.report.tables.table import Cell, Table, measured, rows_of, words

_PROBLEM = Column("problem", "string", "What was minimised.")


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


#: Parameters of one problem that a table lists; `gdbench export` writes them all.
MOST = 200


def parameter_values(parameter: Parameter) -> dict[str, object]:
    """By column."""
    name = parameter.name
    return {
        "parameter": name.text,
        "layer": name.layer,
        "output": name.output,
        "term": name.term,
        "value": parameter.value,
        "original": parameter.original,
    }


def parameters_table(models: Sequence[LearnedModel]) -> Table:
    """What these models have learned."""
    title = "Learned parameters"
    if not models:
        return Table("parameters", title, absent="No run on data has ended at a point that can be used.")
    several = len(models) > 1
    shown = [column for column in PARAMETER_COLUMNS if column.name in ("parameter", "value", "original")]
    columns = (*([_PROBLEM] if several else []), *shown)
    rows = rows_of((_row(model, p) for model in models for p in model.parameters[:MOST]), columns)
    note = "Of the best run of each problem, where it ended."
    if any(len(model.parameters) > MOST for model in models):
        note += f" The first {MOST} of each; gdbench export writes them all."
    return Table("parameters", title, columns, rows, note)


def _row(model: LearnedModel, parameter: Parameter) -> dict[str, Cell]:
    return {
        "problem": words(model.problem.label),
        "parameter": words(parameter.name.text),
        "value": measured(parameter.value, 7),
        "original": measured(parameter.original, 7),
    }
