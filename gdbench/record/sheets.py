"""Rows of a frame as CSV, written without pandas, whose import takes as long as a small report."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import chain, islice

from gdbench.config.outside import sheet
from gdbench.record.columns import Column, Field, Row
from gdbench.record.fields import rate_of, run_fields
from gdbench.record.recorded_plan import RecordedPlan

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fields_of(about: RecordedPlan) -> list[Field[Row]]:
    """The fields of the frame of runs."""
    axes, targets = numeric_axes(about), about.plan.targets
    return run_fields(axes, targets, about.watched, audited=about.audited, measured=about.measured)


def numeric_axes(about: RecordedPlan) -> dict[str, bool]:
    """Axis → whether its values are plain numbers."""
    rates = all(rate_of(run.spec) is not None for run in about.runs)
    return {axis: axis == "learning_rate" and rates for axis in about.plan.axes}


def rows_of_runs(about: RecordedPlan) -> Iterator[Mapping[str, object]]:
    """The finished runs of a plan, in its order, as `fields_of` says."""
    fields, labels = fields_of(about), {run.key: run.label for run in about.plan.runs}
    for run in about.runs:
        row = Row(run, about.problems[run.problem], labels[run.key], run.key not in about.untimed)
        yield {field.name: field.value(row) for field in fields}


def lines_of_runs(about: RecordedPlan) -> Iterator[str]:
    """The same as CSV, line by line: of many runs nobody holds them all."""
    fields, labels = fields_of(about), {run.key: run.label for run in about.plan.runs}
    cells = [(field.value, _writer(field.dtype)) for field in fields]
    rows = (
        Row(run, about.problems[run.problem], labels[run.key], run.key not in about.untimed)
        for run in about.runs
    )
    return _lines(
        [field.name for field in fields], ([write(value(row)) for value, write in cells] for row in rows)
    )


def csv_of(rows: Iterable[Mapping[str, object]], columns: Sequence[Column]) -> str:
    """As the frame of these rows would write it, with its texts as a spreadsheet may have them."""
    writers = [(column.name, _writer(column.dtype)) for column in columns]
    cells = ([write(row.get(name)) for name, write in writers] for row in rows)
    return "".join(_lines([column.name for column in columns], cells))


def _lines(names: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows under their names, some thousand at once."""
    left = chain([list(map(sheet, names))], rows)
    while some := list(islice(left, 2000)):
        file = StringIO()
        csv.writer(file, lineterminator="\n").writerows(some)
        yield file.getvalue()


def _writer(dtype: str) -> Callable[[object], str]:
    """How a value of such a column is written; what is not there is empty."""
    if dtype.startswith("datetime"):
        return _time
    return {"string": _text, "float64": _number, "Int64": _count}.get(dtype, _plain)


def _text(value: object) -> str:
    return "" if value is None else sheet(str(value))


def _number(value: object) -> str:
    if value is None or value != value:
        return ""
    assert isinstance(value, int | float)
    return repr(float(value))


def _count(value: object) -> str:
    if value is None or value != value:
        return ""
    assert isinstance(value, int | float)
    return str(int(value))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _time(value: object) -> str:
    if value is None:
        return ""
    assert isinstance(value, int | float)
    return str(_EPOCH + timedelta(microseconds=microseconds(value)))


def microseconds(time: float) -> int:
    """Of Unix seconds; the last that is over, as pandas has it."""
    whole = int(time)
    nanoseconds = int(round(time - whole, 9) * 1e9)
    return whole * 1_000_000 + nanoseconds // 1000
