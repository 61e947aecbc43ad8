"""One plan as one MLflow run, the parent of its runs: what was asked for, and how it came out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING

from gdbench.tracking.child import ROLE_TAG, source_tags
from gdbench.tracking.options import options
from gdbench.tracking.verdict import best_setting
from gdbench.tracking.wire import Content, Point, human, millis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdbench.record.records import PlanRecord, RunRecord, SessionRecord
    from gdbench.reference.problem import ProblemRecord

PLAN_TAG = "gdbench.plan"
NOTE_TAG = "mlflow.note.content"

#: Problems named one by one in a description; a reader of more wants the report.
_PROBLEMS = 10


def name(plan: PlanRecord) -> str:
    """'24 runs: learning_rate × initialization'."""
    runs = f"{len(plan.runs)} run{'' if len(plan.runs) == 1 else 's'}"
    return f"{runs}: {' × '.join(plan.varying)}" if plan.varying else runs


def tags(plan: PlanRecord) -> dict[str, str]:
    """Set as the parent is made, so that it is found again whatever happens next."""
    return {**options(plan).tags, PLAN_TAG: plan.id, ROLE_TAG: "sweep", **source_tags(plan)}


def opening(plan: PlanRecord, sessions: Sequence[SessionRecord] = ()) -> Content:
    """Known before the first run: the axes with one value, the versions, and where the runs are done.

    sessions: the store's, of which the plan's last one counts.
    """
    constant = {axis: human(values[0]) for axis, values in plan.axes.items() if len(values) == 1}
    environment = {f"environment.{key}": value for key, value in plan.environment.items() if value}
    return Content(constant, {**environment, **_where(plan, sessions)})


def _where(plan: PlanRecord, sessions: Sequence[SessionRecord]) -> dict[str, str]:
    session = next((session for session in reversed(sessions) if session.plan == plan.id), None)
    if session is None:
        return {}
    return {
        "runner": session.runner,
        "runner.kind": session.kind,
        "runner.workers": str(session.workers),
        "runner.cores": str(session.cores),
        "runner.comparable_seconds": "yes" if session.comparable else "no",
    }


def artifacts(plan: PlanRecord) -> dict[str, str]:
    """File name → text."""
    whole = asdict(plan)
    environment = whole.pop("environment")
    whole.pop("config_text")
    return {
        "config.yaml": plan.config_text,
        "plan.json": json.dumps(whole, indent=2, ensure_ascii=False),
        "environment.json": json.dumps(environment, indent=2, ensure_ascii=False),
    }


def closing(plan: PlanRecord, records: Sequence[RunRecord], problems: dict[str, ProblemRecord]) -> Content:
    """Known when the runs are over: how many ended how, and the verdict."""
    at = ended(plan, records)
    counts = Counter(record.result.outcome for record in records)
    points = [Point(f"outcomes/{outcome}", count, at) for outcome, count in counts.items()]
    return Content({}, {NOTE_TAG: description(plan, records, problems)}, points)


def ended(plan: PlanRecord, records: Sequence[RunRecord]) -> int:
    """The time of the last finished run, in Unix milliseconds."""
    return millis(max((record.finished for record in records), default=plan.created))


def description(plan: PlanRecord, records: Sequence[RunRecord], problems: dict[str, ProblemRecord]) -> str:
    """Markdown; MLflow shows the first three lines, so the verdict comes first."""
    parts = [_verdict(plan, records, problems), _outcomes(plan, records), plan.description]
    if plan.skipped:
        parts.append("Skipped:\n\n" + "\n".join(f"- {reason}" for reason in plan.skipped[:_PROBLEMS]))
    parts.append("In the curves step 1 is the start and step k + 1 the k-th update.")
    return "\n\n".join(part for part in parts if part)


def _verdict(plan: PlanRecord, records: Sequence[RunRecord], problems: dict[str, ProblemRecord]) -> str:
    groups: dict[str, list[RunRecord]] = defaultdict(list)
    for record in records:
        groups[record.problem].append(record)
    lines = [_line(plan, group) for group in groups.values()]
    if len(groups) <= 1:
        return lines[0] if lines else "**No run has finished yet.**"
    labels = [problems[key].label if key in problems else key for key in groups]
    listed = [f"- {label}: {line}" for label, line in zip(labels, lines, strict=True)]
    more = [f"- … and {len(listed) - _PROBLEMS} problems more"] if len(listed) > _PROBLEMS else []
    return "\n".join(listed[:_PROBLEMS] + more)


def _line(plan: PlanRecord, records: Sequence[RunRecord]) -> str:
    best = best_setting(plan, records)
    return f"**Best: {best.setting}** ({best.evidence})." if best else "**No setting is usable.**"


def _outcomes(plan: PlanRecord, records: Sequence[RunRecord]) -> str:
    counts = Counter(record.result.outcome for record in records)
    listed = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.most_common())
    done = len(records)
    whole = f"{done}" if done == len(plan.runs) else f"{done} of {len(plan.runs)}"
    return f"{whole} run{'' if len(plan.runs) == 1 else 's'}: {listed}." if listed else ""
