"""A finished run on its way to MLflow, and the ways there are to write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gdbench.tracking import child
from gdbench.tracking.dataset import data_of
from gdbench.tracking.wire import Content, clean_tags, millis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.dataset import Data
    from gdbench.tracking.options import Options

#: Runs written together. More gain nothing, and a transaction of many holds up other writers.
GROUP = 25


@dataclass(frozen=True)
class Outgoing:
    """All that MLflow is to hold of one run. started, finished: Unix milliseconds.

    parent: the MLflow run id of its sweep.  data: what it was run on, None for a surface.
    """

    key: str
    name: str
    parent: str
    status: str
    started: int
    finished: int
    tags: Mapping[str, str]
    content: Content
    data: Data | None


class Written(NamedTuple):
    """A run that is safely in MLflow, with its final status."""

    key: str
    run_id: str
    status: str


class Writer(Protocol):
    """A way of writing runs; each is whole, or is taken for torn and written again by the next tracker."""

    def write(self, runs: Sequence[Outgoing]) -> Iterator[Sequence[Written]]:
        """Write the runs; tells those that are safely there as it goes on."""


def outgoing(
    record: RunRecord,
    plan: PlanRecord,
    label: str,
    parent: str,
    problem: ProblemRecord | None,
    wanted: Options,
) -> Outgoing:
    """A record in MLflow's terms. label: what varies in it; parent: a run id."""
    return Outgoing(
        key=record.key,
        name=child.name(label, record.spec, plan.varying),
        parent=parent,
        status=child.status(record.result),
        started=millis(record.started),
        finished=millis(record.finished),
        tags=clean_tags({**wanted.tags, **child.tags(record, plan), "mlflow.parentRunId": parent}),
        content=child.content(record, problem, wanted.curve_points),
        data=data_of(problem, plan),
    )
