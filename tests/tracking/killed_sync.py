"""Syncs in a child process that kills itself with signal 9 at its n-th commit, then syncs again.

Forking spares each attempt the seconds of importing MLflow. The first attempt is undisturbed and counts
the commits; the others die at instants spread evenly over them. Prints one JSON line per attempt: how
the child ended, and everything that MLflow holds after the second sync.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from gdbench.execution.store import Store
from gdbench.tracking.address import resolve_uri
from gdbench.tracking.sync import sync
from tests.tracking.studies import everything


def main(store: Path, template: Path, scratch: Path, attempts: int) -> None:
    commits = _attempt(store, template, scratch / "undisturbed", die_at=0)
    for i in range(attempts):
        _attempt(store, template, scratch / str(i), die_at=1 + i * (commits - 1) // (attempts - 1))


def _attempt(store: Path, template: Path, results: Path, die_at: int) -> int:
    """Sync twice, the first time with a death; returns how many commits the first pass made."""
    shutil.copytree(store, results / "lr_sweep")
    shutil.copy(template, results / "mlflow.db")
    pid = os.fork()
    if pid == 0:
        _count_commits(results / "commits", die_at)
        _sync(results)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _sync(results)
    sys.stdout.write(json.dumps({"ended": ended, "held": everything(resolve_uri(None, results))}) + "\n")
    return (results / "commits").stat().st_size


def _count_commits(counter: Path, die_at: int) -> None:
    """One byte in a file for each commit begun; the one that is not to succeed ends the process."""

    @event.listens_for(Engine, "commit")
    def count(connection: Connection) -> None:
        with counter.open("ab") as file:
            file.write(b".")
        if counter.stat().st_size == die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def _sync(results: Path) -> None:
    with Store.read(results / "lr_sweep") as store:
        sync(store, resolve_uri(None, results), results)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
