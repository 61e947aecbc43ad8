"""`--runner auto`: the place on this machine where a plan is likely to end first, and why.

It rests on estimates, which may be wrong by far: before a plan is done, its iterations are known at most.
Nothing but time depends on them, since results are the same bits everywhere. What else could be lost is looked
at first: plug-ins, and runs with a limit of time or memory, never run in gdbench's own process.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.registry import Spec
from gdbench.execution.engines.pypy import LEAST_PYTHON, find_interpreter
from gdbench.execution.outlook import like, parameter_count, prospect
from gdbench.execution.profiles.profile import AUTO, Profile, available_cores
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.planning.plan import Plan, Run
from gdbench.record.records import RunRecord
from gdbench.reference.problem import Problem

#: Seconds that CPython takes for one multiplication of a feature by a parameter, and for an iteration besides.
_MULTIPLICATION, _ITERATION = 25e-9, 2.5e-6
#: Seconds that a run takes besides its iterations.
_RUN = 1.5e-3
#: Seconds until workers take their first run; those of PyPy compile each loop that they have not met, besides.
_PROCESSES, _PYPY, _LOOP = 0.4, 1.2, 0.1
#: How much quicker PyPy is then.
_GAIN = 5.0
#: Seconds of work above which runs have processes of their own, even where a single core gains nothing by it.
_HANDFUL = 2.0
#: A plan that grows has about so many times the work that is known at its beginning.
_GROWTH = 10.0
#: Recorded runs that an estimate rests on, and planned ones.
MEASURED, _ENOUGH = 50, 1000

#: Seconds that an interpreter may take to say what it is.
_PATIENCE = 5.0
_QUESTION = "import sys; print(sys.implementation.name, *sys.version_info[:2])"


class Placed(NamedTuple):
    """The profile of the place that was chosen. why: in words; "" where the user chose."""

    profile: Profile
    why: str

    def __str__(self) -> str:
        name, count = self.profile.name, self.profile.worker_count
        return f"runner {name}{f', {count} workers' if count > 1 else ''}: {self.why}"


def placed(profile: Profile, plan: Plan, runs: Sequence[Run], measured: Iterable[RunRecord] = ()) -> Placed:
    """Where these runs are to be done; another profile than `auto` stays as it is.

    measured: runs of the same experiment, whose pace is known.
    """
    if profile.kind != AUTO:
        return Placed(profile, "")
    processes = _named("processes", profile)
    if plan.experiment.plugins:
        return Placed(processes, "plug-ins may need CPython, and a process of their own")
    known = estimate(plan, runs, measured)
    if known is None:
        return Placed(processes, "nothing but a clock bounds some of the runs")
    work = known * (_GROWTH if plan.grows else 1.0)
    limits = [
        f"of {of}"
        for of, limit in (("time", processes.timeout), ("memory", processes.memory_limit))
        if limit is not None
    ]
    workers = min(processes.worker_count, available_cores(), max(1, len(runs)))
    here = work if work <= _HANDFUL and not limits else float("inf")
    beside = min(work, _RUN * len(runs))  # which PyPy does no sooner: it has not met it often enough
    shared = _PROCESSES + work / workers
    loops = {_loop(run) for run in _some(runs)}
    compiled = _PYPY + _LOOP * len(loops) + (beside + (work - beside) / _GAIN) / workers
    about = f"{_in_words(work)} of work at most"
    if here <= min(shared, compiled):
        return Placed(_named("serial", profile), f"{about}, less than workers take to start")
    if compiled < shared and processes.memory_limit is None:
        quick = _named("pypy", profile)
        lacking = _lacks_pypy(quick)
        if not lacking:
            return Placed(quick, f"{about} under CPython")
        return Placed(processes, f"{about}; less under PyPy, but {lacking}")
    kept = f", with a limit {' and '.join(limits)} that another process keeps" if limits else ""
    return Placed(processes, f"{about}{kept}")


def estimate(plan: Plan, runs: Sequence[Run], measured: Iterable[RunRecord] = ()) -> float | None:
    """Seconds of work under CPython, at most; None where a run is bounded by a clock alone."""
    paces = _paces(measured)
    sizes: dict[str, int] = {}
    total, some = 0.0, _some(runs)
    for run in some:
        if run.problem not in sizes:
            sizes[run.problem] = parameter_count(plan.problems[run.problem])
        size = sizes[run.problem]
        ahead = prospect(run, "", size, paces.get(like(run.problem, run.spec)))
        if ahead.iterations is None:
            return None
        each = (ahead.evaluations or ahead.iterations) / (ahead.iterations or 1)
        pace = _ITERATION + each * _MULTIPLICATION * _multiplications(
            run.spec, plan.problems[run.problem], size
        )
        total += _RUN + (ahead.iterations * pace if ahead.seconds is None else ahead.seconds)
    return total * len(runs) / max(1, len(some))


def _some(runs: Sequence[Run]) -> Sequence[Run]:
    """Enough of many runs to estimate by: every so many-th."""
    return runs[:: 1 + len(runs) // _ENOUGH]


def _multiplications(spec: Spec, problem: Problem, size: int) -> int:
    """In one evaluation of the cost and its gradient."""
    if problem.dataset is None:
        return 4 * size
    rows, batch = len(problem.dataset.table.rows), spec.get("batch_size")
    ((kernel, _),) = spec["kernel"].items()
    facts = KERNELS[kernel].facts
    if facts.get("squared") and not isinstance(batch, int):
        return size * size
    return 2 * size * (min(rows, batch) if isinstance(batch, int) else rows)


def _paces(measured: Iterable[RunRecord]) -> dict[str, float]:
    """What runs are alike → seconds of an iteration under CPython."""
    found: dict[str, list[float]] = {}
    for record in measured:
        done = record.result
        if done.iterations and done.seconds > 0.0 and done.interpreter.startswith("CPython"):
            found.setdefault(like(record.problem, record.spec), []).append(done.seconds / done.iterations)
    return {alike: median(paces) for alike, paces in found.items()}


def _loop(run: Run) -> str:
    """What is printed as one function, as far as choices without their numbers tell."""
    names = [next(iter(choice)) for choice in run.spec.values() if isinstance(choice, dict) and choice]
    return f"{run.problem} {names}"


def _named(name: str, given: Profile) -> Profile:
    """The profile that this name leads to, with what the user said of `auto` besides its kind."""
    own = load_profile(name)
    said = {key: getattr(given, key) for key in given.model_fields_set - {"kind", "name", "options"}}
    if name == "serial":
        said.pop("workers", None)
    limits = [limit for limit in (own.timeout, given.timeout) if limit is not None]
    return own.model_copy(update={**said, "timeout": min(limits, default=None)})


def _lacks_pypy(profile: Profile) -> str:
    """Why there is no PyPy to be used, "" where there is: a launcher of that name may have none behind it."""
    try:
        path = find_interpreter(str(profile.options.get("interpreter", "pypy3")))
        name, *version = _answer(path).split()
        number = tuple(map(int, version))
        if name == "pypy" and number >= LEAST_PYTHON:
            return ""
        least = f", and {'.'.join(map(str, LEAST_PYTHON))} is needed" if name == "pypy" else ""
        return f"{path} is {name} {'.'.join(version)}{least}"
    except GdbenchError:
        return "there is none here (apt install pypy3)"
    except (OSError, subprocess.SubprocessError, ValueError):
        return "the one here does not start"


def _answer(program: str) -> str:
    """What an interpreter says that it is."""
    asked = [program, "-S", "-E", "-c", _QUESTION]
    return subprocess.run(asked, capture_output=True, text=True, timeout=_PATIENCE, check=True).stdout  # noqa: S603  what the profile names


def _in_words(seconds: float) -> str:
    if seconds < 0.1:
        return "under 0.1 s"
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
