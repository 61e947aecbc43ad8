"""One run of no weight on a place, to learn whether it can be reached and who answers there."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import NamedTuple

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import UNDONE
from gdbench.execution.engines.engine import open_engine
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Limits, Task
from gdbench.execution.workers.identity import identity, in_words
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record

_CONFIG = """\
name: trial
grid: {surface: rosenbrock, learning_rate: 0.1, convergence: {max_iterations: 1}}
"""

#: Seconds that a worker, once it is reached, may take for its first run.
_PATIENCE = 120.0


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
    with open_engine(profile, cargo, 1) as engine:
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


def _task() -> Task:
    with tempfile.TemporaryDirectory(prefix="gdbench-") as folder:
        config = Path(folder) / "trial.yaml"
        config.write_text(_CONFIG, encoding="utf-8")
        plan = make_plan(load_experiment(config))
    run = plan.runs[0]
    return Task(run.key, run.spec, problem_record(plan.problems[run.problem]).constants)
