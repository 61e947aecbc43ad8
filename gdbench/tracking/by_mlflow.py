"""Through MLflow's own code: its public API, and its table definitions where a database is open to us."""

from __future__ import annotations

import json
import math
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

from gdbench.tracking.destination import BEST, CONTEXT, Data, Experiment, Held, HeldModel, Outgoing, Written
from gdbench.tracking.in_bulk import bulk_writer
from gdbench.tracking.server.address import is_server
from gdbench.tracking.server.connection import connect, explained, quiet, server_version
from gdbench.tracking.server.database import analyze, open_database
from gdbench.tracking.server.embedded import put_files
from gdbench.tracking.wire import PARAM_LENGTH, Content, clean_key, clean_tags, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Experiment as MlflowExperiment

    from gdbench.tracking.destination import Destination, OutgoingModel, Version
    from gdbench.tracking.in_bulk import InBulk

_METRICS, _PARAMS, _TAGS = 1000, 100, 100  # in one batch

#: Runs on their way to a server at the same time: its answer to each request takes longer than our question.
_ABREAST = 4

_PAGE = 1000  # runs

Item = TypeVar("Item")


@contextmanager
def opened_by_mlflow(uri: str, results: Path) -> Iterator[Destination]:
    """The destination at an address; a SQLite database that is not there yet is made.

    Any refusal, inside the block too, becomes a GdbenchError.
    """
    with quiet(), explained(uri):
        client = connect(uri, results)
        if is_server(uri):
            yield ByMlflow(client, abreast=_ABREAST, version=server_version(uri))
            return
        with open_database(uri) as engine:
            yield ByMlflow(client, bulk_writer(engine))
            analyze(engine)


