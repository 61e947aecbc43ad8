"""Tracking while a sweep runs: a thread beside it that is told what is done and never holds it up."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError
from gdbench.execution.store import Store
from gdbench.tracking.address import masked
from gdbench.tracking.report import TrackingReport

if TYPE_CHECKING:
    from pathlib import Path

    from gdbench.execution.records import PlanRecord
    from gdbench.tracking.tracker import Tracker

_GROUP = 25  # runs read and sent together
_BACKLOG = 10_000  # finished runs remembered; those beyond are found in the store at the end
_LOCK_WAIT = 5.0  # seconds for another process that tracks this store
_AFTER_INTERRUPT = 0.7  # seconds that a user who pressed Ctrl-C still waits for; gdbench sync does the rest
_STALL = 60.0  # seconds without any progress after which `close` gives tracking up

_CLOSE = ""  # no key is empty


class Follower:
    """Sends a plan's runs to MLflow as they finish.

    The thread imports MLflow itself, so that a sweep starts two seconds earlier, and reads the store
    over a connection of its own. Whatever goes wrong in it, the sweep learns of it from `close` only.
    """

    def __init__(
        self, store_folder: Path, uri: str, results: Path, plan_id: str, *, stall: float = _STALL
    ) -> None:
        self._folder, self._uri, self._results, self._plan_id = store_folder, uri, results, plan_id
        self._address, self._stall = masked(uri, uri), stall
        self._finished: queue.Queue[str] = queue.Queue(_BACKLOG)
        self._deadline: float | None = None  # monotonic; set by an interrupted close
        self._closing = threading.Event()
        self._sent = 0
        self._tracked: set[str] = set()
        self._steps = 0  # grows with every sign of life
        self._error: str | None = None
        # A daemon: a tracker that hangs in somebody's network must not keep the program from ending.
        self._thread = threading.Thread(target=self._guarded, name="tracking", daemon=True)
        self._thread.start()

    def follow(self, key: str) -> None:
        """Tell that the store has got this run. Returns at once."""
        with suppress(queue.Full):  # the last pass asks the store what is missing
            self._finished.put_nowait(key)

    def close(self, *, interrupted: bool) -> TrackingReport:
        """Send what is left, close the parent run, and tell what came of it.

        interrupted: the user wants to leave, so sending ends after a few seconds.
        """
        if interrupted:
            self._deadline = time.monotonic() + _AFTER_INTERRUPT
        self._closing.set()
        self.follow(_CLOSE)
        if not self._joined() and not interrupted:
            self._error = self._error or f"MLflow at {self._address}: no answer for {self._stall:g} seconds."
        return TrackingReport(self._address, self._sent, self._left(), self._error)

    def _joined(self) -> bool:
        steps, since = self._steps, time.monotonic()
        while self._thread.is_alive():
            self._thread.join(min(1.0, self._stall, self._patience()))
            if self._deadline is not None and time.monotonic() > self._deadline:
                return not self._thread.is_alive()
            if self._steps != steps:
                steps, since = self._steps, time.monotonic()
            elif time.monotonic() - since >= self._stall:
                return not self._thread.is_alive()
        return True

    def _patience(self) -> float:
        """Seconds until an interrupted close gives up; no end where nobody interrupted."""
        return threading.TIMEOUT_MAX if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _left(self) -> int:
        """Runs of the plan that are in the store and, as far as we know, nowhere else."""
        with suppress(GdbenchError, sqlite3.Error), Store.read(self._folder) as store:
            stored = store.keys()
            return sum(
                run.key in stored and run.key not in self._tracked for run in _plan(store, self._plan_id).runs
            )
        return 0  # a store that cannot be read is the sweep's trouble, and reported by it

    # --- in the thread

    def _guarded(self) -> None:
        try:
            with Store.read(self._folder) as store:
                self._run(store, _plan(store, self._plan_id))
        except GdbenchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001  whatever it is, a sweep must not end because of its tracker
            text = masked(f"{type(error).__name__}: {error}", self._uri)
            self._error = f"tracking ended by a mistake of gdbench's own ({text}). Please report it."

    def _run(self, store: Store, plan: PlanRecord) -> None:
        from gdbench.tracking.sync import tracking  # noqa: PLC0415  imports MLflow: here, in the thread

        with tracking(store, plan, self._uri, self._results, _LOCK_WAIT) as tracker:
            try:
                self._follow(tracker, plan, store)
            except Exception:
                # One try at not leaving the parent RUNNING; the first error is the one to tell.
                with suppress(Exception):
                    tracker.close(plan)
                raise
            tracker.close(plan)

    def _follow(self, tracker: Tracker, plan: PlanRecord, store: Store) -> None:
        missing = tracker.missing(plan)
        self._tracked = store.keys() - set(missing)
        tracker.open(plan, live=True)
        self._send(tracker, plan, missing)
        while not self._closing.is_set():
            self._send(tracker, plan, self._group())
        self._send(tracker, plan, tracker.missing(plan))

    def _group(self) -> list[str]:
        """The next finished runs: waits for one, takes as many as are there."""
        keys = [self._finished.get()]
        while len(keys) < _GROUP and not self._finished.empty():
            keys.append(self._finished.get_nowait())
        return [key for key in keys if key != _CLOSE]

    def _send(self, tracker: Tracker, plan: PlanRecord, keys: list[str]) -> None:
        self._steps += 1
        for key in tracker.send(plan, keys):
            self._tracked.add(key)
            self._sent += 1
            self._steps += 1
            if self._deadline is not None and time.monotonic() > self._deadline:
                return


def _plan(store: Store, plan_id: str) -> PlanRecord:
    for plan in store.plans():
        if plan.id == plan_id:
            return plan
    raise GdbenchError(f"{store.path}: no plan '{plan_id}' is recorded here.")
