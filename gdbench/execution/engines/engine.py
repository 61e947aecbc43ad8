"""The seam between a plan and the places where it runs, submit(task) → Future; from a profile to its engine.

And one run of no weight, to learn whether a place can be reached and who answers there.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import UNDONE
from gdbench.execution.profiles.profile import AUTO, OURS, Profile, load_kind
from gdbench.execution.task import Cargo, Delivery, Finished, Limits, Task
from gdbench.execution.workers.identity import identity, in_words
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record


class Engine(Protocol):
    """submit() a task; its future gives a `Finished`, or raises GdbenchError where no run can be done.

    slots: how many tasks can be worth having in flight.
    """

    slots: int

    def submit(self, task: Task) -> Future[Finished]: ...

    def halt(self) -> None:
        """Begin nothing more; what runs goes on."""

    def close(self) -> None:
        """Wait for what was submitted, then end."""

    def abort(self) -> None:
        """End now; leave no process behind."""


class Line(Protocol):
    """The connection to one worker, which takes one chunk of tasks at a time; kinds of engine differ here.

    What ends the worker in the middle of a chunk is a `Delivery` with a death. The future raises
    GdbenchError where no worker can be had at all.
    """

    def send(self, chunk: list[Task]) -> Future[Delivery]: ...

    def close(self) -> None:
        """End the worker, which has nothing to do."""

    def abort(self) -> None:
        """End the worker now, whatever it is doing."""


@contextmanager
def open_engine(profile: Profile, cargo: Cargo, tasks: int, home: Path | None = None) -> Iterator[Engine]:
    """The engine of a profile for so many tasks; closed at the end of the block, aborted by an exception.

    home: the experiment's folder, where files belong that others write for it.
    """
    scratched = tempfile.TemporaryDirectory(prefix="gdbench-", ignore_cleanup_errors=True)
    with scratched as scratch, _script_unseen():
        module, placed = _module(profile), _with_logs(profile, home or Path(scratch))
        engine: Engine = module.open_engine(placed, cargo, tasks, Path(scratch))
        try:
            yield engine
        except BaseException:
            engine.abort()
            raise
        engine.close()


@contextmanager
def _script_unseen() -> Iterator[None]:
    """A block in which processes are started that do not read the main script.

    multiprocessing would execute it in every worker; a plain script would call `gdbench.run` there again.
    """
    names, hidden = vars(sys.modules["__main__"]), ("__file__", "__spec__")
    before = {name: names[name] for name in hidden if name in names}
    names.pop("__file__", None)
    names["__spec__"] = None
    try:
        yield
    finally:
        names.update(before)


def _with_logs(profile: Profile, home: Path) -> Profile:
    """SLURM writes what jobs say into the folder that one is in, unless it is told another."""
    if profile.kind != "dask-slurm" or "log_directory" in profile.options:
        return profile
    options = {**profile.options, "log_directory": str(home / "slurm")}
    return profile.model_copy(update={"options": options})


def _module(profile: Profile) -> ModuleType:
    """It has open_engine(profile, cargo, tasks, scratch) → Engine."""
    kind = profile.kind
    if kind not in OURS:
        return load_kind(kind)
    if kind == "dask-slurm" and not shutil.which("sbatch"):
        # Dask would submit into the void and wait for a worker
        raise GdbenchError(
            f"runner {profile.name}: this machine has no sbatch on its PATH. Start gdbench where SLURM's "
            "commands are."
        )
    # what a choice rests on is not known here, and processes can keep every promise
    home = "processes" if kind == AUTO else "dask" if kind.startswith("dask") else kind
    return import_module(f"gdbench.execution.engines.{home}")


_CONFIG = """\
name: trial
grid: {surface: rosenbrock, learning_rate: 0.1, convergence: {max_iterations: 1}}
"""

#: Seconds that a worker, once it is reached, may take for its first run.
_PATIENCE = 120.0

#: Seconds that a queue is waited for where the profile names none: somebody sits before a check.
IN_QUEUE = 30.0


class Trial(NamedTuple):
    """Who did the run. opened, ran: seconds until the place was open, and until the run was back."""

    gdbench: str
    interpreter: str
    host: str
    opened: float
    ran: float


def try_out(profile: Profile) -> Trial:
    """Open the place, have one run done, close it; raises GdbenchError in one sentence."""
    task, began = _task(), time.monotonic()
    cargo = Cargo({}, (), Limits(profile.timeout, profile.memory_limit), identity())
    with open_engine(_impatient(profile), cargo, 1) as engine:
        opened = time.monotonic()
        try:
            result = engine.submit(task).result(_PATIENCE).result
        except TooLate:
            raise GdbenchError(
                f"runner {profile.name}: it is reached, but a run of one iteration is not back within "
                f"{_PATIENCE:g} s."
            ) from None
        back = time.monotonic()
    if result.outcome in UNDONE:
        raise GdbenchError(f"runner {profile.name}: a run of one iteration {result.outcome}: {result.reason}")
    return Trial(in_words(identity()), result.interpreter, result.host, opened - began, back - opened)


def _impatient(profile: Profile) -> Profile:
    if profile.kind != "dask-slurm" or "patience" in profile.options:
        return profile
    return profile.model_copy(update={"options": {**profile.options, "patience": IN_QUEUE}})


def _task() -> Task:
    with tempfile.TemporaryDirectory(prefix="gdbench-") as folder:
        config = Path(folder) / "trial.yaml"
        config.write_text(_CONFIG, encoding="utf-8")
        plan = make_plan(load_experiment(config))
    run = plan.runs[0]
    return Task(run.key, run.spec, problem_record(plan.problems[run.problem]).constants)
