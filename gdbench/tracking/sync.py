"""Bring an MLflow server up to date with a results store, however far it got before."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gdbench.execution.lock import exclusive
from gdbench.tracking.address import artifact_location, is_server, masked
from gdbench.tracking.by_api import ByApi
from gdbench.tracking.connection import connect, explained, quiet
from gdbench.tracking.engine import analyze, open_engine
from gdbench.tracking.in_bulk import bulk_writer
from gdbench.tracking.known import known_by_api, known_by_sql
from gdbench.tracking.report import TrackingReport
from gdbench.tracking.tracker import Tracker, ensure_experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflow import MlflowClient

    from gdbench.execution.records import PlanRecord
    from gdbench.execution.store import Store

LOCK_NAME = "tracking.lock"


def sync(
    store: Store,
    tracking_uri: str,
    results: Path,
    on_run: Callable[[str], None] | None = None,
    wait: float = 10.0,
) -> TrackingReport:
    """Copy everything in the store to MLflow; what is there already is not sent again.

    tracking_uri: as `resolve_uri` gives it.  on_run: told the key of each run as it is tracked.
    wait: seconds to wait for another process that is tracking this store.
    Raises GdbenchError with one sentence when MLflow refuses; another `sync` then carries on.
    """
    plans, sent = store.plans(), 0
    if not plans:
        return TrackingReport(masked(tracking_uri, tracking_uri))
    with tracking(store, plans[-1], tracking_uri, results, wait) as tracker:
        for plan in plans:
            if tracker.closed(plan):
                continue
            tracker.open(plan, live=False)
            for key in tracker.send(plan, tracker.missing(plan)):
                sent += 1
                if on_run is not None:
                    on_run(key)
            tracker.close(plan)
    return TrackingReport(masked(tracking_uri, tracking_uri), sent)


@contextmanager
def tracking(store: Store, plan: PlanRecord, uri: str, results: Path, wait: float) -> Iterator[Tracker]:
    """The one tracker of this store, connected; any refusal inside the block becomes a GdbenchError."""
    busy = (
        f"{store.path.parent}: another gdbench is sending these runs to MLflow right now. "
        "It will finish them by itself; look again when it is done."
    )
    with quiet(), exclusive(store.path.with_name(LOCK_NAME), wait, busy), explained(uri):
        client = connect(uri, results)
        location = artifact_location(uri, results, plan.experiment)
        experiment = ensure_experiment(client, plan, location)
        if is_server(uri):
            yield _by_api(client, store, experiment.experiment_id, abreast=True)
            return
        with open_engine(uri) as engine:
            writer = bulk_writer(engine, experiment.experiment_id, experiment.artifact_location)
            if writer is None:
                yield _by_api(client, store, experiment.experiment_id, abreast=False)
            else:
                known = known_by_sql(engine, experiment.experiment_id)
                yield Tracker(client, store, experiment.experiment_id, known, writer)
            analyze(engine)


def _by_api(client: MlflowClient, store: Store, experiment_id: str, *, abreast: bool) -> Tracker:
    known = known_by_api(client, experiment_id)
    return Tracker(client, store, experiment_id, known, ByApi(client, experiment_id, abreast=abreast))
