"""A real Dask scheduler with real workers on loopback, each a process that a test may kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
from distributed import Client

PATIENCE = 180  # seconds; only a hang takes so long


class Processes:
    """`dask scheduler` and `dask worker`, started by hand as on a cluster. Use as a context manager."""

    def __init__(self, folder, workers=2, **environment):
        self.folder, self._count = Path(folder), workers
        self._environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False", **environment}
        self.workers = []

    def __enter__(self):
        self._file = self.folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", self._file)
        self.workers = [self.start_worker() for _ in range(self._count)]
        wait_until(self._file.is_file)
        with Client(scheduler_file=str(self._file), set_as_default=False) as client:
            client.wait_for_workers(self._count, timeout=PATIENCE)
            self.address = client.scheduler.address
        return self

    def start_worker(self):
        size = ["--nthreads", "1", "--memory-limit", "0", "--local-directory", self.folder]
        return self._start("worker", "--scheduler-file", self._file, *size)

    def _start(self, what, *arguments):
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{what}",
            "--host",
            "127.0.0.1",
            "--no-dashboard",
        ]
        log = (self.folder / f"{what}.log").open("ab")
        return subprocess.Popen(
            [*command, *map(str, arguments)], env=self._environment, stdout=log, stderr=log, cwd=self.folder
        )

    def __exit__(self, *_):
        for process in [*self.workers, self.scheduler]:
            kill_tree(process.pid)
            process.wait(PATIENCE)


def kill_tree(pid):
    """SIGKILL a process and, unless they have gone already, all that it started: a nanny and its worker."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def wait_until(condition):
    """Look again and again until it holds; a test that waits for ever has failed."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)
