"""Tracking while a sweep runs: a thread beside it that is told what is done and never holds it up."""

from __future__ import annotations

import math
import queue
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gdbench.config.processes import memory_limit
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.tracking.server.address import masked
from gdbench.tracking.sync import TrackingReport, page_of, remarks_of, tracking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gdbench.judgement.study import Study
    from gdbench.record.records import PlanRecord
    from gdbench.tracking.tracker import Tracker

#: Bytes of address space with which MLflow can be imported beside a sweep; it takes half a GB by itself.
_NEEDED = 1_500_000_000

_GROUP = 25  # runs read and sent together
_BACKLOG = 10_000  # finished runs remembered; those beyond are found in the store at the end
_LOCK_WAIT = 5.0  # seconds for another process that tracks this store
_AFTER_INTERRUPT = 0.7  # seconds that a user who pressed Ctrl-C still waits for; gdbench sync does the rest
_STALL = 20.0  # seconds without any progress after which `close` gives tracking up
_AFTERWARDS = 15.0  # seconds of sending after a sweep's end that are always granted,
_SHARE = 0.1  # and as a share of the sweep's own time; `sync` sends what is left

_PAUSE, _LONGEST_PAUSE = (
    5.0,
    60.0,
)  # seconds before a place that refused is asked again, each time twice as many

#: Seconds that tracking rests for each second of work while a sweep goes on: what it takes, the sweep goes
#: without. Short runs are then mostly sent when the sweep is over and its answer told.
_REST = 9.0

_CLOSE = ""  # no key is empty


def has_room() -> bool:
    """Whether a bound on memory, if there is one, leaves enough for MLflow and a report beside a sweep."""
    return not memory_limit() or memory_limit() >= _NEEDED


