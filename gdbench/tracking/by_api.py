"""Runs written through MLflow's public API: what every server understands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mlflow.entities import Dataset, DatasetInput, InputTag

from gdbench.tracking.dataset import CONTEXT, Data
from gdbench.tracking.outgoing import Outgoing, Written
from gdbench.tracking.wire import send

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow import MlflowClient

#: Runs on their way to a server at the same time: its answer to each request takes longer than our question.
_ABREAST = 4


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
