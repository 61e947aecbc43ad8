"""One plan as one MLflow run, the parent of its runs: what was asked for, and how it came out.

How it wants to appear is its config's section `tracking:`, with what goes without saying.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gdbench.config.outside import markdown
from gdbench.config.wording import label
from gdbench.descent.recording.plain import plain_tree
from gdbench.judgement.answer import Answer, answer
from gdbench.judgement.expectations import tally
from gdbench.judgement.sentences.answers import told
from gdbench.tracking import child
from gdbench.tracking.child import CURVE_POINTS, ROLE_TAG, source_tags
from gdbench.tracking.identity import runs_of
from gdbench.tracking.server.embedded import PLAN_TAG
from gdbench.tracking.wire import Content, alone, millis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gdbench.judgement.diagnoses import Diagnosis
    from gdbench.judgement.expectations import Check
    from gdbench.judgement.next_experiment import Nothing, Offer
    from gdbench.judgement.study import Study
    from gdbench.record.records import PlanRecord, RunRecord, SessionRecord

NOTE_TAG = "mlflow.note.content"
#: The answer in words: a column of MLflow's table.
ANSWER_TAG = "gdbench.answer"
#: Of a parent how many published numbers agree, of a run whether its own do.
EXPECTED_TAG = "gdbench.expectations"

#: The first hexadecimal digits of the SHA-256 of the config's text; when it was first run; what to search for.
CONFIG_TAG, ASKED_TAG, RUNS_TAG = "gdbench.config_sha256", "gdbench.asked", "gdbench.runs"

#: Problems named one by one in a description; a reader of more wants the report.
_PROBLEMS = 10


def name(plan: PlanRecord) -> str:
    """'24 runs 0123abc: learning_rate × initialization': no two plans of a config look alike."""
    runs = f"{len(plan.runs)} run{'' if len(plan.runs) == 1 else 's'} {plan.id[:7]}"
    return f"{runs}: {' × '.join(plan.varying)}" if plan.varying else runs


def tags(plan: PlanRecord) -> dict[str, str]:
    """Set as the parent is made, so that it is found again whatever happens next."""
    return {**options(plan).tags, PLAN_TAG: plan.id, ROLE_TAG: "sweep", **source_tags(plan)}


def asked(plan: PlanRecord) -> dict[str, str]:
    """When the plan was first asked for, by which text, and how MLflow finds all of its runs."""
    return {
        ASKED_TAG: f"{datetime.fromtimestamp(plan.created, UTC):%Y-%m-%d %H:%M} UTC",
        CONFIG_TAG: hashlib.sha256(plan.config_text.encode()).hexdigest()[:12],
        RUNS_TAG: runs_of(plan),
    }


def opening(plan: PlanRecord, sessions: Sequence[SessionRecord] = ()) -> Content:
    """Known before the first run: the axes with one value, the versions, and where the runs are done.

    sessions: the store's, of which the plan's last one counts.
    """
    constant = {axis: label(values[0]) for axis, values in plan.axes.items() if len(values) == 1}
    environment = {f"environment.{key}": value for key, value in plan.environment.items() if value}
    return Content(constant, {**asked(plan), **environment, **_where(plan, sessions)})


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
    whole = plain_tree(plan)
    environment = whole.pop("environment")
    whole.pop("config_text")
    return {
        "config.yaml": plan.config_text,
        "plan.json": json.dumps(whole, indent=2, ensure_ascii=False),
        "environment.json": json.dumps(environment, indent=2, ensure_ascii=False),
    }


def closing(
    study: Study, offered: Offer | Nothing, expected: Sequence[Check] = (), picture: str = ""
) -> Content:
    """Known when the runs are over: how many ended how, the answer, and what to run next.

    expected: the numbers that the config expects.  picture: the address of the curves, "" where there is none.
    """
    given, at = answer(study), ended(study.plan, study.runs)
    points = [alone(f"outcomes/{outcome}", number, at) for outcome, number in given.outcomes.items()]
    told = {NOTE_TAG: description(study.plan, given, offered.line, picture), ANSWER_TAG: given.text}
    return Content({}, {**told, **({EXPECTED_TAG: tally(expected)} if expected else {})}, points)


def told_of_runs(
    study: Study, found: Mapping[str, Diagnosis], expected: Sequence[Check], pictures: str = ""
) -> Iterator[tuple[str, dict[str, str]]]:
    """(key, the tags that a run gets when all are over): what became of it and why, and what is the answer.

    found: key → diagnosis.  expected: the numbers that the config expects.  pictures: the address of the file
    with a panel for each run, "" where there is none.
    """
    answers = {one.problem.id: told(one) for one in answer(study).problems}
    labels, agreed = {run.key: run.label for run in study.plan.runs}, agreements(expected)
    for run in study.runs:
        picture = f"{pictures}#run-{run.key}" if pictures else ""
        diagnosis = found.get(run.key)
        note = child.description(run, labels[run.key], diagnosis, answers.get(run.problem, ""), picture)
        expectation = {EXPECTED_TAG: agreed[run.key]} if run.key in agreed else {}
        yield run.key, {NOTE_TAG: note, **child.verdict(diagnosis), **expectation}


def agreements(expected: Sequence[Check]) -> dict[str, str]:
    """Key → whether all that was expected of the run agrees, for a column of MLflow's table."""
    runs = dict.fromkeys(check.run for check in expected if check.run)
    wrong = {check.run for check in expected if check.wrong}
    return {key: "disagrees" if key in wrong else "agrees" for key in runs}


