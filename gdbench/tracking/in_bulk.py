"""Many runs in one transaction, straight into MLflow's tables: twenty times faster than its API.

The rows are those that MLflow's own store would write, through its own table definitions; a test reads
both back by its public API and compares them. Only where the tables have exactly the columns that we
know is this way taken.
"""

from __future__ import annotations

import logging
import math
import uuid
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from mlflow.store.tracking.dbmodels import models
from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import IntegrityError

from gdbench.tracking.destination import CONTEXT, Data, Held, Outgoing, Written
from gdbench.tracking.wire import PARAM_LENGTH, clean_key, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select, Table

    from gdbench.tracking.destination import Experiment

#: What MLflow 3.17 and 3.18 have. A column more could be one that we leave empty and must not.
_COLUMNS = {
    "runs": "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
    "deleted_time source_version lifecycle_stage artifact_uri experiment_id",
    "tags": "key value run_uuid",
    "params": "key value run_uuid",
    "metrics": "key value timestamp step is_nan run_uuid",
    "latest_metrics": "key value timestamp step is_nan run_uuid",
    "datasets": "dataset_uuid experiment_id name digest dataset_source_type dataset_source dataset_schema "
    "dataset_profile",
    "inputs": "input_uuid source_type source_id destination_type destination_id step",
    "input_tags": "input_uuid name value",
}
_RUNS, _TAGS, _PARAMS, _METRICS, _LATEST, _INPUTS, _INPUT_TAGS, _DATASETS = _TABLES = [
    model.__table__  # parents before children, for databases with foreign keys
    for model in (
        models.SqlRun,
        models.SqlTag,
        models.SqlParam,
        models.SqlMetric,
        models.SqlLatestMetric,
        models.SqlInput,
        models.SqlInputTag,
        models.SqlDataset,
    )
]

#: Column → value.
Row = dict[str, object]

_log = logging.getLogger(__name__)


def bulk_writer(engine: Engine) -> InBulk | None:
    """The writer for a database; None where its tables are not those we know."""
    unknown = _unknown_table(engine)
    if unknown:
        _log.debug(
            "MLflow's database is written to by its public API, because its table %s has other columns", unknown
        )
        return None
    return InBulk(engine)


