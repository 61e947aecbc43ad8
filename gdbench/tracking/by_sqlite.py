"""Straight into MLflow's database in a file, by SQLite alone: importing MLflow would take seconds.

What is written are the rows that MLflow's own code leaves, and only where the database has a schema that the
tests have seen; a test reads both back by MLflow's client and compares. All else is left to MLflow.
"""

from __future__ import annotations

import json
import logging
import uuid
from contextlib import closing, contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

from gdbench.tracking.destination import Data, Experiment, Held, Outgoing, Written
from gdbench.tracking.models.in_sqlite import MODEL_COLUMNS, ModelsInSqlite
from gdbench.tracking.rows import (
    COLUMNS,
    dataset_row,
    id_of,
    input_rows,
    param_rows,
    rows_of,
    run_row,
)
from gdbench.tracking.server.embedded import Writable, folder_at, now, put_files
from gdbench.tracking.server.refusals import explained
from gdbench.tracking.server.schema import check_file, make_from_template, revision_of
from gdbench.tracking.wire import Content, clean_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gdbench.tracking.destination import Destination
    from gdbench.tracking.rows import Rows
    from gdbench.tracking.server.embedded import Row

#: The schemas that the tests have seen: MLflow 3.17 and 3.18.
_SEEN = ("dc11669786a5", "f4a9b2c7d1e6")

#: Every table that is written to, in the order of our rows.
_COLUMNS = {
    **COLUMNS,
    **MODEL_COLUMNS,
    "experiments": (
        *("experiment_id", "name", "artifact_location", "lifecycle_stage"),
        *("creation_time", "last_update_time", "workspace"),
    ),
    "experiment_tags": ("key", "value", "experiment_id"),
}

_NAME_TAG = "mlflow.runName"

_EXPERIMENT = "SELECT experiment_id, name, lifecycle_stage, artifact_location FROM experiments"

_HELD = """
SELECT runs.run_uuid, status, lifecycle_stage, tags.key, tags.value FROM runs JOIN tags USING (run_uuid)
WHERE experiment_id = ? AND tags.key IN (SELECT value FROM json_each(?)) ORDER BY start_time DESC, run_uuid
"""
_STAGES = "SELECT run_uuid, lifecycle_stage FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?))"

_log = logging.getLogger(__name__)


@contextmanager
def opened_by_sqlite(
    path: Path, uri: str, results: Path, otherwise: Callable[[], Destination]
) -> Iterator[Destination | None]:
    """The destination in a file; None where MLflow itself has to open it.

    Any refusal, inside the block too, becomes a GdbenchError.
    otherwise: MLflow's way, for what cannot be done without it.
    """
    with explained(uri):
        make_from_template(path, (results / "artifacts").absolute().as_uri())
        revision = revision_of(path)
        if revision is None:  # it is yet to be made
            yield None
            return
        check_file(path, results)
        with closing(Writable(path, _COLUMNS)) as file:
            table = file.other_table()
            if table or revision not in _SEEN:
                never = f"columns of {table}" if table else f"migrations up to {revision}"
                _log.debug("MLflow's database is opened by MLflow, as its %s were never looked at", never)
                yield None
                return
            yield BySqlite(file, otherwise)
            file.analyze()


