"""Stores for the tests, built from records: gradient descent on a quadratic whose answers are known.

f(w) = f* + ½ Σ λᵢ (wᵢ − cᵢ)², with L = max λ = 8.05, so that a rate above 2/L = 0.2484 diverges.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gdbench.descent.recording.result import Curve, RunResult
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

LAMBDAS, CENTRE, LOWEST = (8.05, 0.9, 0.06), (22.0, -31.0, 40.0), 2859.69634758675
TARGETS = ("0.01", "0.0001", "1e-06")
RATES = (0.001, 0.01, 0.1, 0.2, 0.25, 0.5)
ZEROS, NORMAL = {"zeros": {}}, {"normal": {"mean": 0.0, "std": 1.0}}
CONVERGENCE = {"any": [{"cost_change": {"tolerance": 1e-9}}, {"max_iterations": {"limit": 5000}}]}
CONFIG = """\
name: lr_sweep
description: Which learning rates converge, how fast, and what happens to the others.
data: {synthetic: {quadratic: {}}}   # <not a tag> & "quoted"
grid:
  learning_rate: [0.001, 0.01, 0.1, 0.2, 0.25, 0.5]
  initialization: [zeros, {normal: {std: 1.0}}]
"""


def cost(w: Sequence[float]) -> float:
    return LOWEST + 0.5 * math.fsum(a * (v - c) * (v - c) for a, v, c in zip(LAMBDAS, w, CENTRE, strict=True))


BASELINE = cost((0.0, 0.0, 0.0))
OPTIMUM = Optimum("closed form", "The minimum of a quadratic is its centre.", LOWEST, CENTRE, 0.0)
PROBLEM = ProblemRecord("p1", "quadratic · linear · mse", 442, 10, 11, BASELINE, OPTIMUM, {"digest": "ab12"})


def descend(rate: float, start: Sequence[float], limit: int = 5000, tolerance: float = 1e-9) -> RunResult:
    """Fixed-rate descent, recorded as the contract of `RunResult` says."""
    w, value, limit_of_growth = list(start), cost(start), 1e6 * max(1.0, abs(cost(start)))
    first: dict[str, int | None] = dict.fromkeys(TARGETS)
    work: dict[str, dict[str, int] | None] = dict.fromkeys(TARGETS)
    curve = Curve([], {"cost": [], "gradient_norm": []})
    outcome, rule = "stopped", "max_iterations"
    for k in range(limit + 1):
        norm = math.hypot(*(a * (v - c) for a, v, c in zip(LAMBDAS, w, CENTRE, strict=True)))
        curve.iteration.append(k)
        curve.cost.append(value)
        curve.gradient_norm.append(norm)
        for target in TARGETS:
            if first[target] is None and (value - LOWEST) / (BASELINE - LOWEST) <= float(target):
                first[target] = k
                work[target] = {
                    "cost_evaluations": k + 1,
                    "gradient_evaluations": k + 1,
                    "row_passes": 442 * (k + 1),
                }
        if value > limit_of_growth:
            outcome, rule = "diverged", None
            break
        if k and abs(curve.cost[-2] - value) < tolerance:
            outcome, rule = "converged", "cost_change"
            break
        if k < limit:
            w = [v - rate * a * (v - c) for a, v, c in zip(LAMBDAS, w, CENTRE, strict=True)]
            value = cost(w)
    k, best = curve.iteration[-1], min(range(len(curve.cost)), key=curve.cost.__getitem__)
    return RunResult(
        outcome,
        f"The run {outcome} at iteration {k}.",
        rule,
        iterations=k,
        initial_cost=curve.cost[0],
        final_cost=curve.cost[-1],
        best_cost=curve.cost[best],
        best_iteration=best,
        final_gradient_norm=curve.gradient_norm[-1],
        diverged_at=k if outcome == "diverged" else None,
        iterations_to=first,
        work_to=work,
        curve=curve,
        parameters=w,
        cost_evaluations=k + 1,
        gradient_evaluations=k + 1,
        row_passes=442 * (k + 1),
        seconds=1e-5 * (k + 1),
        interpreter="CPython 3.11.2",
        host="bench",
    )


@dataclass(frozen=True)
class Case:
    """One run to put into a store."""

    rate: float
    result: RunResult
    initialization: Mapping[str, Any] | None = None
    replicate: int = 0
    problem: str = "p1"
    model: str = "linear"
    optimizer: str = "gradient_descent"
    seed: int = 0

    @property
    def spec(self) -> dict[str, Any]:
        return {
            "model": {self.model: {}},
            "cost": {"mse": {}},
            "gradient": {"analytic": {}},
            "optimizer": {self.optimizer: {}},
            "learning_rate": {"constant": {"rate": self.rate}},
            "initialization": self.initialization or ZEROS,
            "convergence": CONVERGENCE,
            "kernel": "compiled",
            "seed": self.seed,
            "replicate": self.replicate,
            "data": "quadratic",
        }

    @property
    def key(self) -> str:
        start = next(iter(self.initialization or ZEROS))
        return f"{self.model}-{self.optimizer}-{self.rate!r}-{start}-{self.replicate}"

    @property
    def record(self) -> RunRecord:
        started = 1_700_000_000.0
        return RunRecord(self.key, self.spec, self.problem, self.result, started, started + 1, "processes")


BOOTH = ProblemRecord("p1", "booth", 0, 0, 2, 74.0, Optimum("published", "", 0.0, (1.0, 3.0), 0.0))


@dataclass(frozen=True)
class OnSurface(Case):
    """A run on a surface."""

    @property
    def spec(self) -> dict[str, Any]:
        return {**super().spec, "surface": {"booth": {}}}


def down_booth(rate: float, start: Sequence[float] = (-5.0, 5.0), steps: int = 60) -> RunResult:
    """Gradient descent on Booth's function, its path recorded."""
    x, y = start
    path, costs = [], []
    for k in range(steps + 1):
        one, other = x + 2 * y - 7, 2 * x + y - 5
        path.append([float(k), x, y])
        costs.append(one * one + other * other)
        x, y = x - rate * (2 * one + 4 * other), y - rate * (4 * one + 2 * other)
    curve = Curve(list(range(steps + 1)), {"cost": costs, "gradient_norm": costs})
    ends = {"initial_cost": costs[0], "final_cost": costs[-1], "best_cost": costs[-1], "best_iteration": steps}
    return RunResult("stopped", "It stopped.", "max_iterations", steps, path=path, curve=curve, **ends)