class InBulk:
    """A transaction for each group of runs: all of it is there, or nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._datasets: dict[tuple[str, Data], str] = {}  # by experiment

    def held(self, experiment_id: str, tags: Sequence[str]) -> Iterator[Held]:
        query = (
            select(_RUNS.c.run_uuid, _RUNS.c.status, _RUNS.c.lifecycle_stage, _TAGS.c.key, _TAGS.c.value)
            .join(_TAGS, _RUNS.c.run_uuid == _TAGS.c.run_uuid)
            .where(_RUNS.c.experiment_id == int(experiment_id), _TAGS.c.key.in_(list(tags)))
            .order_by(_RUNS.c.start_time.desc(), _RUNS.c.run_uuid)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        for (run_id, status, stage), some in groupby(rows, lambda row: tuple(row[:3])):
            yield Held(run_id, status, stage == "deleted", {row.key: row.value for row in some})

    def write(self, experiment: Experiment, runs: Sequence[Outgoing]) -> Sequence[Written]:
        for data in {run.data for run in runs if run.data}:
            if (experiment.id, data) not in self._datasets:
                self._datasets[experiment.id, data] = self._dataset(int(experiment.id), data)
        with self._engine.begin() as connection:
            named, there = self._named(connection, runs)
            new = {run_id: run for run_id, run in named.items() if run_id not in there}
            self._insert(connection, experiment, new)
        return [Written(run.key, run_id, run.status) for run_id, run in named.items()]

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

    def _insert(self, connection: Connection, experiment: Experiment, named: Mapping[str, Outgoing]) -> None:
        rows: dict[Table, list[Row]] = {table: [] for table in _TABLES}
        for run_id, run in named.items():
            rows[_RUNS].append(_run(experiment, run_id, run))
            tags = {**run.tags, **run.content.tags, "mlflow.runName": run.name}
            rows[_TAGS] += [{"run_uuid": run_id, "key": k, "value": v} for k, v in tags.items()]
            rows[_PARAMS] += [
                {"run_uuid": run_id, "key": clean_key(k), "value": cut(v, PARAM_LENGTH)}
                for k, v in run.content.params.items()
            ]
            metrics, latest = _metrics(run_id, run)
            rows[_METRICS] += metrics
            rows[_LATEST] += latest
            if run.data:
                edge = _input(run_id, self._datasets[experiment.id, run.data])
                rows[_INPUTS].append(edge)
                context = {"input_uuid": edge["input_uuid"], "name": CONTEXT[0], "value": CONTEXT[1]}
                rows[_INPUT_TAGS].append(context)
        for table, some in rows.items():
            if some:
                connection.execute(table.insert(), some)

    def _dataset(self, experiment_id: int, data: Data) -> str:
        """The id of a dataset in this experiment, made where missing, by whoever comes first."""
        mine = (_DATASETS.c.experiment_id == experiment_id) & (_DATASETS.c.name == data.name)
        known = select(_DATASETS.c.dataset_uuid).where(mine & (_DATASETS.c.digest == data.digest))
        row = {
            "dataset_uuid": uuid.uuid4().hex,
            "experiment_id": experiment_id,
            **{
                f"dataset_{name}": getattr(data, name)
                for name in ("source_type", "source", "schema", "profile")
            },
            "name": data.name,
            "digest": data.digest,
        }
        found = self._scalar(known)
        if found is None:
            with suppress(IntegrityError), self._engine.begin() as connection:
                connection.execute(_DATASETS.insert(), row)
            found = self._scalar(known)
        return str(found)

    def _scalar(self, query: Select[tuple[str]]) -> str | None:
        with self._engine.connect() as connection:
            found = connection.scalar(query)
        return None if found is None else str(found)


def _id(run: Outgoing) -> str:
    """One id for one result of one run, whoever sends it; a result that was mended later has another."""
    return uuid.uuid5(uuid.UUID(run.parent), f"{run.key} {run.finished}").hex


def _run(experiment: Experiment, run_id: str, run: Outgoing) -> Row:
    return {
        "run_uuid": run_id,
        "name": run.name,
        "source_type": "UNKNOWN",
        "source_name": "",
        "entry_point_name": "",
        "user_id": run.tags.get("mlflow.user", "unknown"),
        "status": run.status,
        "start_time": run.started,
        "end_time": run.finished,
        "deleted_time": None,
        "source_version": "",
        "lifecycle_stage": "active",
        "artifact_uri": f"{experiment.artifacts.rstrip('/')}/{run_id}/artifacts",
        "experiment_id": int(experiment.id),
    }


def _metrics(run_id: str, run: Outgoing) -> tuple[list[Row], list[Row]]:
    """(every point once, the latest of each key: the greatest by step, time and value, as MLflow has it)."""
    points: dict[tuple[str, int, int, float], Row] = {}
    latest: dict[str, tuple[int, int, float]] = {}
    for key, value, time, step in run.content.points:
        if math.isfinite(value):
            name, place = clean_key(key), (step, time, value)
            points[(name, *place)] = _row(run_id, name, *place)
            latest[name] = max(place, latest.get(name, place))
    return list(points.values()), [_row(run_id, name, *place) for name, place in latest.items()]


def _row(run_id: str, key: str, step: int, time: int, value: float) -> Row:
    return {
        "run_uuid": run_id,
        "key": key,
        "value": value,
        "timestamp": time,
        "step": step,
        "is_nan": False,
    }


def _input(run_id: str, dataset: str) -> Row:
    """The edge from a dataset to a run. step: as MLflow's own, which leaves it to the database."""
    return {
        "input_uuid": uuid.uuid5(uuid.UUID(run_id), dataset).hex,
        "source_type": "DATASET",
        "source_id": dataset,
        "destination_type": "RUN",
        "destination_id": run_id,
        "step": 0,
    }


def _unknown_table(engine: Engine) -> str | None:
    """The first table whose columns, in MLflow's definition or in the database, are not those we know."""
    inspector = inspect(engine)
    for table in _TABLES:
        known = set(_COLUMNS[table.name].split())
        there = {column["name"] for column in inspector.get_columns(table.name)}
        if {column.name for column in table.columns} != known or there != known:
            return str(table.name)
    return None
