"""Records as the store's rows, and back: floats as packed little-endian doubles, bit for bit."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable
from typing import Any

from gdbench.descent.recording.result import Curve, RunResult
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord, SessionRecord
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

_BARE = "started, finished, runner, key, problem, spec, result"
_CURVES, _NO_CURVES = "iteration, cost, gradient_norm, parameters", "x'', x'', x'', x''"

INSERT_RUN = f"""
INSERT OR REPLACE INTO runs (outcome, session, {_BARE}, {_CURVES})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608  the names are ours


def select_runs(*, curves: bool) -> str:
    """The beginning of a query whose rows `run_of` reads."""
    return f"SELECT {_BARE}, {_CURVES if curves else _NO_CURVES} FROM runs"  # noqa: S608  the names are ours


def row_of(record: RunRecord, session: int | None) -> tuple[Any, ...]:
    """The values of INSERT_RUN. session: the number of the one that recorded it."""
    result = record.result
    # not by to_plain, which copies all of it: this stands between two runs
    plain = {name: value for name, value in vars(result).items() if name not in ("curve", "parameters")}
    return (
        result.outcome,
        session,
        record.started,
        record.finished,
        record.runner,
        record.key,
        record.problem,
        json.dumps(record.spec),
        json.dumps(plain),
        _pack("q", result.curve.iteration),
        _pack("d", result.curve.cost),
        _pack("d", result.curve.gradient_norm),
        _pack("d", result.parameters),
    )


def run_of(row: tuple[Any, ...]) -> RunRecord:
    started, finished, runner, key, problem, spec, result, iteration, cost, gradient_norm, parameters = row
    curve = Curve(_unpack("q", iteration), _unpack("d", cost), _unpack("d", gradient_norm))
    whole = RunResult(**json.loads(result), curve=curve, parameters=_unpack("d", parameters))
    return RunRecord(
        key, json.loads(spec, object_pairs_hook=_shared), problem, whole, started, finished, runner
    )


def _shared(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """With the names that all specs have in memory once: 3 kB less for each of many runs."""
    return {sys.intern(name): value for name, value in pairs}


def problem_of(text: str) -> ProblemRecord:
    plain = json.loads(text)
    optimum = {**plain["optimum"], "parameters": tuple(plain["optimum"]["parameters"])}
    starts = tuple(tuple(start) for start in plain["starts"])
    return ProblemRecord(**{**plain, "optimum": Optimum(**optimum), "starts": starts})


def plan_of(text: str) -> PlanRecord:
    plain = json.loads(text)
    return PlanRecord(**{**plain, "runs": [PlannedRun(**run) for run in plain["runs"]]})


def session_of(state: str, ended: float | None, text: str) -> SessionRecord:
    plain = json.loads(text)
    tuples = {name: tuple(plain.get(name, ())) for name in ("options", "asked")}
    return SessionRecord(**{**plain, **tuples, "state": state, "ended": ended})


def _pack(code: str, values: Iterable[Any]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpack(code: str, packed: bytes) -> list[Any]:
    values = array(code)
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist()
