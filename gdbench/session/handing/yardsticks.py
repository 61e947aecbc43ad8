"""What is known of a problem before it is minimised, worked out again: gaps and targets are measured by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gdbench.data.data import Dataset
from gdbench.descent.errors import GdbenchError
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Spec
from gdbench.reference.problem import Problem, ProblemRecord
from gdbench.reference.problem_records import problem_record

#: Two libraries of mathematics may disagree in the last digits of an exponential, and no further.
CLOSE = 1e-12

_CALLED = {
    "optimum": "f*",
    "baseline": "the cost at the start of all gaps",
    "smoothness": "L",
    "convexity": "µ",
}


class Moved(NamedTuple):
    """A constant of a problem that came out otherwise. close: within what libraries may disagree by."""

    problem: str
    what: str
    one: str
    other: str
    close: bool


def moved(record: ProblemRecord, spec: Spec, tables: Mapping[str, Table]) -> Iterator[Moved]:
    """The constants that are others than recorded. spec: of one of its runs.  tables: by digest."""
    table = tables.get(spec["digest"])
    dataset = None if table is None else _dataset(record, table)
    try:
        again = problem_record(Problem(record.id, spec, dataset)).constants
    except GdbenchError as error:
        yield Moved(record.label, "what is known of it", "recorded", str(error), close=False)
        return
    for name, called in _CALLED.items():
        one, other = getattr(record.constants, name), getattr(again, name)
        if repr(one) != repr(other):
            yield Moved(record.label, called, repr(one), repr(other), _close(one, other))


def _dataset(record: ProblemRecord, table: Table) -> Dataset:
    """The data as far as constants rest on it: the rows, and whose they are, which may be certified."""
    data = record.data
    return Dataset(
        name=str(data.get("name", "")),
        label=record.label,
        table=table,
        feature_names=tuple(map(str, data.get("features", ()))),
        target_name=str(data.get("target", "")),
        classes=tuple(map(str, data.get("classes", ()))),
        starts=tuple(tuple(start) for start in record.starts),
    )


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    return abs(one - other) <= CLOSE * max(abs(one), abs(other))
