"""The series of curves: each is stored, sent and framed under its name; some are described here."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.record.columns import COST_UNIT, GAP, RELATIVE_GAP, Column

#: What is known of the series that a curve has; any other is a column and a chart under its own name.
_SERIES = {
    "cost": Column("cost", "float64", "Mean cost per row there.", "Cost", COST_UNIT),
    "gradient_norm": Column(
        "gradient_norm", "float64", "Euclidean norm of the gradient there.", "Gradient norm"
    ),
    "gap": Column("objective_gap", "float64", GAP, "Objective gap", COST_UNIT),
}
SERIES = tuple(_SERIES)


def series_column(name: str) -> Column:
    """The column of a curve's series."""
    words = name.replace("_", " ")
    return _SERIES.get(name) or Column(name, "float64", f"The {words} there.", words.capitalize())


def curve_metric(series: str) -> str:
    """MLflow's key of a series."""
    return f"curve/{series}"


def curves_columns(further: Sequence[str] = ()) -> list[Column]:
    """The columns of the frame of curves. further: names of series besides the usual."""
    return [
        Column("key", "string", "The run, as in the table of runs."),
        Column("iteration", "Int64", "A recorded iteration; 0 is the starting point.", unit="iterations"),
        *map(series_column, SERIES),
        Column("relative_gap", "float64", RELATIVE_GAP),
        *map(series_column, further),
    ]
