"""A plan becomes record: hand the missing runs to an engine and store each result, with where it was made."""

from __future__ import annotations

import platform
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue

from gdbench import __version__
from gdbench.config.private import without_credentials
from gdbench.config.processes import git_facts
from gdbench.descent import KERNEL_VERSION
from gdbench.descent.errors import GdbenchError
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import UNDONE
from gdbench.execution.again import with_measures
from gdbench.execution.engines.engine import Engine, open_engine
from gdbench.execution.interrupts import undisturbed
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Finished, Limits, Task
from gdbench.execution.trials import carry_out, doable, standardized_tables
from gdbench.execution.workers.identity import identity
from gdbench.judgement.trials.worth_trying import Trial
from gdbench.planning.known_problems import recorded
from gdbench.planning.plan import Plan, Run
from gdbench.planning.specs import target_name
from gdbench.plugins.packages import CONTENDERS
from gdbench.plugins.prints import NAME
from gdbench.plugins.prints import remark as printed
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.reference.problem_records import NEEDY, check_needs

#: Seconds in which a chunk that is under way may still come back after the last word.
_GRACE = 0.5

#: Called with each run as it is recorded.
Observer = Callable[[Run, RunRecord], None]

_PACKAGES = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy")


def record_plan(plan: Plan, store: Store) -> PlanRecord:
    """Write down what is asked for, before anything runs."""
    experiment = plan.experiment
    data = list(dict.fromkeys(p.dataset.label for p in plan.problems.values() if p.dataset))
    axes = {axis: [choice.to_plain() for choice in choices] for axis, choices in experiment.grid.items()}
    return store.add_plan(
        PlanRecord(
            id=plan.id,
            experiment=experiment.name,
            description=experiment.description,
            config_path=str(experiment.path),
            config_text=experiment.text,
            created=time.time(),
            axes={"data": data, **axes} if data else axes,
            varying=plan.varying,
            targets=[target_name(target) for target in experiment.targets],
            runs=[PlannedRun(run.key, run.label, run.stage) for run in plan.runs],
            skipped=[str(left) for left in plan.skipped],
            overrides=list(experiment.overrides),
            environment=describe_environment(),
            tracking=dict(experiment.tracking),
            report=dict(experiment.report),
            methods=dict(experiment.methods),
            plugins={plugin.origin: plugin.source for plugin in experiment.plugins if plugin.source},
            identity=tuple(plan.identity) if plan.stages else (),
            stages=plan.stages,
            grows=plan.grows,
        )
    )


def record_growth(recorded: PlanRecord, plan: Plan, store: Store) -> PlanRecord:
    """Write down the runs that have followed from results, all at once, before any of them runs."""
    runs = [PlannedRun(run.key, run.label, run.stage) for run in plan.runs]
    return store.add_plan(replace(recorded, runs=runs, grows=plan.grows))


def record_problems(plan: Plan, store: Store) -> Mapping[str, ProblemRecord]:
    """The plan's problems with their reference optima, each worked out once and then remembered.

    Raises GdbenchError where a run needs a fact of its problem that nobody knows.
    """
    known = store.problems()
    for id_, problem in plan.problems.items():
        if id_ not in known or not known[id_].card:  # earlier versions kept no card
            known[id_] = recorded(problem, known.values())
            store.add_problem(known[id_])
    # what is chosen for many runs is one object
    checked: set[tuple[object, ...]] = set()
    for run in plan.runs:
        choices = (run.problem, *map(id, map(run.spec.get, NEEDY)))
        if choices not in checked:
            checked.add(choices)
            check_needs(run.spec, known[run.problem])
    return known


def launch(
    plan: Plan,
    runs: Sequence[Run],
    store: Store,
    profile: Profile,
    observe: Observer,
    *,
    fail_fast: bool = False,
    further: Callable[[], Sequence[Run]] = tuple,
    trials: Callable[[], Sequence[Trial]] = tuple,
    remark: Callable[[str], object] = str,
    pause: Callable[[str], int | None] = lambda _: None,
) -> bool:
    """Run what is missing, recording each result in its own transaction the moment it is there.

    fail_fast: begin nothing more once a run has failed; False comes back where that left runs undone.
    further: asked for runs that follow from those that are back, as long as it gives any.
    trials: asked once all runs are back for what is to be tried at last, by the same workers.
    remark: told what plug-ins and interpreters did besides, a sentence each.
    pause: key → the iterations after which a run is paused; one that was paused before goes on from there.
    KeyboardInterrupt ends the workers and passes on; what has finished by then is in the store.
    """
    left = () if runs else trials()
    if not (runs or left):
        return True
    problems = record_problems(plan, store)
    scaled = standardized_tables(plan, problems)
    left = doable(left, scaled)
    if not (runs or left):
        return True
    cargo = cargo_of(plan, profile, scaled.values(), store.path.parent / NAME)
    with _opened(profile, cargo, len(runs) or len(left), store, remark) as engine:
        under_way = _RunsUnderWay(engine, runs, problems, further, store.paused, pause)
        try:
            for run, done in under_way:
                record = _record(plan, run, done, profile)
                with undisturbed():
                    store.add(record)
                observe(run, record)
                if fail_fast and record.result.outcome in UNDONE:
                    under_way.halt()
        except KeyboardInterrupt:
            under_way.halt()
            for run, done in under_way.arriving(_GRACE):
                if done.result.outcome == "crashed":
                    continue  # what ends us may have been meant for the workers too, and says nothing of a run
                store.add(_record(plan, run, done, profile))
            raise
        if under_way.complete:
            carry_out(engine, left or doable(trials(), scaled), store, problems, scaled)
    return under_way.complete


