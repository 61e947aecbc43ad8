"""Dask workers as jobs of SLURM, watched: one that ends too soon is replaced, or a sentence says why not."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from gdbench.descent.errors import GdbenchError

try:
    from dask_jobqueue import SLURMCluster
    from distributed import Status
except ImportError:
    raise GdbenchError("this runner needs dask_jobqueue: pip install 'gdbench[slurm]'") from None

from gdbench.execution.engines.heartbeat import Hopeless
from gdbench.execution.engines.worker_pool import MOST_FAILED_STARTS
from gdbench.execution.profiles.profile import Options

#: Seconds before the end of a job at which its worker hands back what it has and leaves, and by which workers
#: differ in that, so that not all leave at once; of a short job a quarter and a sixteenth.
_EARLY, _STAGGER = 300, 60

#: Seconds that SLURM may take to answer a question, and between two looks.
_ANSWER, _BETWEEN = 15.0, 2.0

#: Seconds from one round of jobs to the next: at first, and at most where no job brings a worker.
_SOON, _LATE = 1.0, 300.0


def slurm_options(options: Options) -> dict[str, Any]:
    """SLURMCluster's keywords: as given, each job one worker that leaves before its time is up.

    log_directory: where jobs write what they say, one file each, as SLURM calls it.
    """
    given = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "01:00:00", **options}
    seconds = _seconds(given["walltime"])
    early = min(_EARLY, seconds // 4)
    stagger = min(_STAGGER, early // 4)
    arguments = ["--lifetime", f"{seconds - early}s", "--lifetime-stagger", f"{stagger}s"]
    prologue = ["export DASK_DISTRIBUTED__WORKER__DAEMON=False", *given.pop("job_script_prologue", [])]
    extra = [*arguments, *given.pop("worker_extra_args", [])]
    directives = [*_log_directive(given.pop("log_directory", "")), *given.pop("job_extra_directives", [])]
    return {
        # a port that is free: Dask warns where 8787 is not
        "scheduler_options": {"dashboard_address": ":0"},
        **given,
        "worker_extra_args": extra,
        "job_script_prologue": prologue,
        "job_extra_directives": directives,
    }


def _log_directive(folder: str) -> list[str]:
    """Without it, SLURM writes into the folder that gdbench is called in."""
    if not folder:
        return []
    # in a name, SLURM replaces %j; quotes are for spaces
    path = str(Path(folder).absolute() / "slurm-").replace("%", "%%").replace('"', '\\"')
    return [f'--output="{path}%j.out"']


def _seconds(walltime: str) -> int:
    """Of SLURM's minutes, minutes:seconds, hours:minutes:seconds or days-hours[:minutes[:seconds]]."""
    days, _, clock = str(walltime).rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if days or len(parts) == 3:
        hours, minutes, seconds = [*parts, 0, 0][:3]
    else:
        hours, (minutes, seconds) = 0, [*parts, 0][:2]
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


class _Job(Protocol):
    """One of dask_jobqueue's. job_id: None where it was refused."""

    job_id: str | None
    status: Status


def open_slurm(options: Options) -> SLURMCluster:
    """A SLURMCluster without jobs."""
    if "log_directory" in options:
        # SLURM makes no folders, and lets a job without one fail in silence
        Path(options["log_directory"]).mkdir(parents=True, exist_ok=True)
    return SLURMCluster(**slurm_options(options))


