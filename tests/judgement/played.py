"""Studies that were never run: what each run took to its target is given."""

import math

from gdbench.descent.recording.result import RunResult
from gdbench.judgement.study import Study
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

TARGET, LIMIT = "0.01", 1000


def problem(name, fold=None, parameters=4):
    """A problem whose optimum is known; a fold of it."""
    data = {"test": {"family": name, "label": name, "rows": 5}} if fold is not None else {}
    id_ = name if fold is None else f"{name}/{fold}"
    return ProblemRecord(id_, id_, 20, 3, parameters, 1.0, Optimum("closed form", "", 0.0), data)


def choice(optimizer, rate):
    """'adam', or ('adam', {"beta1": 0.5}); a rate, or a choice in config form."""
    name, given = optimizer if isinstance(optimizer, tuple) else (optimizer, {})
    learning_rate = rate if isinstance(rate, dict) else {"constant": {"rate": rate}}
    return {"optimizer": {name: dict(given)}, "learning_rate": learning_rate}


def run(number, where, time, spec, replicate=0, limit=LIMIT):
    """A run that keeps the target from iteration `time` on; never, if that is infinite."""
    met = None if math.isinf(time) else int(time)
    done = limit if met is None else met
    work = {"cost_evaluations": done + 1, "gradient_evaluations": done + 1, "row_passes": 0}
    result = RunResult(
        "converged" if met is not None else "stopped",
        "",
        "target" if met is not None else "max_iterations",
        iterations=done,
        initial_cost=1.0,
        final_cost=0.01 if met is not None else 0.5,
        best_cost=0.01 if met is not None else 0.5,
        cost_evaluations=done + 1,
        gradient_evaluations=done + 1,
        iterations_to={TARGET: met},
        kept_from={TARGET: met},
        work_to={TARGET: None if met is None else work},
        kept_work={TARGET: None if met is None else work},
        seconds=1e-4 * (done + 1),
    )
    whole = {"initialization": {"normal": {}}, "kernel": "compiled", **spec, "replicate": replicate}
    return RunRecord(f"k{number}", whole, where, result, 0.0, 1.0)


def study(runs, problems, **changes):
    """A study of these runs; its plan has the axes of their specs."""
    axes = {}
    for one in runs:
        for axis, value in one.spec.items():
            if axis != "replicate" and value not in axes.setdefault(axis, []):
                axes[axis].append(value)
    plan = PlanRecord(
        id="plan",
        experiment="played",
        description="",
        config_path="played.yaml",
        config_text="",
        created=0.0,
        axes=axes,
        varying=[axis for axis, values in axes.items() if len(values) > 1],
        targets=[TARGET],
        runs=[PlannedRun(one.key, one.key) for one in runs],
        **changes,
    )
    return Study(plan, tuple(runs), {one.id: one for one in problems})


def played(times, **changes):
    """A study from {(optimizer, rate): {problem: [time of each start, …]}}."""
    runs, problems = [], {}
    for (optimizer, rate), rows in times.items():
        for name, starts in rows.items():
            problems.setdefault(name, problem(name))
            for replicate, time in enumerate(starts):
                runs.append(run(len(runs), name, time, choice(optimizer, rate), replicate))
    return study(runs, problems.values(), **changes)
