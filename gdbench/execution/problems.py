"""What the record keeps of each problem: its size, its cost at zero, and its reference optimum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gdbench.descent.definition import define
from gdbench.descent.kernels import compiled
from gdbench.execution.records import ProblemRecord
from gdbench.experiment.optimum import reference_optimum
from gdbench.experiment.plan import Problem
from gdbench.experiment.wording import label


def problem_record(problem: Problem) -> ProblemRecord:
    """Work out a problem's reference optimum and baseline."""
    table = problem.dataset.table
    objective = compiled(define(problem.model, problem.cost, table.features), table)
    baseline = objective.cost([0.0] * objective.size)
    return ProblemRecord(
        id=problem.id,
        label=f"{label(problem.model)} · {label(problem.cost)} on {problem.dataset.label}",
        rows=len(table.rows),
        features=table.features,
        parameters=objective.size,
        baseline=baseline if math.isfinite(baseline) else None,
        optimum=reference_optimum(problem.model, problem.cost, table),
        data=problem.dataset.describe(),
    )


def thresholds(targets: Sequence[str], problem: ProblemRecord) -> Mapping[str, float]:
    """target t → f* + t · (baseline − f*); empty where no optimum is known to measure from."""
    best, baseline = problem.optimum.cost, problem.baseline
    if best is None or baseline is None or baseline <= best:
        return {}
    return {target: best + float(target) * (baseline - best) for target in targets}