class SlurmJobs:
    """The jobs of a cluster: as many as wanted, submitted and watched on a thread of their own.

    SLURM may take its time to answer, and the sweep goes on meanwhile.
    """

    def __init__(self, cluster: SLURMCluster, wanted: int, log_directory: str) -> None:
        self._cluster, self._wanted, self._logs = cluster, wanted, log_directory
        self._fruitful = set[str]()  # ids of jobs that brought a worker
        self._failures, self._refusal = 0, ""  # rounds of jobs that brought none, one after the other
        self._pause, self._submitted = _SOON, 0.0
        self._hopeless, self._over = "", threading.Event()

    def start(self) -> None:
        """After the client has come: Dask lets none in while sbatch waits for an answer."""
        threading.Thread(target=self._watch, name="watch of SLURM's jobs", daemon=True).start()

    def check(self) -> None:
        """Raise Hopeless where no job can bring a worker."""
        if self._hopeless:
            raise Hopeless(self._hopeless)

    def waiting(self) -> str:
        """What the first of them waits for, in SLURM's words."""
        ids = [job.job_id for job in self._jobs().values()]
        queue = _queue(ids)
        if queue is None or not any(ids):
            return " SLURM does not answer, either: try sinfo."
        return f" SLURM says of job {min(queue)}: {queue[min(queue)]}." if queue else ""

    def stop(self) -> None:
        """No job is replaced any more."""
        self._over.set()

    def cancel(self) -> None:
        """At once, whatever becomes of the cluster."""
        self.stop()
        ids = [job.job_id for job in self._jobs().values() if job.job_id]
        if ids:
            _ask("scancel", *ids)

    def _jobs(self) -> dict[str, _Job]:
        return dict(self._cluster.workers)

    def _watch(self) -> None:
        self._submit()
        while not self._over.wait(_BETWEEN):
            try:
                self._look()
            except Hopeless as error:
                self._hopeless = str(error)
                return

    def _look(self) -> None:
        present = [str(worker.name) for worker in list(self._cluster.scheduler.workers.values())]
        jobs = self._jobs()
        arrived = {
            job.job_id
            for name, job in jobs.items()
            if job.job_id and any(_belongs(one, name) for one in present)
        }
        if arrived - self._fruitful:
            self._failures, self._pause = 0, _SOON
        self._fruitful |= arrived
        if len(arrived) >= self._wanted or time.monotonic() < self._submitted + self._pause:
            return
        queue = _queue(job.job_id for job in jobs.values())
        if queue is not None:
            ended = {name: job for name, job in jobs.items() if job.job_id not in queue}
            self._replace(ended, idle=not (present or queue))

    def _replace(self, ended: dict[str, _Job], *, idle: bool) -> None:
        """Raises Hopeless where that has been tried often enough."""
        barren = [job.job_id for job in ended.values() if job.job_id and job.job_id not in self._fruitful]
        if barren or self._refusal:
            self._failures += 1
        if idle and self._failures >= (MOST_FAILED_STARTS if self._fruitful else 1):
            raise Hopeless(self._why(*barren[:1]))
        self._cluster.sync(_forget, self._cluster, ended)
        self._submit()

    def _submit(self) -> None:
        """As many as are missing."""
        cluster = self._cluster
        missing = self._wanted - len(cluster.worker_spec)
        if self._over.is_set() or not (missing or self._wanted > len(cluster.workers)):
            return
        self._submitted, self._pause, self._refusal = time.monotonic(), min(2 * self._pause, _LATE), ""
        for _ in range(missing):
            cluster.worker_spec.update(cluster.new_worker_spec())
        try:
            cluster.sync(_opened, cluster)
        except Exception as error:  # noqa: BLE001  what sbatch raised there, or the end of the cluster
            self._refusal = _words_of_sbatch(str(error))
            refused = {name: job for name, job in self._jobs().items() if job.job_id is None}
            cluster.sync(_forget, cluster, refused)

    def _why(self, job: str = "") -> str:
        if not job:
            return (
                f"has no worker, as SLURM takes no job ({self._refusal}). sinfo tells whether it answers, and "
                "its partitions; queue, account, walltime, cores and memory stand under the profile's options"
            )
        said = _last_line(Path(self._logs) / f"slurm-{job}.out") if self._logs else ""
        return (
            f"has no worker, as SLURM's job {job} ended before one came ({said or 'it said nothing'}). Its "
            "Python is the profile's options.python, and needs gdbench[slurm]; options.job_script_prologue "
            "prepares it"
        )


async def _opened(cluster: SLURMCluster) -> None:
    """Submit what is wanted and not there; raises what the first sbatch said that refused."""
    await cluster


async def _forget(cluster: SLURMCluster, ended: dict[str, _Job]) -> None:
    for name, job in ended.items():
        cluster.workers.pop(name, None)
        cluster.worker_spec.pop(name, None)
        job.status = Status.closed  # Dask wants that of each when the cluster ends


def _belongs(worker: str, job: str) -> bool:
    """A job of several processes has workers called job-0, job-1 and on."""
    return worker == job or worker.rpartition("-")[0] == job


def _queue(ids: Iterable[str | None]) -> dict[str, str] | None:
    """Id → state and reason of those that SLURM still has; None where it does not answer."""
    known = [one for one in ids if one]
    if not known:
        return {}
    # alone, an id that has left the queue is an error; all jobs of this user are not
    listed = _ask("squeue", "--me", "--noheader", "--format=%i|%T (%r)")
    if listed is None:
        return None
    jobs = dict(line.strip().split("|", 1) for line in listed.splitlines() if "|" in line)
    return {one: jobs[one] for one in known if one in jobs}


def _ask(*words: str) -> str | None:
    """What one of SLURM's commands prints; None where it fails."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER, check=True)  # noqa: S603
        return done.stdout
    return None


def _words_of_sbatch(text: str) -> str:
    """What sbatch itself said, of an error of dask_jobqueue, which has the script, status and both streams."""
    said = re.findall(r"sbatch: (?:error: )?(.+)", text)
    return str(said[-1]).removeprefix("Batch job submission failed: ") if said else " ".join(text.split())


def _last_line(path: Path) -> str:
    with suppress(OSError):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""