@contextmanager
def _opened(
    profile: Profile, cargo: Cargo, tasks: int, store: Store, remark: Callable[[str], object]
) -> Iterator[Engine]:
    """The engine, and what there is to remark of it and of plug-ins once it has ended."""
    try:
        with open_engine(profile, cargo, tasks, store.path.parent) as engine:
            yield engine
            for said in getattr(engine, "remarks", ()):
                remark(said)
    finally:
        said = printed(Path(cargo.prints), [plugin.origin for plugin in cargo.plugins]) if cargo.prints else ""
        if said:
            remark(said)


def cargo_of(plan: Plan, profile: Profile, further: Iterable[Table] = (), prints: Path | None = None) -> Cargo:
    """What every worker gets before the first task. further: tables besides those of the plan.

    prints: the file for what plug-ins print, which begins anew.
    """
    plugins = tuple(plan.experiment.plugins)
    if profile.kind == "pypy" and any(plugin.origin == CONTENDERS for plugin in plugins):
        raise GdbenchError(
            "optimizers of PyTorch and SciPy run under CPython only: choose another runner, or leave "
            f"'{CONTENDERS}' out of 'plugins:'."
        )
    if prints and plugins:
        prints.unlink(missing_ok=True)
    tables: dict[str, Table] = {}
    for dataset in (p.dataset for p in plan.problems.values() if p.dataset):
        tables[dataset.table.digest] = dataset.table
        if dataset.held_out:
            tables[dataset.held_out.table.digest] = dataset.held_out.table
    packed = [table.pack() for table in (*tables.values(), *further)]
    return Cargo(
        {table.digest: table for table in packed},
        plugins,
        Limits(profile.timeout, profile.memory_limit),
        identity(),
        str(prints.absolute()) if prints and plugins else "",
    )


def _record(plan: Plan, run: Run, done: Finished, profile: Profile) -> RunRecord:
    """A run as it is recorded: with how good its fit is, where rows are held out to tell."""
    result, dataset = done.result, plan.problems[run.problem].dataset
    if dataset and dataset.held_out:
        result = with_measures(result, run.spec, dataset.table, dataset.held_out.table)
    return RunRecord(run.key, run.spec, run.problem, result, done.started, done.finished, profile.name)


class _RunsUnderWay:
    """Runs under way: never more than the engine has a use for, handed out in the order of their return."""

    def __init__(
        self,
        engine: Engine,
        runs: Sequence[Run],
        problems: Mapping[str, ProblemRecord],
        further: Callable[[], Sequence[Run]],
        state: Callable[[str], str],
        pause: Callable[[str], int | None],
    ) -> None:
        self._engine, self._problems, self._further = engine, problems, further
        self._state, self._pause = state, pause
        self._waiting = deque(runs)
        self._returned: SimpleQueue[tuple[Run, Future[Finished]]] = SimpleQueue()
        self._in_flight = 0
        self._halted = False

    @property
    def complete(self) -> bool:
        """Whether every run has come back."""
        return not (self._in_flight or self._waiting)

    def halt(self) -> None:
        """Begin nothing more."""
        self._halted = True
        self._engine.halt()

    def __iter__(self) -> Iterator[tuple[Run, Finished]]:
        """Every run as it comes back; after `halt`, those that come back within a short grace."""
        while True:
            if not (self._halted or self._waiting):
                self._waiting.extend(self._further())
            while not self._halted and self._waiting and self._in_flight < self._engine.slots:
                self._begin(self._waiting.popleft())
            if self._halted:
                yield from self.arriving(_GRACE)
                return
            if not self._in_flight:
                return
            yield self._take(*self._returned.get())

    def arriving(self, seconds: float) -> Iterator[tuple[Run, Finished]]:
        """What comes back within so many seconds."""
        deadline = time.monotonic() + seconds
        while self._in_flight:
            try:
                yield self._take(*self._returned.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                return

    def _begin(self, run: Run) -> None:
        self._in_flight += 1
        pause, state = self._pause(run.key), self._state(run.key)
        task = Task(run.key, run.spec, self._problems[run.problem].constants, pause, state)
        self._engine.submit(task).add_done_callback(lambda future: self._returned.put((run, future)))

    def _take(self, run: Run, future: Future[Finished]) -> tuple[Run, Finished]:
        self._in_flight -= 1
        return run, future.result()


def describe_environment() -> Mapping[str, str]:
    """Name → version or description; what cannot be found out is left out."""
    found = {
        "gdbench": __version__,
        "kernel_version": str(KERNEL_VERSION),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "machine": platform.machine(),
        "host": platform.node(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found | {key: without_credentials(value) for key, value in git_facts().items()}
