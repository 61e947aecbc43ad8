"""The table of what the best run of each problem has learned, parameter by parameter."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.model import LearnedModel, Parameter
from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Table, measured, rows_of, words

#: What is said of a parameter, in tables and frames alike.
PARAMETER_COLUMNS = (
    Column("parameter", "string", "Its name."),
    Column("layer", "Int64", "The layer that it is part of, from 1; 0 where there is one only."),
    Column("output", "string", "The class or unit whose score it is part of; empty where there is one only."),
    Column("term", "string", "What it multiplies; empty of a bias.", "multiplies"),
    Column("value", "float64", "The number as it was fitted.", "as fitted"),
    Column(
        "original",
        "float64",
        "The same model in the units of the data: standardizing and perturbing undone. Empty where that "
        "cannot be told.",
        "original units",
    ),
)
_PROBLEM = Column("problem", "string", "What was minimised.")

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
