"""A table as CSV: numbers in full precision, censored ones as they are shown, every cell filled."""

from __future__ import annotations

import csv
import io
import math

from gdbench.report.tables.table import Cell, Table


def csv_of(table: Table) -> str:
    """The rows under their columns' names; of a table that does not apply the one column 'absent'."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    if table.absent:
        writer.writerows([["absent"], [table.absent]])
        return written.getvalue()
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_value(cell) for cell in row.cells] for row in table.rows)
    return written.getvalue()


def _value(cell: Cell) -> str:
    """'409.0', '> 5000', 'not measured': never a blank."""
    if isinstance(cell.value, int | float) and math.isfinite(cell.value):
        return repr(cell.value)
    return cell.text
