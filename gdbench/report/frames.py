"""The store as tidy pandas frames: one row a run, one row a recorded iteration, every column typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from gdbench.execution.records import PlanRecord, ProblemRecord, RunRecord
from gdbench.execution.store import Store
from gdbench.experiment.wording import label
from gdbench.report.columns import CURVES, Column, runs_columns, watched_name
from gdbench.report.settings import rate_of
from gdbench.report.study import Study, study


def runs_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """The finished runs of a plan (by default the latest), in its order; `runs_columns` says what is what."""
    return runs_of(study(store, plan))


def runs_of(about: Study) -> pd.DataFrame:
    """The same from a study that is loaded already."""
    labels = {run.key: run.label for run in about.plan.runs}
    rates = all(rate_of(run.spec) is not None for run in about.runs)
    axes = {axis: axis == "learning_rate" and rates for axis in about.plan.axes}
    targets = about.plan.targets
    rows = (
        {
            "key": run.key,
            "label": labels[run.key],
            **_axes(run, axes),
            **_result(run, about.problems[run.problem]),
            **{f"iterations_to_{target}": run.result.iterations_to.get(target) for target in targets},
            **{
                watched_name(rule): (fired or {}).get("iteration") for rule, fired in run.result.shadows.items()
            },
            **{f"audit_{name}": value for name, value in (run.result.audit or {}).items()},
        }
        for run in about.runs
    )
    return frame(rows, runs_columns(axes, targets, about.watched, audited=about.audited))


def curves_frame(store: Store, plan: PlanRecord | None = None) -> pd.DataFrame:
    """Every recorded iteration of those runs; `CURVES` says what each column is."""
    about = study(store, plan)
    parts = [_curve(run, about.problems[run.problem]) for run in about.with_curves(store)]
    return pd.concat([frame([], CURVES), *parts], ignore_index=True) if parts else frame([], CURVES)


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> pd.DataFrame:
    """Rows as a frame that has exactly these columns, in their order and of their types."""
    table = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    return table.astype({column.name: column.dtype for column in columns})


def _axes(run: RunRecord, axes: Mapping[str, bool]) -> dict[str, Any]:
    values = {axis: run.spec[axis] for axis in axes if axis in run.spec}
    return {axis: rate_of(run.spec) if axes[axis] else label(value) for axis, value in values.items()}


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
        "objective_gap": None if best is None or result.final_cost is None else result.final_cost - best,
        "relative_gap": problem.relative_gap(result.final_cost),
        "final_gradient_norm": result.final_gradient_norm,
        "diverged_at": result.diverged_at,
        "evaluations": result.cost_evaluations + result.gradient_evaluations,
        "row_passes": result.row_passes,
        "seconds": result.seconds,
        "interpreter": result.interpreter,
        "runner": run.runner,
    }


def _curve(run: RunRecord, problem: ProblemRecord) -> pd.DataFrame:
    curve, best = run.result.curve, problem.optimum.cost
    norms: list[float] | list[None] = curve.gradient_norm or [None] * len(curve.cost)
    columns = {
        "key": run.key,
        "iteration": curve.iteration,
        "cost": curve.cost,
        "gradient_norm": norms,
        "objective_gap": [None if best is None else cost - best for cost in curve.cost],
        "relative_gap": [problem.relative_gap(cost) for cost in curve.cost],
    }
    return pd.DataFrame(columns).astype({column.name: column.dtype for column in CURVES})
