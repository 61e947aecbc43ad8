"""A finished run on its way to MLflow, and the way that every server understands: its public API.

With it goes its data, as MLflow knows data: a dataset with a digest, the input of every run on it.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mlflow.entities import Dataset, DatasetInput, InputTag

from gdbench.tracking import child
from gdbench.tracking.wire import Content, clean_tags, millis, send

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow import MlflowClient

    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.parent import Options

#: Runs written together. More gain nothing, and a transaction of many holds up other writers.
GROUP = 25

#: Runs on their way to a server at the same time: its answer to each request takes longer than our question.
_ABREAST = 4


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


class ByApi:
    """One run after the other, or several abreast where a server answers (a database takes one writer)."""

    def __init__(self, client: MlflowClient, experiment_id: str, *, abreast: bool) -> None:
        self._client, self._experiment_id = client, experiment_id
        self._abreast = _ABREAST if abreast else 1
        self._made: set[Data] = set()

    def write(self, runs: Sequence[Outgoing]) -> Iterator[Sequence[Written]]:
        for run in runs:
            self._make_data(run)
        if self._abreast == 1:
            yield from ([self._write(run)] for run in runs)
            return
        with ThreadPoolExecutor(self._abreast) as threads:
            yield from ([written] for written in threads.map(self._write, runs))

    def _make_data(self, run: Outgoing) -> None:
        """By the parent, alone: MLflow refuses a dataset that two runs bring at the same moment."""
        if run.data is not None and run.data not in self._made:
            self._client.log_inputs(run.parent, [as_input(run.data)])
            self._made.add(run.data)

    def _write(self, run: Outgoing) -> Written:
        """Made with the tags that identify it, then filled, its status last: what is RUNNING is torn."""
        made = self._client.create_run(
            self._experiment_id, start_time=run.started, tags=dict(run.tags), run_name=run.name
        )
        run_id = str(made.info.run_id)
        send(self._client, run_id, run.content)
        if run.data is not None:
            self._client.log_inputs(run_id, [as_input(run.data)])
        self._client.set_terminated(run_id, run.status, end_time=run.finished)
        return Written(run.key, run_id, run.status)


def as_input(data: Data) -> DatasetInput:
    """A dataset as MLflow's API takes it."""
    return DatasetInput(Dataset(*data), [InputTag(*CONTEXT)])


#: The tag that MLflow's page shows beside a dataset's name, and what it holds.
CONTEXT = ("mlflow.data.context", "training")

_NAME, _DIGEST = 500, 32  # characters; MLflow takes 36 of a digest


class Data(NamedTuple):
    """A dataset in MLflow's terms, each part as text. digest: the first 32 of SHA-256's hexadecimal digits."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str
    profile: str


def data_of(problem: ProblemRecord | None, plan: PlanRecord) -> Data | None:
    """The data of a problem; None of a surface, which has none. Its source is the config that names it."""
    about = problem.data if problem else {}
    if problem is None or not about.get("digest"):
        return None
    target = about.get("target") or "target"
    columns = [str(name) for name in (*about.get("features", ()), *_listed(target))]
    profile = {key: about[key] for key in ("classes", "standardized", "digest") if about.get(key)}
    return Data(
        name=str(about.get("name") or problem.label)[:_NAME],
        digest=str(about["digest"])[:_DIGEST],
        source_type="code",
        source=json.dumps({"tags": {"mlflow.source.name": plan.config_path}}),
        schema=json.dumps({"mlflow_colspec": [{"type": "double", "name": name} for name in columns]}),
        profile=json.dumps({"num_rows": problem.rows, "num_features": problem.features, **profile}),
    )


def _listed(names: object) -> list[str]:
    return [str(name) for name in names] if isinstance(names, list | tuple) else [str(names)]
