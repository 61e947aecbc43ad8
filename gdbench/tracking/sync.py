"""Bring an MLflow server up to date with a results store, however far it got before."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError
from gdbench.record.lock import TRACKING_LOCK_NAME, exclusive
from gdbench.tracking.parent import NOTE_TAG, options
from gdbench.tracking.server.address import artifact_location, masked, page_base
from gdbench.tracking.server.embedded import check_small_database
from gdbench.tracking.tracker import Tracker
from gdbench.tracking.view import curves_page, views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from gdbench.record.records import PlanRecord
    from gdbench.record.store import Store
    from gdbench.tracking.destination import Destination, Experiment

#: MLflow shows experiments of this kind on its training pages, not among language models.
_KIND = {"mlflow.experimentKind": "custom_model_development"}


@dataclass(frozen=True)
class TrackingReport:
    """What came of tracking, for the last lines of a sweep.

    address: where to, without credentials.  sent: runs tracked now.  left: stored runs that are not
    tracked yet and wait for `gdbench sync`.  error: the first thing that went wrong, a sentence.
    page: where a browser sees them, if a server answers there; of a database `gdbench ui` tells it.
    """

    address: str
    sent: int = 0
    left: int = 0
    error: str | None = None
    page: str | None = None


def sync(
    store: Store,
    tracking_uri: str,
    results: Path,
    on_run: Callable[[str], None] | None = None,
    wait: float = 10.0,
    files: Callable[[PlanRecord], Mapping[str, Path]] | None = None,
) -> TrackingReport:
    """Copy everything in the store to MLflow; what is there already is not sent again.

    tracking_uri: as `resolve_uri` gives it.  on_run: told the key of each run as it is tracked.
    wait: seconds to wait for another process that is tracking this store.
    files: what to attach to the parent of a plan that is tracked now, artifact name → file.
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
            for keys in tracker.send(plan, tracker.missing(plan)):
                sent += len(keys)
                if on_run is not None:
                    for key in keys:
                        on_run(key)
            tracker.close(plan, files(plan) if files else None)
        page = page_of(tracking_uri, tracker)
    return TrackingReport(masked(tracking_uri, tracking_uri), sent, page=page)


def page_of(uri: str, tracker: Tracker) -> str | None:
    """Where a browser sees the experiment of a server; None of a database."""
    base = page_base(uri)
    return curves_page(base, tracker.experiment.id, tracker.version) if base else None


@contextmanager
def tracking(store: Store, plan: PlanRecord, uri: str, results: Path, wait: float) -> Iterator[Tracker]:
    """The one tracker of this store, connected; any refusal inside the block becomes a GdbenchError."""
    busy = (
        f"{store.path.parent}: another gdbench is sending these runs to MLflow right now. "
        "It will finish them by itself; look again when it is done."
    )
    with exclusive(store.path.with_name(TRACKING_LOCK_NAME), wait, busy):
        check_small_database(uri)
        with opened(uri, results) as destination:
            yield Tracker(destination, store, _ensure_experiment(destination, plan, uri, results))


def opened(uri: str, results: Path) -> AbstractContextManager[Destination]:
    """The destination at an address; a SQLite database that is not there yet is made."""
    from gdbench.tracking.by_mlflow import opened_by_mlflow  # noqa: PLC0415  imports MLflow: where it is needed

    return opened_by_mlflow(uri, results)


def _ensure_experiment(destination: Destination, plan: PlanRecord, uri: str, results: Path) -> Experiment:
    """The plan's MLflow experiment, made where missing; its tags are brought up to date."""
    wanted = options(plan)
    experiment = destination.experiment(wanted.experiment)
    if experiment is None:
        location = artifact_location(uri, results, wanted.experiment, wanted.artifact_root)
        experiment = destination.make_experiment(wanted.experiment, location)
    elif experiment.deleted:
        raise GdbenchError(
            f"the MLflow experiment '{wanted.experiment}' is in the trash. Empty the trash with 'mlflow gc', "
            f"or 'mlflow experiments restore --experiment-id {experiment.id}'."
        )
    tags = {**_KIND, NOTE_TAG: plan.description, **views(plan)}
    new = {key: value for key, value in tags.items() if value and experiment.tags.get(key) != value}
    destination.tag_experiment(experiment.id, new)
    return experiment
