"""The store as tidy pandas frames: one row a run, a recorded iteration or a problem; every column typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from gdbench.judgement.curves import curves_table
from gdbench.judgement.settings import rate_of
from gdbench.judgement.study import Study, study
from gdbench.record.columns import CURVES, PROBLEMS, Column, runs_columns, watched_name
from gdbench.record.records import PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord


def runs_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """The finished runs of a plan (by default the latest), in its order; `runs_columns` says what is what."""
    return runs_of(study(store, plan))


def runs_of(about: Study) -> pd.DataFrame:
    """The same from a study that is loaded already."""
    labels = {run.key: run.label for run in about.plan.runs}
    axes, targets = numeric_axes(about), about.plan.targets
    homes = {run.key: setting.axes for setting in about.settings for run in setting.runs}
    rows = (
        {
            "key": run.key,
            "label": labels[run.key],
            "problem": about.problems[run.problem].label,
            **{axis: rate_of(run.spec) if axes[axis] else homes[run.key].get(axis) for axis in axes},
            **_result(run, about.problems[run.problem]),
            **{f"iterations_to_{target}": run.result.iterations_to.get(target) for target in targets},
            **{f"evaluations_to_{target}": _evaluations(run, target) for target in targets},
            **{
                watched_name(rule): (fired or {}).get("iteration") for rule, fired in run.result.shadows.items()
            },
            **{f"audit_{name}": value for name, value in (run.result.audit or {}).items()},
            "timed": run.key not in about.untimed,
        }
        for run in about.runs
    )
    return frame(rows, columns_of_runs(about))


def columns_of_runs(about: Study) -> list[Column]:
    """The columns of a study's frame of runs."""
    return runs_columns(numeric_axes(about), about.plan.targets, about.watched, audited=about.audited)


def numeric_axes(about: Study) -> dict[str, bool]:
    """Axis → whether its values are plain numbers."""
    rates = all(rate_of(run.spec) is not None for run in about.runs)
    return {axis: axis == "learning_rate" and rates for axis in about.plan.axes}


def curves_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """Every recorded iteration of those runs; `CURVES` says what each column is."""
    return curves_of(study(store, plan), store)


def curves_of(about: Study, store: Store, limit: int | None = None) -> pd.DataFrame:
    """The same from a study that is loaded already. limit: points of one run at most, log-spaced."""
    table: pd.DataFrame = curves_table(about, store, limit).to_pandas()
    return table.astype({column.name: column.dtype for column in CURVES})


def problems_frame(about: Study) -> pd.DataFrame:
    """What was minimised, and how well its optimum is known; `PROBLEMS` says what each column is."""
    rows = (
        {
            "id": problem.id,
            "label": problem.label,
            "rows": problem.rows,
            "features": problem.features,
            "parameters": problem.parameters,
            "baseline": problem.baseline,
            "optimum": problem.optimum.kind,
            "lowest_cost": problem.optimum.cost,
            "gradient_norm_there": problem.optimum.gradient_norm,
            "evidence": problem.optimum.explanation,
            "smoothness": problem.smoothness,
            "digest": problem.data.get("digest"),
        }
        for problem in about.problems.values()
    )
    return frame(rows, PROBLEMS)


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> pd.DataFrame:
    """Rows as a frame that has exactly these columns, in their order and of their types."""
    table = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    return table.astype({column.name: column.dtype for column in columns})


def _result(run: RunRecord, problem: ProblemRecord) -> dict[str, Any]:
    result, best = run.result, problem.optimum.cost
    return {
        "replicate": run.spec.get("replicate"),
        "outcome": result.outcome,
        "reason": result.reason,
        "rule": result.rule,
        "iterations": result.iterations,
        "initial_cost": result.initial_cost,
        "final_cost": result.final_cost,
        "best_cost": result.best_cost,
        "best_iteration": result.best_iteration,
        "objective_gap": None if best is None or result.final_cost is None else result.final_cost - best,
        "relative_gap": problem.relative_gap(result.final_cost),
        "final_gradient_norm": result.final_gradient_norm,
        "diverged_at": result.diverged_at,
        "cost_evaluations": result.cost_evaluations,
        "gradient_evaluations": result.gradient_evaluations,
        "evaluations": result.cost_evaluations + result.gradient_evaluations,
        "row_passes": result.row_passes,
        "seconds": result.seconds,
        "interpreter": result.interpreter,
        "host": result.host,
        "runner": run.runner,
        "finished": pd.Timestamp(run.finished, unit="s", tz="UTC"),
    }


def _evaluations(run: RunRecord, target: str) -> int | None:
    work = run.result.work_to.get(target)
    return work["cost_evaluations"] + work["gradient_evaluations"] if work else None
