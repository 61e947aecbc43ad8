"""One run of a plan, followed for a few steps and told by hand; nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdbench.descent.errors import BadParameter
from gdbench.descent.recording.by_hand import Step, follow
from gdbench.execution.selection import chosen
from gdbench.planning.plan import Plan
from gdbench.reference.problem_records import check_needs, problem_record
from gdbench.report.page.by_hand import by_hand

#: Steps that one would still read.
MOST_STEPS = 1000


class Trace(NamedTuple):
    """steps: the iterates with all that led on.  lines: the same in words."""

    steps: Sequence[Step]
    lines: Sequence[str]


def follow_run(plan: Plan, steps: int, only: Sequence[str] = ()) -> Trace:
    """The first of the runs that `only` names, for so many updates or to its end; raises GdbenchError."""
    if not 0 <= steps <= MOST_STEPS:
        raise BadParameter("steps", f"a trace has 0 to {MOST_STEPS} steps, not {steps}.")
    run = chosen(plan, only)[0]
    problem = plan.problems[run.problem]
    known = problem_record(problem)
    check_needs(run.spec, known)
    table = problem.dataset.table if problem.dataset else None
    followed = follow(run.spec, table, known.constants, steps)
    return Trace(followed.steps, list(by_hand(plan, run, followed)))
