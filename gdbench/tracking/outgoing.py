"""A finished run on its way to MLflow, and the ways there are to write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gdbench.tracking import child
from gdbench.tracking.wire import Content, clean_tags, millis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gdbench.execution.records import PlanRecord, ProblemRecord, RunRecord

#: Runs written together. More gain nothing, and a transaction of many holds up other writers.
GROUP = 25


@dataclass(frozen=True)
class Outgoing:
    """All that MLflow is to hold of one run. started, finished: Unix milliseconds.

    parent: the MLflow run id of its sweep.  parameters: the text of its parameters file, if it has one.
    """

    key: str
    name: str
    parent: str
    status: str
    started: int
    finished: int
    tags: Mapping[str, str]
    content: Content
    parameters: str | None


class Written(NamedTuple):
    """A run that is safely in MLflow, with its final status."""

    key: str
    run_id: str
    status: str


class Writer(Protocol):
    """A way of writing runs; each is whole, or is taken for torn and written again by the next tracker."""

    def write(self, runs: Sequence[Outgoing]) -> Iterator[Written]: ...


def outgoing(
    record: RunRecord, plan: PlanRecord, name: str, parent: str, problem: ProblemRecord | None
) -> Outgoing:
    """A record in MLflow's terms."""
    return Outgoing(
        key=record.key,
        name=name,
        parent=parent,
        status=child.status(record.result),
        started=millis(record.started),
        finished=millis(record.finished),
        tags=clean_tags({**child.tags(record, plan), "mlflow.parentRunId": parent}),
        content=child.content(record, problem),
        parameters=child.parameters_file(record.result),
    )
