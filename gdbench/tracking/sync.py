"""Bring an MLflow server up to date with a results store, however far it got before."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.judgement.study import study
from gdbench.record.lock import TRACKING_LOCK_NAME, exclusive
from gdbench.tracking.by_sqlite import opened_by_sqlite
from gdbench.tracking.experiment import find_experiment, in_trash, unheeded
from gdbench.tracking.identity import Membership
from gdbench.tracking.parent import NOTE_TAG, options
from gdbench.tracking.server.address import artifact_location, masked, page_base, sqlite_path
from gdbench.tracking.server.embedded import EXPERIMENT_TAG, check_small_database
from gdbench.tracking.tracker import Tracker
from gdbench.tracking.view import curves_page, views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gdbench.judgement.study import Study
    from gdbench.record.records import PlanRecord
    from gdbench.record.store import Store
    from gdbench.tracking.destination import Destination, Experiment

#: MLflow shows experiments of this kind on its training pages, not among language models.
_KIND = {"mlflow.experimentKind": "custom_model_development"}


@dataclass(frozen=True)
class TrackingReport:
    """What came of tracking, for the last lines of a sweep.

    address: where to, without credentials.  sent: runs tracked now.  held: stored runs of all plans that are
    there.  recorded: all of these.  left: stored runs that are not tracked yet and wait for `gdbench sync`.
    error: the first thing that went wrong, a sentence.  remarks: what was put right or not heeded, sentences.
    page: where a browser sees them, if a server answers there; of a database `gdbench ui` tells it.
    """

    address: str
    sent: int = 0
    held: int = 0
    recorded: int = 0
    left: int = 0
    error: str | None = None
    page: str | None = None
    remarks: Sequence[str] = ()


def sync(
    store: Store,
    tracking_uri: str,
    results: Path,
    on_run: Callable[[str], None] | None = None,
    wait: float = 10.0,
    files: Callable[[Study, Store], Mapping[str, Path]] | None = None,
    *,
    restore: bool = False,
) -> TrackingReport:
    """Copy everything in the store to MLflow; what is there already is not sent again, and put right.

    tracking_uri: as `resolve_uri` gives it.  on_run: told the key of each run as it is tracked.
    wait: seconds to wait for another process that is tracking this store.
    files: what to attach to the parent of the last plan, where it is tracked now, artifact name → file.
    restore: whether an experiment that somebody has put into the trash is taken out.
    Raises GdbenchError with one sentence when MLflow refuses; another `sync` then carries on.
    """
    plans, sent = store.plans(), 0
    if not plans:
        return TrackingReport(masked(tracking_uri, tracking_uri))
    with tracking(store, plans[-1], tracking_uri, results, wait, restore=restore) as tracker:
        undone = [plan for plan in plans if not tracker.closed(plan)]
        for plan in plans:  # all parents first: a run then goes to the one where it is to stay
            tracker.gather(plan)
        for plan in undone:
            tracker.open(plan, live=False)
            for keys in tracker.send(plan, tracker.missing(plan)):
                sent += len(keys)
                if on_run is not None:
                    for key in keys:
                        on_run(key)
            about = study(store, plan)
            tracker.close(about, files(about, store) if files and plan is plans[-1] else None)
        for plan in plans:
            for _ in tracker.settle(plan):
                pass
        tracker.repairs.strange = tracker.strangers()
        page, counts, remarks = page_of(tracking_uri, tracker), tracker.counts(), remarks_of(tracker)
    return TrackingReport(masked(tracking_uri, tracking_uri), sent, *counts, page=page, remarks=remarks)


def remarks_of(tracker: Tracker, *, routine: bool = True) -> list[str]:
    """What was put right on the way, and what was not heeded. routine: with what a changed config brings."""
    return [*tracker.repairs.lines(routine=routine), *unheeded()]


def page_of(uri: str, tracker: Tracker) -> str | None:
    """Where a browser sees the experiment of a server; None of a database."""
    base = page_base(uri)
    return curves_page(base, tracker.experiment.id, tracker.version) if base else None


@contextmanager
def tracking(
    store: Store, plan: PlanRecord, uri: str, results: Path, wait: float, *, restore: bool = False
) -> Iterator[Tracker]:
    """The one tracker of this store, connected; any refusal inside the block becomes a GdbenchError.

    restore: whether the experiment is taken out of the trash, if it is there.
    """
    busy = (
        f"{store.path.parent}: another gdbench is sending these runs to MLflow right now. "
        "It will finish them by itself; look again when it is done."
    )
    with exclusive(store.path.with_name(TRACKING_LOCK_NAME), wait, busy):
        check_small_database(uri)
        with opened(uri, results) as destination:
            wanted = options(plan)
            # the same plan as it is known already: one of a hundred thousand runs is 50 MB
            membership = Membership(plan if one.id == plan.id else one for one in store.plans())
            found = find_experiment(destination, wanted.experiment, membership.plans)
            taken_out = found is not None and found.deleted
            if found and taken_out and not restore:
                raise in_trash(found, plan.experiment, uri, results)
            if found and taken_out:
                destination.restore_experiment(found.id)
            experiment = _ensure_experiment(destination, found, store, plan, uri, results)
            tracker = Tracker(destination, store, experiment, membership)
            tracker.repairs.taken_out = taken_out
            tracker.repairs.called = found.name if found and found.name != wanted.experiment else ""
            yield tracker


@contextmanager
def opened(uri: str, results: Path) -> Iterator[Destination]:
    """The destination at an address; a SQLite database that is not there yet is made.

    Any refusal, inside the block too, becomes a GdbenchError.
    """
    with ExitStack() as stack:

        def by_mlflow() -> Destination:
            from gdbench.tracking.by_mlflow import opened_by_mlflow  # noqa: PLC0415  only where needed

            return stack.enter_context(opened_by_mlflow(uri, results))

        path = sqlite_path(uri) if uri.startswith("sqlite:///") and "?" not in uri else None
        direct = stack.enter_context(opened_by_sqlite(path, uri, results, by_mlflow)) if path else None
        yield direct or by_mlflow()


def _ensure_experiment(
    destination: Destination, found: Experiment | None, store: Store, plan: PlanRecord, uri: str, results: Path
) -> Experiment:
    """The plan's MLflow experiment, made where it was not found; its tags are brought up to date."""
    wanted = options(plan)
    experiment = found or destination.make_experiment(
        wanted.experiment, artifact_location(uri, results, wanted.experiment, wanted.artifact_root)
    )
    tags = {
        **_KIND,
        EXPERIMENT_TAG: wanted.experiment,
        NOTE_TAG: plan.description,
        **views(plan, store.problems().values()),
    }
    new = {key: value for key, value in tags.items() if value and experiment.tags.get(key) != value}
    destination.tag_experiment(experiment.id, new)
    return experiment
