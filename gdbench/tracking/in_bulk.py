"""Many runs in one transaction, straight into MLflow's tables: twenty times faster than its API.

The rows are those that MLflow's own store would write, through its own table definitions; a test reads
both back by its public API and compares them. Only where the tables have exactly the columns that we
know is this way taken.
"""

from __future__ import annotations

import logging
import math
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.store.tracking.dbmodels import models
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import is_local_uri
from sqlalchemy import Engine, inspect, select

from gdbench.tracking.child import PARAMETERS_FILE
from gdbench.tracking.outgoing import Outgoing, Written
from gdbench.tracking.wire import PARAM_LENGTH, clean_key, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

#: What MLflow 3.17 and 3.18 have. A column more could be one that we leave empty and must not.
_COLUMNS = {
    "runs": "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
    "deleted_time source_version lifecycle_stage artifact_uri experiment_id",
    "tags": "key value run_uuid",
    "params": "key value run_uuid",
    "metrics": "key value timestamp step is_nan run_uuid",
    "latest_metrics": "key value timestamp step is_nan run_uuid",
}
_RUNS, _TAGS, _PARAMS, _METRICS, _LATEST = (  # parents before children, for databases with foreign keys
    model.__table__
    for model in (models.SqlRun, models.SqlTag, models.SqlParam, models.SqlMetric, models.SqlLatestMetric)
)

_log = logging.getLogger(__name__)


def bulk_writer(engine: Engine, experiment_id: str, artifacts: str) -> InBulk | None:
    """The writer for a database; None where its tables are not those we know, or files cannot be put there.

    artifacts: the experiment's artifact location.
    """
    folder = _local_folder(artifacts)
    unknown = _unknown_table(engine)
    if unknown or folder is None:
        reason = f"its table {unknown} has other columns" if unknown else f"artifacts go to {artifacts}"
        _log.debug("MLflow's database is written to by its public API, because %s", reason)
        return None
    return InBulk(engine, int(experiment_id), artifacts, folder)


class InBulk:
    """A transaction for each group of runs: all of it is there, or nothing."""

    def __init__(self, engine: Engine, experiment_id: int, artifacts: str, folder: Path) -> None:
        self._engine, self._experiment_id = engine, experiment_id
        self._artifacts, self._folder = artifacts.rstrip("/"), folder

    def write(self, runs: Sequence[Outgoing]) -> Iterator[Written]:
        with self._engine.begin() as connection:
            named, there = self._named(connection, runs)
            new = {run_id: run for run_id, run in named.items() if run_id not in there}
            for run_id, run in new.items():
                self._put_parameters(run_id, run)
            self._insert(connection, new)
        yield from (Written(run.key, run_id, run.status) for run_id, run in named.items())

    def _named(self, connection: Connection, runs: Sequence[Outgoing]) -> tuple[dict[str, Outgoing], set[str]]:
        """(the runs by their ids, those that are there already: sent by a copy of the store elsewhere)."""
        named = {_id(run): run for run in runs}
        found = connection.execute(
            select(_RUNS.c.run_uuid, _RUNS.c.lifecycle_stage).where(_RUNS.c.run_uuid.in_(list(named)))
        )
        stages = {row.run_uuid: row.lifecycle_stage for row in found}
        # a run in the trash keeps its id
        renamed = {uuid.uuid4().hex if stages.get(i) == "deleted" else i: run for i, run in named.items()}
        return renamed, stages.keys() & renamed.keys()

    def _insert(self, connection: Connection, named: dict[str, Outgoing]) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {t: [] for t in (_RUNS, _TAGS, _PARAMS, _METRICS, _LATEST)}
        for run_id, run in named.items():
            rows[_RUNS].append(self._run(run_id, run))
            tags = {**run.tags, **run.content.tags, "mlflow.runName": run.name}
            rows[_TAGS] += [{"run_uuid": run_id, "key": k, "value": v} for k, v in tags.items()]
            rows[_PARAMS] += [
                {"run_uuid": run_id, "key": clean_key(k), "value": cut(v, PARAM_LENGTH)}
                for k, v in run.content.params.items()
            ]
            metrics, latest = _metrics(run_id, run)
            rows[_METRICS] += metrics
            rows[_LATEST] += latest
        for table, some in rows.items():
            if some:
                connection.execute(table.insert(), some)

    def _run(self, run_id: str, run: Outgoing) -> dict[str, Any]:
        return {
            "run_uuid": run_id,
            "name": run.name,
            "source_type": "UNKNOWN",
            "source_name": "",
            "entry_point_name": "",
            "user_id": "unknown",
            "status": run.status,
            "start_time": run.started,
            "end_time": run.finished,
            "deleted_time": None,
            "source_version": "",
            "lifecycle_stage": "active",
            "artifact_uri": f"{self._artifacts}/{run_id}/artifacts",
            "experiment_id": self._experiment_id,
        }

    def _put_parameters(self, run_id: str, run: Outgoing) -> None:
        if run.parameters is not None:
            folder = self._folder / run_id / "artifacts"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / PARAMETERS_FILE).write_text(run.parameters, encoding="utf-8")


def _id(run: Outgoing) -> str:
    """One id for one result of one run, whoever sends it; a result that was mended later has another."""
    return uuid.uuid5(uuid.UUID(run.parent), f"{run.key} {run.finished}").hex


def _metrics(run_id: str, run: Outgoing) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(every point once, the latest of each key: the greatest by step, time and value, as MLflow has it)."""
    points: dict[tuple[str, int, int, float], dict[str, Any]] = {}
    latest: dict[str, tuple[int, int, float]] = {}
    for key, value, time, step in run.content.points:
        if math.isfinite(value):
            name, place = clean_key(key), (step, time, value)
            points[(name, *place)] = _row(run_id, name, *place)
            latest[name] = max(place, latest.get(name, place))
    return list(points.values()), [_row(run_id, name, *place) for name, place in latest.items()]


def _row(run_id: str, key: str, step: int, time: int, value: float) -> dict[str, Any]:
    return {
        "run_uuid": run_id,
        "key": key,
        "value": value,
        "timestamp": time,
        "step": step,
        "is_nan": False,
    }


def _unknown_table(engine: Engine) -> str | None:
    """The first table whose columns, in MLflow's definition or in the database, are not those we know."""
    inspector = inspect(engine)
    for table in (_RUNS, _TAGS, _PARAMS, _METRICS, _LATEST):
        known = set(_COLUMNS[table.name].split())
        there = {column["name"] for column in inspector.get_columns(table.name)}
        if {column.name for column in table.columns} != known or there != known:
            return str(table.name)
    return None


def _local_folder(artifacts: str) -> Path | None:
    """The folder that an artifact location names, None where it is not on this machine."""
    if not is_local_uri(artifacts):  # type: ignore[no-untyped-call] # MLflow's
        return None
    return Path(local_file_uri_to_path(artifacts))  # type: ignore[no-untyped-call] # MLflow's
