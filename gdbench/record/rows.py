"""Records as the store's rows, and back: floats as packed little-endian doubles, bit for bit."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from gdbench.descent.numerics.packing import pack, pack_text, unpack, unpack_text
from gdbench.descent.recording.plain import plain_of, read
from gdbench.descent.recording.result import Curve, RunResult, with_cause
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord, SessionRecord
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

#: The series that have had columns of their own since version 1 of the tables.
_OWN_COLUMN = ("cost", "gradient_norm")

_BARE = "started, finished, runner, key, problem, spec, result"
_CURVES = "iteration, cost, gradient_norm, parameters, series"
_NO_CURVES = "x'', x'', x'', x'', '{}'"
#: Of tables before version 3, which had the two series only.
_TWO_SERIES = "iteration, cost, gradient_norm, parameters, '{}'"

INSERT_RUN = f"""
INSERT OR REPLACE INTO runs (outcome, session, {_BARE}, {_CURVES})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608  the names are ours


def select_runs(version: int, *, curves: bool) -> str:
    """The beginning of a query whose rows `run_of` reads. version: of the tables."""
    columns = _NO_CURVES if not curves else _CURVES if version >= 3 else _TWO_SERIES
    return f"SELECT {_BARE}, {columns} FROM runs"  # noqa: S608  the names are ours


def row_of(record: RunRecord, session: int | None) -> tuple[Any, ...]:
    """The values of INSERT_RUN. session: the number of the one that recorded it."""
    result, curve = record.result, record.result.curve
    plain = plain_of(result)
    del plain["curve"], plain["parameters"]
    further = {name: pack_text("d", values) for name, values in curve.series.items() if name not in _OWN_COLUMN}
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
        pack("q", curve.iteration),
        *(pack("d", curve.series.get(name, ())) for name in _OWN_COLUMN),
        pack("d", result.parameters),
        json.dumps(further),
    )


def run_of(row: tuple[Any, ...]) -> RunRecord:
    started, finished, runner, key, problem, spec, result, iteration, *own, parameters, more = row
    series = {name: unpack("d", packed) for name, packed in zip(_OWN_COLUMN, own, strict=True) if packed}
    series |= {name: unpack_text("d", text) for name, text in json.loads(more).items()}
    whole = read(
        RunResult,
        {
            **with_cause(json.loads(result)),
            "curve": Curve(unpack("q", iteration), series),
            "parameters": unpack("d", parameters),
        },
    )
    return RunRecord(key, _decode_spec(spec), problem, whole, started, finished, runner)


def _shared(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """With the names that all specs have in memory once: 3 kB less for each of many runs."""
    return {sys.intern(name): value for name, value in pairs}


_decode_spec = json.JSONDecoder(object_pairs_hook=_shared).decode


def text_of(record: PlanRecord | ProblemRecord | SessionRecord) -> str:
    """A record as JSON."""
    return json.dumps(record, default=plain_of)


def text_of_result(result: RunResult) -> str:
    """A whole result as JSON, with its curve, without its parameters."""
    return json.dumps({**result.to_plain(), "parameters": []})


def result_of(text: str) -> RunResult:
    return RunResult.from_plain(json.loads(text))


def problem_of(text: str) -> ProblemRecord:
    plain = json.loads(text)
    optimum = read(Optimum, _with_tuples(plain.get("optimum", {}), "parameters"))
    starts = tuple(tuple(start) for start in plain.get("starts", ()))
    return read(ProblemRecord, {**plain, "optimum": optimum, "starts": starts})


def plan_of(text: str) -> PlanRecord:
    plain = json.loads(text)
    return read(PlanRecord, {**plain, "runs": [read(PlannedRun, run) for run in plain.get("runs", ())]})


def session_of(state: str, ended: float | None, text: str) -> SessionRecord:
    plain = _with_tuples(json.loads(text), "options", "asked")
    return read(SessionRecord, {**plain, "state": state, "ended": ended})


def _with_tuples(plain: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**plain, **{name: tuple(plain.get(name, ())) for name in names}}
