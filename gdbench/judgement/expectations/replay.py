"""A run once more, in this process, up to an iteration that its curve does not keep: the same bits."""

from __future__ import annotations

from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.recording.result import RunResult
from gdbench.judgement.model.predicting import PlanData
from gdbench.plugins.loading import supervision
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


def replayed(run: RunRecord, problem: ProblemRecord, at: int, data: PlanData) -> RunResult | None:
    """How the run stood at an iteration; None where its data or a plug-in is no longer what it was.

    Nothing but where it ends is different, and that is no part of any step, so that it comes by there again.
    """
    dataset = data.of(problem)
    if "surface" not in run.spec and dataset is None:
        return None
    table = dataset.table if dataset else None
    test = dataset.held_out.table if dataset and dataset.held_out else None
    limited = {"any": [run.spec["convergence"], {"max_iterations": {"limit": at}}]}
    spec = {**run.spec, "convergence": limited, "targets": []}
    try:
        with supervision():
            found = execute(spec, table, problem.constants, test=test)
    except (GdbenchError, ArithmeticError):
        return None
    return found if found.iterations == at else None