def sweep(rates: Iterable[float] = RATES, repeats: int = 3, limit: int = 5000) -> list[Case]:
    """The product of rates and two starting points, the random one repeated."""
    cases = []
    for rate in rates:
        cases.append(Case(rate, descend(rate, (0.0, 0.0, 0.0), limit)))
        for replicate in range(repeats):
            drawn = random.Random(replicate)
            start = [drawn.gauss(0.0, 10.0) for _ in CENTRE]
            cases.append(Case(rate, descend(rate, start, limit), NORMAL, replicate))
    return cases


def mixed() -> list[Case]:
    """Two problems whose runs end in every way: converged, stopped, diverged, stalled, failed, crashed."""
    cases = []
    for problem, model, limit in (("p1", "linear", 900), ("p2", "mlp", 400)):
        ends = sweep((0.001, 0.1, 0.2, 0.5), limit=limit)
        cases += [replace(case, problem=problem, model=model) for case in ends]
    boom = RunResult("failed", "The cost divided by zero.", traceback="Traceback …\nZeroDivisionError")
    lost = RunResult("crashed", "The worker was killed.")
    stuck = replace(descend(0.01, (0.0, 0.0, 0.0), 50), outcome="stalled", rule=None)
    cases += [Case(0.3, boom, problem="p1"), Case(0.3, stuck, problem="p2", model="mlp")]
    # of three repeats one is lost and one is cut short of the targets
    ends = (lost, descend(0.1, (1.0, 1.0, 1.0), 100), descend(0.1, (2.0, 2.0, 2.0), 900))
    return cases + [Case(0.3, end, NORMAL, r, "p1") for r, end in enumerate(ends)]


def plan_of(cases: Sequence[Case], **changes: Any) -> PlanRecord:
    axes: dict[str, list[Any]] = {}
    for case in cases:
        for axis, value in case.spec.items():
            if axis not in {"replicate", "data", "seed"} and value not in axes.setdefault(axis, []):
                axes[axis].append(value)
    plan = PlanRecord(
        id="plan1",
        experiment="lr_sweep",
        description="Which learning rates converge, how fast, and what happens to the others.",
        config_path="configs/lr_sweep.yaml",
        config_text=CONFIG,
        created=1_700_000_000.0,
        axes=axes,
        varying=[axis for axis, values in axes.items() if len(values) > 1],
        targets=TARGETS,
        runs=[PlannedRun(case.key, f"η={case.rate} #{case.replicate}") for case in cases],
        environment={"python": "3.11.2", "platform": "Linux x86_64", "gdbench": "0.1.0", "git": "1a2b3c4"},
    )
    return replace(plan, **changes)


def write_store(
    folder: Path,
    cases: Sequence[Case],
    finished: Sequence[Case] | None = None,
    problems: Sequence[ProblemRecord] = (PROBLEM,),
    **changes: Any,
) -> Path:
    """A store that holds a plan of `cases` and the runs of those that are `finished` (by default all)."""
    with Store.open(folder) as store:
        for problem in problems:
            store.add_problem(problem)
        store.add_plan(plan_of(cases, **changes))
        for case in cases if finished is None else finished:
            store.add(case.record)
    return folder
