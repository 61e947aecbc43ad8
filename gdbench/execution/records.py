"""The records that the store keeps and that tracking and reports read: frozen, typed, JSON-plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdbench.descent.facts import Facts
from gdbench.descent.result import RunResult
from gdbench.descent.theory.card import Card
from gdbench.experiment.optimum import Optimum

__all__ = ["Optimum", "PlanRecord", "PlannedRun", "ProblemRecord", "RunRecord", "SessionRecord"]


@dataclass(frozen=True)
class RunRecord:
    """One finished run.

    key: hash of everything that can change the result.
    spec: the run's spec as plain JSON; every axis is there in config form, for example
        {"learning_rate": {"constant": {"rate": 0.1}}, "initialization": {"zeros": {}}, …,
         "replicate": 0, "kernel": "compiled"}.
    problem: id of its `ProblemRecord`.  started, finished: Unix seconds, UTC.
    """

    key: str
    spec: Mapping[str, Any]
    problem: str
    result: RunResult
    started: float
    finished: float
    runner: str = ""


@dataclass(frozen=True)
class ProblemRecord:
    """A distinct thing to minimise: data × model × cost × penalty, or a surface.

    baseline: the cost at all-zero parameters (of a surface, or where a formula has no value there: at the
    published start). The relative objective gap of a cost f is (f − f*) / (baseline − f*): one yardstick
    for every run of the problem, whatever its start.
    smoothness: L, a Lipschitz constant of the gradient, None where there is none or it is unknown.
    convexity: μ, the least curvature in any direction, None where it may be 0 or is unknown.
    starts: the problem's own starting points.
    card: what theory knows of it, as `Card.to_plain`; empty in records of earlier versions.
    """

    id: str
    label: str
    rows: int
    features: int
    parameters: int
    baseline: float | None
    optimum: Optimum
    data: Mapping[str, Any] = field(default_factory=dict)
    smoothness: float | None = None
    starts: Sequence[Sequence[float]] = ()
    convexity: float | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def theory(self) -> Card:
        """What theory knows of it."""
        return Card.from_plain(self.card)

    @property
    def facts(self) -> Facts:
        """What every run of the problem is told of it."""
        starts = tuple(tuple(start) for start in self.starts)
        return Facts(self.optimum.cost, self.baseline, self.smoothness, starts, self.convexity)

    def relative_gap(self, cost: float | None) -> float | None:
        """(cost − f*) / (baseline − f*); None where no optimum or no cost is known."""
        best = self.optimum.cost
        if cost is None or best is None or self.baseline is None or self.baseline <= best:
            return None
        return (cost - best) / (self.baseline - best)


@dataclass(frozen=True)
class PlannedRun:
    """A run's place in a plan: its key and the name a person reads, what varies first."""

    key: str
    label: str


@dataclass(frozen=True)
class PlanRecord:
    """What was asked for: one per distinct set of runs; asking again for the same is the same plan.

    axes: axis name → its values in config form, in the order of the config, all axes included.
    varying: the names of the axes with more than one value ("replicate" is not an axis).
    overrides: settings that won over the config's text, as "grid.learning_rate=[0.1, 0.2]".
    environment: versions, platform, git commit: strings.
    tracking: the config's section of this name, plain, with only what it gives.
    """

    id: str
    experiment: str
    description: str
    config_path: str
    config_text: str
    created: float
    axes: Mapping[str, Sequence[Any]]
    varying: Sequence[str]
    targets: Sequence[str]
    runs: Sequence[PlannedRun]
    skipped: Sequence[str] = ()
    overrides: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tracking: Mapping[str, Any] = field(default_factory=dict)


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
