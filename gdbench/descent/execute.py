"""From a spec to a result: build the five steps by name, descend, and say how it went.

Everything in and out is plain data, so that this runs as well in another process or under PyPy.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from dataclasses import replace
from random import Random
from typing import Any, Mapping

from gdbench.descent.definition import define, find
from gdbench.descent.descend import descend
from gdbench.descent.divergence import divergence
from gdbench.descent.gradients import GRADIENTS, Gradient
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.iterate import Iterate, Vector
from gdbench.descent.kernels import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.objective import Objective
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.recorder import Recorder
from gdbench.descent.registry import Registry
from gdbench.descent.result import RunResult
from gdbench.descent.stopping import Verdict, build_rule
from gdbench.descent.table import Table

Spec = Mapping[str, Any]


def execute(spec: Spec, table: Table, thresholds: Mapping[str, float]) -> RunResult:
    """Run one spec on its data. thresholds: target → the cost at or below which it is met."""
    definition = define(spec["model"], spec["cost"], table.features)
    objective: Objective = _build(KERNELS, spec["kernel"], definition, table)
    gradient: Gradient = _build(GRADIENTS, spec["gradient"])
    recorder = Recorder(thresholds)
    steps: Mapping[str, Any] = {
        "cost_and_gradient": gradient.of(objective),
        "start": starting_point(spec, objective.size),
        "optimizer": _build(OPTIMIZERS, spec["optimizer"]),
        "learning_rate": _build(LEARNING_RATES, spec["learning_rate"]),
        "diverged": divergence(spec["divergence"]).watch(),
        "stop": build_rule(spec["convergence"]).watch(),
        "see": recorder.see,
    }
    began = time.perf_counter()
    end, verdict = descend(**steps)
    seconds = time.perf_counter() - began
    work = gradient.work(objective.size)
    return replace(
        _ending(recorder, end, verdict),
        cost_evaluations=work.costs * (end.k + 1),
        gradient_evaluations=work.gradients * (end.k + 1),
        row_passes=work.passes * objective.rows * (end.k + 1),
        seconds=seconds,
        interpreter=f"{platform.python_implementation()} {_version()}",
        host=platform.node(),
    )


def starting_point(spec: Spec, size: int) -> Vector:
    """w₀, drawn from a generator that depends on data, initialization and replicate, and on nothing else.

    Two specs that differ in the learning rate alone thus start from the same point: they are paired.
    """
    identity = [spec["seed"], spec["digest"], spec["initialization"], spec["replicate"]]
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).digest()
    start: Vector = _build(INITIALIZERS, spec["initialization"], size, Random(int.from_bytes(digest, "big")))
    return start


def _build(registry: Registry, choice: Mapping[str, Any], *given: Any) -> Any:
    entry, parameters = find(registry, choice)
    return entry.function(*given, **parameters)


def _ending(recorder: Recorder, end: Iterate, verdict: Verdict) -> RunResult:
    first, best, last = recorder.first, recorder.best, recorder.last
    return RunResult(
        outcome=verdict.outcome,
        reason=verdict.reason,
        rule=verdict.rule,
        iterations=end.k,
        initial_cost=first.cost if first else None,
        final_cost=last.cost if last else None,
        best_cost=best.cost if best else None,
        best_iteration=best.k if best else None,
        final_gradient_norm=last.gradient_norm if last else None,
        diverged_at=end.k if verdict.outcome == "diverged" else None,
        iterations_to=recorder.iterations_to,
        curve=recorder.curve(),
        parameters=list(last.w) if last else [],
    )


def _version() -> str:
    """PyPy is known by its own version, not by that of the Python it speaks."""
    pypy = getattr(sys, "pypy_version_info", None)
    return ".".join(str(part) for part in pypy[:3]) if pypy else platform.python_version()