class LiveTracking:
    """Sends a plan's runs to MLflow as they finish.

    The thread imports MLflow itself, so that a sweep starts two seconds earlier, and reads the store
    over a connection of its own. Whatever goes wrong in it, the sweep learns of it from `close` only.
    """

    def __init__(
        self,
        store_folder: Path,
        uri: str,
        results: Path,
        plan_id: str,
        *,
        plan: PlanRecord | None = None,
        stall: float = _STALL,
    ) -> None:
        """plan: as it is known already; of a hundred thousand runs a second one takes 50 MB."""
        self._folder, self._uri, self._results, self._plan_id = store_folder, uri, results, plan_id
        self._plan, self._address, self._stall = plan, masked(uri, uri), stall
        self._finished: queue.Queue[str] = queue.Queue(_BACKLOG)
        self._begun = time.monotonic()
        self._connected = self._begun  # moved on when MLflow is imported and answers
        self._over, self._patience = math.inf, 0.0  # the sweep's end, and seconds of sending after it
        self._files: Mapping[str, Path] = {}
        self._interrupted = False
        self._about: Study | None = None
        self._page: str | None = None
        self._closing, self._alone, self._opened = threading.Event(), threading.Event(), threading.Event()
        self._closed_before = False
        self._sent = 0
        self._tracked: set[str] = set()
        self._steps = 0  # grows with every sign of life
        self._clock: int | None = None  # of the processor's seconds that the thread takes
        self._error: str | None = None
        self._remarks: list[str] = []
        # A daemon: a tracker that hangs in somebody's network must not keep the program from ending.
        self._thread = threading.Thread(target=self._guarded, name="tracking", daemon=True)
        self._thread.start()

    def follow(self, key: str) -> None:
        """Tell that the store has got this run. Returns at once."""
        with suppress(queue.Full):  # the last pass asks the store what is missing
            self._finished.put_nowait(key)

    def hurry(self) -> None:
        """Tell that the last run has ended: nothing has to be left to the sweep any more."""
        self._alone.set()

    def lacks_files(self) -> bool:
        """Whether the parent run has not been given yet what belongs to its end; waits until that is known."""
        self._opened.wait(self._stall)
        return not self._closed_before

    def close(
        self, *, interrupted: bool, files: Mapping[str, Path] | None = None, about: Study | None = None
    ) -> TrackingReport:
        """Send what is left, close the parent run, and tell what came of it.

        interrupted: the user wants to leave, and does within a second; otherwise a server that is
        slow is granted a share of the sweep's time.  files: artifact name → file, for the parent.
        about: the study, where it has been made; whoever hands it over leaves it alone meanwhile.
        """
        now = time.monotonic()
        self._patience = 0.0 if interrupted else max(_AFTERWARDS, _SHARE * (now - self._begun))
        self._over = now
        self._files, self._interrupted = {} if interrupted or not files else files, interrupted
        self._about = about
        self._closing.set()
        self._alone.set()
        self.follow(_CLOSE)
        if interrupted:
            self._thread.join(_AFTER_INTERRUPT)
        elif not self._joined():
            self._error = self._error or f"MLflow at {self._address}: no answer for {self._stall:g} seconds."
        left = self._left()
        if left and not interrupted:
            self._error = self._error or f"MLflow at {self._address} is slow: the sweep did not wait for it."
        return TrackingReport(
            self._address, self._sent, left=left, error=self._error, page=self._page, remarks=self._remarks
        )

    def _joined(self) -> bool:
        signs, since = self._signs(), time.monotonic()
        while self._thread.is_alive():
            self._thread.join(min(0.5, self._stall))
            if self._signs() != signs:
                signs, since = self._signs(), time.monotonic()
            elif time.monotonic() - since >= self._stall:
                return not self._thread.is_alive()
        return True

    def _signs(self) -> tuple[int, float]:
        """Of life. Work is one: to tell what became of 100,000 runs takes a minute, with nobody to wait for."""
        worked = 0.0
        with suppress(OSError):  # the thread has ended
            worked = time.clock_gettime(self._clock) if self._clock is not None else 0.0
        return self._steps, round(worked, 1)

    def _left(self) -> int:
        """Runs of the plan that are in the store and, as far as we know, nowhere else."""
        with suppress(GdbenchError, sqlite3.Error), Store.read(self._folder) as store:
            stored = store.keys()
            return sum(
                run.key in stored and run.key not in self._tracked for run in self._known_plan(store).runs
            )
        return 0  # a store that cannot be read is the sweep's trouble, and reported by it

    # --- in the thread

    def _guarded(self) -> None:
        if hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
        if not has_room():
            limit = f"{memory_limit() / 1e6:.0f} MB is the limit (ulimit -v)"
            self._error = f"MLflow needs {_NEEDED / 1e9:g} GB of address space beside a sweep, and {limit}."
            self._opened.set()
            return
        try:
            self._try_again_and_again()
        except GdbenchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001  whatever it is, a sweep must not end because of its tracker
            text = masked(f"{type(error).__name__}: {error}", self._uri)
            self._error = f"tracking ended by a mistake of gdbench's own ({text}). Please report it."
        finally:
            self._opened.set()

    def _try_again_and_again(self) -> None:
        """Track until the sweep is over, however often MLflow is away meanwhile; raises the last refusal."""
        pause, refused = _PAUSE, ""
        with Store.read(self._folder) as store:
            while True:
                try:
                    self._run(store, self._known_plan(store))
                except GdbenchError as error:
                    self._steps += 1
                    refused, since = str(error), time.monotonic()
                    # whoever has refused just now is not asked again when the sweep ends
                    if self._closing.wait(pause) and time.monotonic() - since < _PAUSE:
                        raise
                    pause = min(2 * pause, _LONGEST_PAUSE)
                else:
                    if refused:
                        self._remarks.append(
                            f"{refused.rstrip('.')}: so it was for a while, and it has all runs since."
                        )
                    return

    def _run(self, store: Store, plan: PlanRecord) -> None:
        with tracking(store, plan, self._uri, self._results, _LOCK_WAIT) as tracker:
            self._connected = time.monotonic()
            self._steps += 1
            self._page = page_of(self._uri, tracker)
            try:
                plan = self._follow(tracker, plan, store)
            except Exception:
                # One try at not leaving the parent RUNNING; the first error is the one to tell.
                with suppress(Exception):
                    tracker.abandon(plan)
                raise
            self._steps += 1
            known = self._about if self._about and self._about.plan.id == plan.id else None
            tracker.close(known or study(store, plan), self._files, whole=not self._interrupted)
            self._remarks += remarks_of(tracker, routine=False)

    def _as_grown(self, plan: PlanRecord, store: Store) -> PlanRecord:
        """The plan with what has followed meanwhile."""
        return self._known_plan(store) if plan.stages else plan

    def _known_plan(self, store: Store) -> PlanRecord:
        """As it is now: without stages it stays as it was."""
        return self._plan if self._plan and not self._plan.stages else _plan(store, self._plan_id)

    def _follow(self, tracker: Tracker, plan: PlanRecord, store: Store) -> PlanRecord:
        """Until the sweep is over; gives the plan as it is then."""
        self._closed_before = tracker.closed(plan)
        self._opened.set()
        tracker.open(plan, live=True)
        missing = tracker.missing(plan)
        self._tracked = store.keys() - set(missing)
        for _ in tracker.settle(plan):
            self._steps += 1
            if self._late():
                break
        self._send(tracker, plan, missing)
        while not self._closing.is_set():
            keys, before = self._group(), time.thread_time()
            plan = self._as_grown(plan, store)
            self._send(tracker, plan, keys)
            self._alone.wait(_REST * (time.thread_time() - before))
        plan = self._as_grown(plan, store)
        missing = tracker.missing(plan)
        # what another store has sent into this experiment is there, though it was not sent from here
        self._tracked |= store.keys() - set(missing)
        self._send(tracker, plan, missing)
        return plan

    def _group(self) -> list[str]:
        """The next finished runs: waits for one, takes as many as are there."""
        keys = [self._finished.get()]
        while len(keys) < _GROUP and not self._finished.empty():
            keys.append(self._finished.get_nowait())
        return [key for key in keys if key != _CLOSE]

    def _send(self, tracker: Tracker, plan: PlanRecord, keys: list[str]) -> None:
        self._steps += 1
        for sent in tracker.send(plan, keys):
            self._tracked.update(sent)
            self._sent += len(sent)
            self._steps += 1
            if self._late():
                return

    def _late(self) -> bool:
        """Whether the sweep is over for so long that what is left is left to `gdbench sync`."""
        return time.monotonic() - max(self._over, self._connected) > self._patience


def _plan(store: Store, plan_id: str) -> PlanRecord:
    for plan in store.plans():
        if plan.id == plan_id:
            return plan
    raise GdbenchError(f"{store.path}: no plan '{plan_id}' is recorded here.")
