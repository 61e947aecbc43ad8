"""What of a store an MLflow experiment holds already: read once, by SQL where the database is open to us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow.store.tracking.dbmodels.models import SqlRun, SqlTag
from sqlalchemy import Engine, Table, select

from gdbench.tracking.outgoing import Written
from gdbench.tracking.server.embedded import KEY_TAG, PLAN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlflow import MlflowClient

_RUNS: Table = SqlRun.__table__
_TAGS: Table = SqlTag.__table__


@dataclass(frozen=True)
class AlreadyTracked:
    """parents: plan id → its run.  children: run key → its run, the finished one where there are several."""

    parents: Mapping[str, Written]
    children: Mapping[str, Written]


def tracked_by_api(client: MlflowClient, experiment_id: str) -> AlreadyTracked:
    """Asked of MLflow: about 2 s for 1,000 runs, because it sends all of each."""

    def pages() -> Iterator[tuple[str, Written]]:
        token = None
        while True:
            page = client.search_runs([experiment_id], max_results=1000, page_token=token)
            for run in page:
                for tag in (KEY_TAG, PLAN_TAG):
                    if tag in run.data.tags:
                        yield tag, Written(run.data.tags[tag], run.info.run_id, run.info.status)
            token = page.token
            if not token:
                return

    return _by_role(pages())


def tracked_by_sql(engine: Engine, experiment_id: str) -> AlreadyTracked:
    """Asked of the database itself: milliseconds."""
    query = (
        select(_TAGS.c.key, _TAGS.c.value, _RUNS.c.run_uuid, _RUNS.c.status)
        .join(_RUNS, _RUNS.c.run_uuid == _TAGS.c.run_uuid)
        .where(_RUNS.c.experiment_id == int(experiment_id), _RUNS.c.lifecycle_stage == "active")
        .where(_TAGS.c.key.in_((KEY_TAG, PLAN_TAG)))
        .order_by(_RUNS.c.start_time.desc(), _RUNS.c.run_uuid)
    )
    with engine.connect() as connection:
        return _by_role(
            (tag, Written(key, run_id, status)) for tag, key, run_id, status in connection.execute(query)
        )


def _by_role(tagged: Iterable[tuple[str, Written]]) -> AlreadyTracked:
    parents: dict[str, Written] = {}
    children: dict[str, Written] = {}
    for tag, run in tagged:
        if tag == PLAN_TAG:
            parents[run.key] = run
        elif run.key not in children or children[run.key].status != "FINISHED":
            children[run.key] = run
    return AlreadyTracked(parents, children)
