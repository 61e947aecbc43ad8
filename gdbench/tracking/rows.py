"""The rows that a finished run becomes in MLflow's tables, for whoever writes them without its API.

They are those that MLflow's own store would write; a test reads both back by its public API and compares.
"""

from __future__ import annotations

import uuid
from itertools import repeat
from math import isfinite
from typing import TYPE_CHECKING

from gdbench.tracking.destination import CONTEXT
from gdbench.tracking.wire import PARAM_LENGTH, clean_key, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdbench.tracking.destination import Data, Experiment, Outgoing
    from gdbench.tracking.server.embedded import Row
    from gdbench.tracking.wire import Series

    #: Table → its new rows.
    Rows = dict[str, list[Row]]

#: What MLflow 3.17 and 3.18 have, in the order of our rows; parents before children, for databases with foreign
#: keys. A column more could be one that we leave empty and must not, so a table with others is not written to.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "runs": "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
        "deleted_time source_version lifecycle_stage artifact_uri experiment_id",
        "tags": "key value run_uuid",
        "params": "key value run_uuid",
        "metrics": "key value timestamp step run_uuid is_nan",
        "latest_metrics": "key value timestamp step run_uuid is_nan",
        "datasets": "dataset_uuid experiment_id name digest dataset_source_type dataset_source dataset_schema "
        "dataset_profile",
        "inputs": "input_uuid source_type source_id destination_type destination_id step",
        "input_tags": "input_uuid name value",
    }.items()
}


def id_of(run: Outgoing) -> str:
    """One id for one result of one run, whoever sends it; a result that was mended later has another.

    It begins with the time, so that rows come into MLflow's indexes at their end: a quarter less to write.
    """
    name = uuid.uuid5(uuid.UUID(run.parent), f"{run.key} {run.finished}").hex
    return f"{run.finished % 16**12:012x}{name[12:]}"


def rows_of(runs: Mapping[str, Outgoing], experiment: Experiment, datasets: Mapping[Data, str]) -> Rows:
    """runs: by their ids.  datasets: the ids of those that the runs are on."""
    rows: Rows = {table: [] for table in COLUMNS}
    for run_id, run in runs.items():
        rows["runs"].append(
            run_row(experiment, run_id, run.name, run.started, run.tags, run.status, run.finished)
        )
        tags = {**run.tags, **run.content.tags, "mlflow.runName": run.name}
        rows["tags"] += [(key, value, run_id) for key, value in tags.items()]
        rows["params"] += param_rows(run_id, run.content.params)
        metrics, latest = metric_rows(run_id, run.content.series)
        rows["metrics"] += metrics
        rows["latest_metrics"] += latest
        if run.data:
            edge, context = input_rows(run_id, datasets[run.data])
            rows["inputs"].append(edge)
            rows["input_tags"].append(context)
    return rows


def run_row(
    experiment: Experiment,
    run_id: str,
    name: str,
    started: int,
    tags: Mapping[str, str],
    status: str = "RUNNING",
    ended: int | None = None,
) -> Row:
    place, user = f"{experiment.artifacts.rstrip('/')}/{run_id}/artifacts", tags.get("mlflow.user", "unknown")
    source, whole = ("UNKNOWN", "", ""), (None, "", "active")
    return (run_id, name, *source, user, status, started, ended, *whole, place, int(experiment.id))


def param_rows(run_id: str, params: Mapping[str, str]) -> list[Row]:
    return [(clean_key(key), cut(value, PARAM_LENGTH), run_id) for key, value in params.items()]


def metric_rows(run_id: str, metrics: Iterable[Series]) -> tuple[list[Row], list[Row]]:
    """(every finite point once, the latest of each key: the greatest by step, time and value)."""
    rows: list[Row] = []
    latest: dict[str, Row] = {}
    for key, values, times, steps in metrics:
        name = clean_key(key)
        block = list(zip(repeat(name), values, times, steps, repeat(run_id), repeat(False), strict=False))
        if not all(map(isfinite, values)):
            block = [row for row in block if isfinite(row[1])]
        if name in latest:  # two keys that MLflow cannot tell apart
            there = set(rows)
            block = [row for row in dict.fromkeys(block) if row not in there]
        rows += block
        # of one series the last: steps increase
        last = max([*block[-1:], *([latest[name]] if name in latest else [])], key=_place, default=None)
        if last:
            latest[name] = last
    return rows, list(latest.values())


def _place(row: Row) -> tuple[object, ...]:
    """A point's in the order of MLflow's: its step, its time, its value."""
    return row[3], row[2], row[1]


def input_rows(run_id: str, dataset: str) -> tuple[Row, Row]:
    """(the edge from a dataset to a run, its tag). step: as MLflow's own, which leaves it to the database."""
    edge = uuid.uuid5(uuid.UUID(run_id), dataset).hex
    return (edge, "DATASET", dataset, "RUN", run_id, 0), (edge, *CONTEXT)


def dataset_row(data: Data, experiment_id: str) -> Row:
    about = (data.source_type, data.source, data.schema, data.profile)
    return (uuid.uuid4().hex, int(experiment_id), data.name, data.digest, *about)


def unknown_table(
    there: Mapping[str, Iterable[str]], known: Mapping[str, Iterable[str]] = COLUMNS
) -> str | None:
    """The first table whose columns are not those we know. there: table → its columns."""
    return next((table for table in known if set(there.get(table, ())) != set(known[table])), None)
