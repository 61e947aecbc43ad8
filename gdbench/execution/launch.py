"""A plan becomes record: hand the missing runs to an engine and store each result as it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice

from gdbench.execution.engines import Engine, open_engine
from gdbench.execution.environment import describe_environment
from gdbench.execution.problems import check_needs, problem_record
from gdbench.execution.profiles import Profile
from gdbench.execution.records import PlannedRun, PlanRecord, ProblemRecord, RunRecord
from gdbench.execution.store import Store
from gdbench.execution.worker import Finished, Task
from gdbench.experiment.plan import Plan, Run, target_name

#: Called with each run as it is recorded.
Observer = Callable[[Run, RunRecord], None]


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
            runs=[PlannedRun(run.key, run.label) for run in plan.runs],
            overrides=list(experiment.overrides),
            environment=describe_environment(),
        )
    )


def missing_runs(plan: Plan, store: Store) -> list[Run]:
    """The runs of a plan without a result; a crash says nothing about the run, so it is tried again."""
    crashed = {
        r.key for r in store.runs((run.key for run in plan.runs), curves=False) if r.result.outcome == "crashed"
    }
    done = store.keys() - crashed
    return [run for run in plan.runs if run.key not in done]


def record_problems(plan: Plan, store: Store) -> Mapping[str, ProblemRecord]:
    """The plan's problems with their reference optima, each worked out once and then remembered.

    Raises GdbenchError where a run needs a fact of its problem that nobody knows.
    """
    known = store.problems()
    for id_, problem in plan.problems.items():
        if id_ not in known:
            known[id_] = problem_record(problem)
            store.add_problem(known[id_])
    for run in plan.runs:
        check_needs(run.spec, known[run.problem])
    return known


def launch(plan: Plan, runs: list[Run], store: Store, profile: Profile, observe: Observer) -> None:
    """Run what is missing, recording each result in its own transaction the moment it is there.

    KeyboardInterrupt ends the workers at once and passes on; what finished is in the store.
    """
    if not runs:
        return
    problems = record_problems(plan, store)
    tables = {p.dataset.table.digest: p.dataset.table for p in plan.problems.values() if p.dataset}
    packed = {digest: table.pack() for digest, table in tables.items()}
    engine = open_engine(profile, packed, len(runs), plan.experiment.plugins)
    try:
        for run, done in _finished(engine, runs, problems):
            record = RunRecord(run.key, run.spec, run.problem, *done, runner=profile.kind)
            store.add(record)
            observe(run, record)
    except BaseException:
        engine.abort()
        raise
    engine.close()


def _finished(
    engine: Engine, runs: list[Run], problems: Mapping[str, ProblemRecord]
) -> Iterator[tuple[Run, Finished]]:
    """Results as they come, with never more in flight than the engine has a use for."""
    waiting = iter(runs)
    flying: dict[Future[Finished], Run] = {}
    while True:
        for run in islice(waiting, engine.slots - len(flying)):
            task = Task(run.key, run.spec, problems[run.problem].facts)
            flying[engine.submit(task)] = run
        if not flying:
            return
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            yield flying.pop(future), future.result()
