"""What a search for a rate came to, beside what theory knows of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from gdbench.config.grid.searches import CRITICAL, FASTEST
from gdbench.descent.recording.plain import Plain
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import fixed_update
from gdbench.judgement.stages import Results, follow
from gdbench.judgement.stages.search import Probe, by_cost
from gdbench.planning.runs import Stage
from gdbench.planning.searches import AXIS, KIND
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord


class Edge(NamedTuple):
    """The rate above which theory says that an update is not stable.

    formula: of it, in L.  kind: "exact" on a quadratic, "near the optimum" where the curvature is that there.
    """

    rate: float
    formula: str
    kind: str


@dataclass(frozen=True)
class Finding:
    """What a search found.

    what: "critical" or "fastest".  label: of what else varies.  rate: the rate found; None where there is none,
    or where no probe of a search for the fastest differs from another.
    below: the greatest rate that was stable.  above: the least that was not.
    why: "found", "most" probes were made, or "undone": a run did not do its work.
    height: iterations to the target, or where that is None, the cost at the end, of the fastest.
    at_end: whether the fastest is an end of the interval.  bumps: three probes, (rate, height), between which
    the height falls and rises twice; empty where it has one valley.
    """

    what: str
    label: str
    problem: ProblemRecord
    rate: float | None
    below: float | None
    above: float | None
    why: str
    probes: tuple[Probe, ...]
    edge: Edge | None = None
    target: str | None = None
    height: float | None = None
    at_end: bool = False
    bumps: tuple[tuple[float, float], ...] = ()

    @property
    def equals(self) -> list[float]:
        """The rates of the probes that are as low as the lowest, it among them, from the smallest up."""
        return sorted(probe.rate for probe in self.probes if probe.height == self.height)

    @property
    def nothing_differs(self) -> bool:
        """Whether all probes of a search for the fastest are as low, so that none of them is it."""
        return self.what == FASTEST and 1 < len(self.equals) == len(self.probes)

    @property
    def difference(self) -> float | None:
        """How far the rate found is from the edge, as a share of it."""
        critical = self.what == CRITICAL and self.rate is not None and self.edge is not None
        return self.rate / self.edge.rate - 1.0 if critical and self.rate and self.edge else None

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, for a program to read."""
        known = {
            name: getattr(self, name)
            for name in ("what", "label", "rate", "below", "above", "why", "target", "height", "at_end")
        }
        return {
            **known,
            "problem": self.problem.id,
            "edge": self.edge._asdict() if self.edge else None,
            "difference": self.difference,
            "bumps": [list(bump) for bump in self.bumps],
            "probes": [
                {**probe._asdict(), "height": probe.height if math.isfinite(probe.height) else None}
                for probe in self.probes
            ],
        }


def searched(store: Store, plan: PlanRecord) -> tuple[Finding, ...]:
    """What the searches of a plan have found, those that are at their end, in the plan's order."""
    stages = [stage for stage in plan.stages if stage["kind"] == KIND]
    if not stages:
        return ()
    results = Results(store)
    found = [(stage, follow(stage, results).found) for stage in stages]
    return tuple(_finding(stage, of, results.problems[stage["problem"]]) for stage, of in found if of)


def _finding(stage: Stage, found: Plain, problem: ProblemRecord) -> Finding:
    one = Finding(
        what=stage["what"],
        label=stage["label"],
        problem=problem,
        rate=found["rate"],
        below=found["below"],
        above=found["above"],
        why=found["why"],
        probes=tuple(Probe(*probe) for probe in found["probes"]),
        edge=edge_of(stage, problem),
        target=None if by_cost(stage, problem) else stage["target"],
        height=found.get("height"),
        at_end=found.get("at_end", False),
        bumps=tuple((rate, height) for rate, height in found.get("bumps", ())),
    )
    return replace(one, rate=None) if one.nothing_differs else one


def edge_of(stage: Stage, problem: ProblemRecord) -> Edge | None:
    """The limit of an update that theorems speak of: on a quadratic, else by the curvature at the optimum."""
    spec = {**stage["spec"], AXIS: {"constant": {"rate": 1.0}}}
    update = fixed_update(spec, problem.smoothness, problem.convexity)
    card = problem.theory
    top = problem.smoothness if card.quadratic else card.local_smoothness and card.local_smoothness.value
    limit = update.limit(top) if update and top else None
    if update is None or limit is None:
        return None
    formula = _formula(update, "L" if card.quadratic else "λ")
    return Edge(limit, formula, "exact" if card.quadratic else "near the optimum")


def _formula(update: Update, over: str) -> str:
    """What the limit is called."""
    beta = update.beta or 0.0
    if update.kind == "triple momentum":
        return f"(2 + 2β)/((1 + 2γ){over})"
    if update.kind == "nesterov" and beta:
        return f"(2 + 2β)/((1 + 2β){over})"
    if beta or update.kept != 1.0:
        return f"(2 + 2β)/{over if update.kept == 1.0 else f'((1 − τ){over})'}"
    return f"2/{over}"