class ByMlflow:
    """A destination that MLflow's client reaches.

    bulk: writes and finds runs straight in the tables.  abreast: runs on their way at the same time, where a
    server answers; a database takes one writer.
    """

    def __init__(
        self, client: MlflowClient, bulk: InBulk | None = None, abreast: int = 1, version: str = ""
    ) -> None:
        self._client, self._bulk, self._abreast, self.version = client, bulk, abreast, version
        self._served = abreast > 1
        self._made: set[tuple[str, Data]] = set()

    # --- experiments

    def experiment(self, name: str) -> Experiment | None:
        found = self._client.get_experiment_by_name(name)
        return _experiment(found) if found else None

    def experiments(self, tag: str, value: str) -> Sequence[Experiment]:
        tagged, token = list[Experiment](), None
        while True:
            page = self._client.search_experiments(
                view_type=ViewType.ALL,
                filter_string=f"tags.`{tag}` = '{value}'",
                order_by=["creation_time", "experiment_id"],
                page_token=token,
            )
            tagged += map(_experiment, page)
            token = page.token
            if not token:
                return tagged

    def make_experiment(self, name: str, artifacts: str | None) -> Experiment:
        return _experiment(self._client.get_experiment(self._client.create_experiment(name, artifacts)))

    def tag_experiment(self, experiment_id: str, tags: Mapping[str, str]) -> None:
        for key, value in tags.items():
            self._client.set_experiment_tag(experiment_id, key, value)

    def restore_experiment(self, experiment_id: str) -> None:
        self._client.restore_experiment(experiment_id)

    # --- runs

    def held(self, experiment_id: str, tags: Sequence[str]) -> Iterator[Held]:
        """By the API it takes about 2 s for 1,000 runs, because all of each is sent."""
        if self._bulk:
            yield from self._bulk.held(experiment_id, tags)
            return
        token = None
        while True:
            page = self._client.search_runs(
                [experiment_id], run_view_type=ViewType.ALL, max_results=_PAGE, page_token=token
            )
            for run in page:
                found = {tag: run.data.tags[tag] for tag in tags if tag in run.data.tags}
                if found:
                    deleted = run.info.lifecycle_stage == "deleted"
                    yield Held(run.info.run_id, run.info.status, deleted, found)
            token = page.token
            if not token:
                return

    def params(self, run_id: str) -> Mapping[str, str]:
        return dict(self._client.get_run(run_id).data.params)

    def make_run(self, experiment: Experiment, name: str, started: int, tags: Mapping[str, str]) -> str:
        made = self._client.create_run(experiment.id, start_time=started, tags=clean_tags(tags), run_name=name)
        return str(made.info.run_id)

    def log(self, run_id: str, content: Content) -> None:
        """As many items to a request as MLflow takes; points that are not finite stay behind."""
        metrics = [
            Metric(clean_key(p.key), p.value, p.time, p.step) for p in content.points if math.isfinite(p.value)
        ]
        params = [Param(clean_key(key), cut(value, PARAM_LENGTH)) for key, value in content.params.items()]
        tags = [RunTag(key, value) for key, value in clean_tags(content.tags).items()]
        batches = zip(_chunks(metrics, _METRICS), _chunks(params, _PARAMS), _chunks(tags, _TAGS), strict=False)
        for some_metrics, some_params, some_tags in batches:
            if not (some_metrics or some_params or some_tags):
                return
            # synchronous: an environment variable of MLflow's could otherwise make "sent" mean "queued".
            self._client.log_batch(run_id, some_metrics, some_params, some_tags, synchronous=True)

    def log_data(self, run_id: str, data: Sequence[Data]) -> None:
        if data:
            inputs = [DatasetInput(Dataset(*one), [InputTag(*CONTEXT)]) for one in data]
            self._client.log_inputs(run_id, inputs)

    def tag_runs(self, tags: Mapping[str, Mapping[str, str]]) -> None:
        if self._bulk:
            self._bulk.tag_runs(tags)
            return
        with ThreadPoolExecutor(self._abreast) as threads:
            list(threads.map(lambda one: self.log(one[0], Content({}, one[1])), tags.items()))

    def update(
        self, run_id: str, *, name: str | None = None, status: str | None = None, ended: int | None = None
    ) -> None:
        if name is not None or (status is not None and ended is None):
            self._client.update_run(run_id, status=status if ended is None else None, name=name)
        if ended is not None:
            self._client.set_terminated(run_id, status, end_time=ended)

    def delete_run(self, run_id: str) -> None:
        self._client.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        self._client.restore_run(run_id)

    def attach(self, run_id: str, files: Mapping[str, str | Path]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            put_files(Path(folder), files)
            self._client.log_artifacts(run_id, folder)

    # --- models

    def models(self, experiment: Experiment, name: str) -> Iterator[HeldModel]:
        token = None
        while True:
            page = self._client.search_logged_models(
                [experiment.id], filter_string=f"name = '{name}'", page_token=token
            )
            for one in page:
                whole = one.status == LoggedModelStatus.READY
                yield HeldModel(one.model_id, one.source_run_id or "", whole, one.tags)
            token = page.token
            if not token:
                return

    def log_model(self, experiment: Experiment, model: OutgoingModel) -> str:
        """PENDING until the end, and READY then."""
        made = self._client.create_logged_model(
            experiment.id,
            name=model.name,
            source_run_id=model.run_id,
            tags=clean_tags(model.tags),
            params={clean_key(key): cut(value, PARAM_LENGTH) for key, value in model.params.items()},
            model_type=model.kind,
        )
        with tempfile.TemporaryDirectory() as folder:
            put_files(Path(folder), model.files(made.model_id))
            self._client.log_model_artifacts(made.model_id, folder)
        metrics = [
            Metric(clean_key(p.key), p.value, p.time, p.step, made.model_id, *(data[:2] if data else ()))
            for data, points in model.metrics.items()
            for p in points
        ]
        self._client.log_batch(model.run_id, metrics, synchronous=True)
        self._client.log_outputs(model.run_id, [LoggedModelOutput(made.model_id, step=0)])
        self._client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
        return str(made.model_id)

    def tag_model(self, model_id: str, tags: Mapping[str, str]) -> None:
        self._client.set_logged_model_tags(model_id, clean_tags(tags))

    def delete_model(self, model_id: str) -> None:
        self._client.delete_logged_model(model_id)

    def register(self, version: Version) -> None:
        try:
            self._client.create_registered_model(version.name, description=version.description)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        there = self._client.search_model_versions(f"name = '{version.name}'")
        known = next((one for one in there if one.run_id == version.run_id), None)
        if known is None:
            source = f"models:/{version.model_id}"
            if not self._served:  # MLflow would look for it at the address that is set for the whole process
                source = self._client.get_logged_model(version.model_id).artifact_location
            known = self._client.create_model_version(
                version.name,
                source,
                run_id=version.run_id,
                tags=clean_tags(version.tags),
                model_id=version.model_id,
            )
            named = [{"name": version.name, "version": str(known.version)}]
            self.tag_model(version.model_id, {MLFLOW_MODEL_VERSIONS: json.dumps(named)})
        self._client.set_registered_model_alias(version.name, BEST, known.version)

    # --- finished runs

    def write(self, experiment: Experiment, runs: Sequence[Outgoing]) -> Iterator[Sequence[Written]]:
        if self._bulk:
            yield self._bulk.write(experiment, runs)
            return
        for run in runs:
            self._make_data(run)
        if self._abreast == 1:
            yield from ([self._write(experiment, run)] for run in runs)
            return
        with ThreadPoolExecutor(self._abreast) as threads:
            yield from ([written] for written in threads.map(lambda run: self._write(experiment, run), runs))

    def _make_data(self, run: Outgoing) -> None:
        """By the parent, alone: MLflow refuses a dataset that two runs bring at the same moment."""
        if run.data is not None and (run.parent, run.data) not in self._made:
            self.log_data(run.parent, [run.data])
            self._made.add((run.parent, run.data))

    def _write(self, experiment: Experiment, run: Outgoing) -> Written:
        """Made with the tags that identify it, then filled, its status last: what is RUNNING is torn."""
        run_id = self.make_run(experiment, run.name, run.started, run.tags)
        self.log(run_id, run.content)
        if run.data is not None:
            self.log_data(run_id, [run.data])
        self.update(run_id, status=run.status, ended=run.finished)
        return Written(run.key, run_id, run.status)


def _experiment(found: MlflowExperiment) -> Experiment:
    deleted = found.lifecycle_stage == "deleted"
    return Experiment(found.experiment_id, found.name, deleted, found.artifact_location, dict(found.tags))


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in chunks, then empty chunks for ever: the longest of three series sets the number."""
    yield from (items[start : start + size] for start in count(0, size))