def address_of(run_id: str, artifact: str) -> str:
    """Where a page of MLflow's finds an artifact, seen from any of its pages."""
    return f"get-artifact?path={artifact}&run_uuid={run_id}"


def ended(plan: PlanRecord, records: Sequence[RunRecord]) -> int:
    """The time of the last finished run, in Unix milliseconds."""
    return millis(max((record.finished for record in records), default=plan.created))


def description(plan: PlanRecord, given: Answer, following: str = "", picture: str = "") -> str:
    """Markdown; MLflow shows the first three lines, so the answer comes first.

    following: what to run next.  picture: an address.
    """
    tally = f"{given.progress}: {given.tally}." if given.done else ""
    parts = [
        _answered(given),
        *map(markdown, (tally, plan.description, f"Next: {following}" if following else "")),
    ]
    if picture:
        parts.append(f"![The curves of all runs]({picture})")
    if plan.skipped:
        parts.append("Skipped:\n\n" + "\n".join(f"- {markdown(reason)}" for reason in plan.skipped[:_PROBLEMS]))
    parts.append("In the curves step 1 is the start and step k + 1 the k-th update.")
    return "\n\n".join(part for part in parts if part)


def _answered(given: Answer) -> str:
    """The answer, a line a problem; of very many what they have in common, then the first of them."""
    problems = given.problems
    if len(given.lines) == len(problems) > 1:
        return "\n".join(f"- {markdown(line)}" for line in given.lines)
    listed = [
        f"- {markdown(f'{one.problem.label}: {told(one)}')}"
        for one in problems[:_PROBLEMS]
        if len(problems) > 1
    ]
    more = [f"- … and {len(problems) - _PROBLEMS} problems more"] if len(problems) > _PROBLEMS else []
    return "\n\n".join(filter(None, [f"**{markdown(given.text)}**", "\n".join([*listed, *more])]))


@dataclass(frozen=True)
class Options:
    """experiment: MLflow's, by name.  tags: on the parent and its children.

    artifact_root: a folder or an address, "" for the usual place.  curve_points: the most of a curve.
    models: of which runs what was learned is a model: "best", "all", "none".  register_as: "" for no name.
    """

    experiment: str
    tags: Mapping[str, str] = field(default_factory=dict)
    artifact_root: str = ""
    curve_points: int = CURVE_POINTS
    models: str = "best"
    register_as: str = ""


def options(plan: PlanRecord) -> Options:
    """What the plan's config says; an MLflow experiment is called as ours unless it says otherwise."""
    given = plan.tracking
    return Options(
        experiment=plan.mlflow_experiment,
        tags={str(key): str(value) for key, value in given.get("tags", {}).items()},
        artifact_root=str(given.get("artifact_root") or ""),
        curve_points=int(given.get("curve_points") or CURVE_POINTS),
        models=str(given.get("models") or "best"),
        register_as=str(given.get("register_as") or ""),
    )