class BySqlite(ModelsInSqlite):
    """A destination that is a file of ours: each call is one transaction."""

    version = ""

    # --- experiments

    def experiment(self, name: str) -> Experiment | None:
        query = f"{_EXPERIMENT} WHERE name = ? AND workspace = 'default'"
        return next(self._experiments(query, name), None)

    def experiments(self, tag: str, value: str) -> Sequence[Experiment]:
        tagged = "experiment_id IN (SELECT experiment_id FROM experiment_tags WHERE key = ? AND value = ?)"
        query = f"{_EXPERIMENT} WHERE {tagged} AND workspace = 'default' ORDER BY creation_time, experiment_id"
        return list(self._experiments(query, tag, value))

    def _experiments(self, query: str, *values: str) -> Iterator[Experiment]:
        for id_, name, stage, artifacts in self._file.rows(query, *values):
            tags = self._file.texts("SELECT key, value FROM experiment_tags WHERE experiment_id = ?", id_)
            yield Experiment(str(id_), str(name), stage == "deleted", str(artifacts), tags)

    def make_experiment(self, name: str, artifacts: str | None) -> Experiment:
        """artifacts: of a file it is always known where they go."""
        at = now()
        with self._file.transaction():
            id_ = int(self._file.text("SELECT coalesce(max(experiment_id), 0) FROM experiments")) + 1
            self._file.insert("experiments", [(id_, name, artifacts, "active", at, at, "default")])
        return Experiment(str(id_), name, False, str(artifacts), {})

    def tag_experiment(self, experiment_id: str, tags: Mapping[str, str]) -> None:
        rows: list[Row] = [(key, value, int(experiment_id)) for key, value in tags.items()]
        if rows:
            with self._file.transaction():
                self._file.insert("experiment_tags", rows, "OR REPLACE")

    def restore_experiment(self, experiment_id: str) -> None:
        with self._file.transaction():
            active, id_ = "SET lifecycle_stage = 'active'", int(experiment_id)
            self._file.change(
                f"UPDATE experiments {active}, last_update_time = ? WHERE experiment_id = ?", now(), id_
            )
            self._file.change(f"UPDATE runs {active}, deleted_time = NULL WHERE experiment_id = ?", id_)

    # --- runs

    def held(self, experiment_id: str, tags: Sequence[str]) -> Iterator[Held]:
        rows = self._file.each(_HELD, int(experiment_id), json.dumps(tags))
        for (run_id, status, stage), some in groupby(rows, lambda row: row[:3]):
            found = {str(key): str(value) for *_, key, value in some}
            yield Held(str(run_id), str(status), stage == "deleted", found)

    def params(self, run_id: str) -> Mapping[str, str]:
        return self._file.texts("SELECT key, value FROM params WHERE run_uuid = ?", run_id)

    def make_run(self, experiment: Experiment, name: str, started: int, tags: Mapping[str, str]) -> str:
        run_id, tags = uuid.uuid4().hex, clean_tags(tags)
        with self._file.transaction():
            self._file.insert("runs", [run_row(experiment, run_id, name, started, tags)])
            self._set_tags(run_id, {**tags, _NAME_TAG: name})
        return run_id

    def log(self, run_id: str, content: Content) -> None:
        with self._file.transaction():
            self._file.insert("params", param_rows(run_id, content.params))
            self._log_series(run_id, content.series)
            self._set_tags(run_id, clean_tags(content.tags))

    def log_data(self, run_id: str, data: Sequence[Data]) -> None:
        if not data:
            return
        with self._file.transaction():
            experiment_id = self._file.text("SELECT experiment_id FROM runs WHERE run_uuid = ?", run_id)
            for one in dict.fromkeys(data):
                edge, context = input_rows(run_id, self._dataset(experiment_id, one))
                self._file.insert("inputs", [edge], "OR IGNORE")
                self._file.insert("input_tags", [context], "OR IGNORE")

    def tag_runs(self, tags: Mapping[str, Mapping[str, str]]) -> None:
        with self._file.transaction():
            for run_id, some in tags.items():
                self._set_tags(run_id, clean_tags(some))

    def update(
        self, run_id: str, *, name: str | None = None, status: str | None = None, ended: int | None = None
    ) -> None:
        with self._file.transaction():
            self._file.change(
                "UPDATE runs SET name = coalesce(?, name), status = coalesce(?, status), "
                "end_time = coalesce(?, end_time) WHERE run_uuid = ?",
                *(name, status, ended, run_id),
            )
            if name is not None:
                self._set_tags(run_id, {_NAME_TAG: name})

    def delete_run(self, run_id: str) -> None:
        self._set_stage(run_id, "deleted", now())

    def restore_run(self, run_id: str) -> None:
        self._set_stage(run_id, "active", None)

    def _set_stage(self, run_id: str, stage: str, deleted: int | None) -> None:
        with self._file.transaction():
            words = "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?"
            self._file.change(words, stage, deleted, run_id)

    def attach(self, run_id: str, files: Mapping[str, str | Path]) -> None:
        folder = folder_at(self._file.text("SELECT artifact_uri FROM runs WHERE run_uuid = ?", run_id))
        if folder is None:
            self._otherwise().attach(run_id, files)
        else:
            put_files(folder, files)

    # --- finished runs

    def write(self, experiment: Experiment, runs: Sequence[Outgoing]) -> Iterator[Sequence[Written]]:
        with self._file.transaction():
            datasets = {run.data: self._dataset(experiment.id, run.data) for run in runs if run.data}
            named = {id_of(run): run for run in runs}
            stages = self._file.texts(_STAGES, json.dumps(list(named)))
            # a run in the trash keeps its id
            named = {uuid.uuid4().hex if stages.get(i) == "deleted" else i: run for i, run in named.items()}
            new = {run_id: run for run_id, run in named.items() if run_id not in stages}
            self._insert_runs(rows_of(new, experiment, datasets))
        yield [Written(run.key, run_id, run.status) for run_id, run in named.items()]

    def _insert_runs(self, rows: Rows) -> None:
        for table, some in rows.items():
            self._file.insert(table, some)

    def _set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        self._file.insert("tags", [(key, value, run_id) for key, value in tags.items()], "OR REPLACE")

    def _dataset(self, experiment_id: str, data: Data) -> str:
        """The id of a dataset in this experiment, made where missing."""
        self._file.insert("datasets", [dataset_row(data, experiment_id)], "OR IGNORE")
        query = "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?"
        return self._file.text(query, int(experiment_id), data.name, data.digest)
