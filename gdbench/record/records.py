"""The records that the store keeps and that tracking and reports read: frozen, typed, JSON-plain.

`extra` holds what a newer gdbench recorded besides, so that it is not lost where a record is written again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gdbench.descent.recording.plain import slotted
from gdbench.descent.recording.result import RunResult
from gdbench.descent.registry import Spec

#: The series that curves usually have: the cost, the norm of the gradient, and f − f* where f* is known.
SERIES = ("cost", "gradient_norm", "gap")


@slotted(frozen=True)
class RunRecord:
    """One finished run.

    key: hash of everything that can change the result.
    spec: the run's spec as plain JSON; every axis is there in config form, for example
        {"learning_rate": {"constant": {"rate": 0.1}}, "initialization": {"zeros": {}}, …,
         "replicate": 0, "kernel": "compiled"}.
    problem: id of its `ProblemRecord`.  started, finished: Unix seconds, UTC.
    """

    key: str
    spec: Spec
    problem: str
    result: RunResult
    started: float
    finished: float
    runner: str = ""


@dataclass(frozen=True)
class TrialRecord:
    """A remedy that was tried for a few steps; never one of the runs.

    key: hash of all that can change the result.  of: the key of the run whose remedy it is.
    cause, remedy: their codes.  result: without parameters.
    """

    key: str
    of: str
    cause: str
    remedy: str
    result: RunResult


@slotted(frozen=True)
class PlannedRun:
    """A run's place in a plan: its key and the name a person reads, what varies first.

    stage: the id of the stage that asked for it, "" if none did.
    """

    key: str
    label: str
    stage: str = ""
    extra: Mapping[str, object] | None = None


@dataclass(frozen=True)
class PlanRecord:
    """What was asked for: one per distinct set of runs; asking again for the same is the same plan.

    axes: axis name → its values in config form, in the order of the config, all axes included.
    varying: the names of the axes with more than one value ("replicate" is not an axis).
    overrides: settings that won over the config's text, as "grid.learning_rate=[0.1, 0.2]".
    environment: versions, platform, git commit: strings.
    tracking, report: the config's sections of these names, plain, with only what they give.
    plugins: file of each plug-in as the config names it → its text.
    identity: what the id is made from beside the experiment's name, where that is not the keys of the runs.
    stages: the runs that follow from results, as `gdbench.judgement.stages` reads them; `runs` has those that
        have followed so far.  grows: whether more may.
    methods: what the config says of it under "compare" and "tune".
    """

    id: str
    experiment: str
    description: str
    config_path: str
    config_text: str
    created: float
    axes: Mapping[str, Sequence[object]]
    varying: Sequence[str]
    targets: Sequence[str]
    runs: Sequence[PlannedRun]
    skipped: Sequence[str] = ()
    overrides: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tracking: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    identity: Sequence[str] = ()
    stages: Sequence[Spec] = ()
    grows: bool = False
    methods: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extra: Mapping[str, object] | None = None

    @property
    def mlflow_experiment(self) -> str:
        """As ours, unless the config says otherwise."""
        return str(self.tracking.get("experiment_name") or self.experiment)


@dataclass(frozen=True)
class SessionRecord:
    """One `gdbench run`: where a plan was run, by whom, and how that went. Nothing here changes a result.

    plan: id of its `PlanRecord`.  runner: the profile's name.  kind: of its engine.  missing: runs to do
    at its start.  cores: that its process may use.  timeout: seconds.  memory_limit: bytes.
    options: names of the profile's options, never their values; address: one of them, without credentials.
    comparable: False where local workers outnumber the cores, so that seconds say little.
    asked: the words of the command line that chose the profile, without its options.
    started, ended: Unix seconds, UTC; ended is None until it has.
    state: "running", "finished", "interrupted", "failed", or "killed": it ended without a word.
    """

    plan: str
    started: float
    runner: str
    kind: str
    workers: int
    cores: int
    host: str
    pid: int
    missing: int
    ended: float | None = None
    state: str = "running"
    timeout: float | None = None
    memory_limit: int | None = None
    retries: int = 0
    options: Sequence[str] = ()
    address: str = ""
    comparable: bool = True
    asked: Sequence[str] = ()
    extra: Mapping[str, object] | None = None


class Holder(NamedTuple):
    """A process that has a store for writing. since: Unix seconds, UTC."""

    pid: int
    host: str
    since: float


def is_of(session: SessionRecord, holder: Holder) -> bool:
    """Whether the process that has the store is in this session."""
    return session.state == "running" and (session.pid, session.host) == (holder.pid, holder.host)


def held_by(folder: Path, holder: Holder | None, last: Sequence[SessionRecord]) -> str:
    """Who runs an experiment, in a sentence. last: its last session, where there is one."""
    who = ""
    if holder:
        runner = [f", runner {session.runner}" for session in last if is_of(session, holder)]
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder.since))
        who = f" (process {holder.pid} on {holder.host}, since {since}{''.join(runner)})"
    return (
        f"{folder}: another gdbench{who} is running this experiment. "
        f"Wait for it, or end it; gdbench status {folder.name} shows how far it is."
    )
