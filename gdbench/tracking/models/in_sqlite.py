"""Logged models in MLflow's database in a file, without MLflow: the rows and the files that it would leave."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from gdbench.tracking.destination import HeldModel
from gdbench.tracking.rows import metric_rows, param_rows
from gdbench.tracking.server.embedded import folder_at, now, put_files
from gdbench.tracking.wire import alone, clean_key, clean_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gdbench.tracking.destination import Destination, Experiment, OutgoingModel, Version
    from gdbench.tracking.server.embedded import Row, Writable
    from gdbench.tracking.wire import Series

#: What MLflow 3.17 and 3.18 have, in the order of our rows.
MODEL_COLUMNS: Mapping[str, Sequence[str]] = {
    table: tuple(columns.split())
    for table, columns in {
        "logged_models": "model_id experiment_id name artifact_location creation_timestamp_ms "
        "last_updated_timestamp_ms status lifecycle_stage model_type source_run_id status_message",
        "logged_model_metrics": "model_id metric_name metric_timestamp_ms metric_step metric_value "
        "experiment_id run_id dataset_uuid dataset_name dataset_digest",
        "logged_model_params": "model_id experiment_id param_key param_value",
        "logged_model_tags": "model_id experiment_id tag_key tag_value",
    }.items()
}

#: MLflow's numbers for what is torn and what is whole.
_PENDING, _READY = 1, 2

_MODELS = """
SELECT model_id, source_run_id, status FROM logged_models
WHERE experiment_id = ? AND name = ? AND lifecycle_stage = 'active'
"""

_IF_LATER = """
ON CONFLICT (key, run_uuid) DO UPDATE
SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)
"""


class ModelsInSqlite:
    """The part of a destination that is about models. otherwise: MLflow's way."""

    def __init__(self, file: Writable, otherwise: Callable[[], Destination]) -> None:
        self._file, self._otherwise = file, otherwise

    def models(self, experiment: Experiment, name: str) -> Iterator[HeldModel]:
        for model_id, run_id, status in self._file.rows(_MODELS, int(experiment.id), name):
            tags = "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = ?"
            yield HeldModel(
                str(model_id), str(run_id or ""), status == _READY, self._file.texts(tags, model_id)
            )

    def log_model(self, experiment: Experiment, model: OutgoingModel) -> str:
        """PENDING until the end, and READY then."""
        model_id, at, mine = f"m-{uuid.uuid4().hex}", now(), int(experiment.id)
        place = f"{experiment.artifacts.rstrip('/')}/models/{model_id}/artifacts"
        folder = folder_at(place)
        if folder is None:
            return self._otherwise().log_model(experiment, model)
        whole: Row = (at, at, _PENDING, "active", model.kind, model.run_id, None)
        params = [(model_id, mine, key, value) for key, value, _ in param_rows(model_id, model.params)]
        with self._file.transaction():
            self._file.insert("logged_models", [(model_id, mine, model.name, place, *whole)])
            self._file.insert("logged_model_params", params)
        self.tag_model(model_id, model.tags)
        put_files(folder, model.files(model_id))
        told = [
            (model_id, clean_key(p.key), p.time, p.step, p.value, mine, model.run_id, None, *on)
            for data, points in model.metrics.items()
            for on in [data[:2] if data else (None, None)]
            for p in points
        ]
        edge = (uuid.uuid4().hex, "RUN_OUTPUT", model.run_id, "MODEL_OUTPUT", model_id, 0)
        points = [alone(*point) for points in model.metrics.values() for point in points]
        with self._file.transaction():
            self._log_series(model.run_id, points)
            self._file.insert("logged_model_metrics", told, "OR IGNORE")
            self._file.insert("inputs", [edge])
            ready = "UPDATE logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?"
            self._file.change(ready, _READY, now(), model_id)
        return model_id

    def _log_series(self, run_id: str, series: Iterable[Series]) -> None:
        """The same point again is the same row; the latest of a key is the greatest by step, time and value."""
        metrics, latest = metric_rows(run_id, series)
        self._file.insert("metrics", metrics, "OR IGNORE")
        self._file.insert("latest_metrics", latest, then=_IF_LATER)

    def tag_model(self, model_id: str, tags: Mapping[str, str]) -> None:
        with self._file.transaction():
            mine = self._file.text("SELECT experiment_id FROM logged_models WHERE model_id = ?", model_id)
            rows: list[Row] = [(model_id, int(mine), key, value) for key, value in clean_tags(tags).items()]
            self._file.insert("logged_model_tags", rows, "OR REPLACE")

    def delete_model(self, model_id: str) -> None:
        words = "UPDATE logged_models SET lifecycle_stage = ?, last_updated_timestamp_ms = ? WHERE model_id = ?"
        with self._file.transaction():
            self._file.change(words, "deleted", now(), model_id)

    def register(self, version: Version) -> None:
        self._otherwise().register(version)
