"""The store as tidy pandas frames: one row a run, a recorded iteration or a problem; every column typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from gdbench.record.columns import Column
from gdbench.record.curves import curves_table
from gdbench.record.fields import PROBLEM_FIELDS, PROBLEMS
from gdbench.record.recorded_plan import RecordedPlan, recorded_plan
from gdbench.record.records import PlanRecord
from gdbench.record.sheets import fields_of, rows_of_runs
from gdbench.record.store import Store


def runs_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """The finished runs of a plan (by default the latest), in its order; `run_fields` says what is what."""
    return runs_of(recorded_plan(store, plan))


def runs_of(about: RecordedPlan) -> pd.DataFrame:
    """The same of a plan that is loaded already."""
    return frame(rows_of_runs(about), [field.column for field in fields_of(about)])


def curves_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """Every recorded iteration of those runs; `curves_columns` says what each column is."""
    return curves_of(recorded_plan(store, plan), store)


def curves_of(about: RecordedPlan, store: Store, limit: int | None = None) -> pd.DataFrame:
    """The same of a plan that is loaded already. limit: points of one run at most, log-spaced."""
    columns, table = curves_table(about, store, limit)
    plain: pd.DataFrame = table.to_pandas()
    return plain.astype({column.name: column.dtype for column in columns})


def problems_frame(about: RecordedPlan) -> pd.DataFrame:
    """What was minimised, and how well its optimum is known; `PROBLEMS` says what each column is."""
    rows = (
        {field.name: field.value(problem) for field in PROBLEM_FIELDS} for problem in about.problems.values()
    )
    return frame(rows, PROBLEMS)


def frame(rows: Iterable[Mapping[str, object]], columns: Sequence[Column]) -> pd.DataFrame:
    """Rows as a frame that has exactly these columns, in this order and so typed; times are Unix seconds."""
    table = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    for column in columns:
        if column.dtype.startswith("datetime"):
            table[column.name] = [pd.Timestamp(time, unit="s", tz="UTC") for time in table[column.name]]
    return table.astype({column.name: column.dtype for column in columns})
