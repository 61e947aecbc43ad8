"""Records as the store's rows, and back: floats as packed little-endian doubles, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from marshal import dumps
from sys import intern
from typing import Any, TypeVar

from gdbench.descent.numerics.packing import pack, pack_text, unpack, unpack_text
from gdbench.descent.recording.plain import Plain, plain_of, read, read_all
from gdbench.descent.recording.result import Curve, RunResult, with_cause
from gdbench.record.checksums import (
    BARE,
    CURVES,
    UNREADABLE,
    CheckedRows,
    Row,
    checksum_of_curves,
    checksum_of_ending,
    checksum_of_record,
)
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord, SessionRecord, TrialRecord
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

Record = TypeVar("Record")

#: The series that have had columns of their own since version 1 of the tables.
_OWN_COLUMN = ("cost", "gradient_norm")

#: Numbers of a point of a path of two parameters, which has always been written out; others are packed.
_PLANE = 3

#: What of a result is often that of many others.
_WORDS = ("outcome", "reason", "rule", "cause", "interpreter", "host")
_ALIKE = (*_WORDS, "iterations_to", "work_to", "kept_from", "kept_work", "path", "shadows")
#: Evidence that is long: the last steps with what the cost did at each, and the gradient after them.
_LONG = ("steps", "gradient")
_NO_CURVE, _NO_PARAMETERS = Curve(), list[float]()
#: Of `marshal`: equal values are then the same bytes, however they came about.
_BY_VALUE = 2

#: Where the key is in a row that `run_of` reads, and how many of them are asked for at once.
_KEY, _AT_ONCE = 5, 500

_BARE, _CURVES = ", ".join(BARE), ", ".join(CURVES)
_NO_CURVES = "x'', x'', x'', x'', '{}'"
#: Of tables before version 3, which had the two series only.
_TWO_SERIES = "iteration, cost, gradient_norm, parameters, '{}'"

INSERT_RUN = f"""
INSERT OR REPLACE INTO runs (outcome, session, ending, checksum, curves, {_BARE}, {_CURVES})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608  the names are ours

#: Whether a run that the one index does not know is in the other.
_IN_THE_OTHER_INDEX = "SELECT 1 FROM runs INDEXED BY endings WHERE key = ?"

#: The beginning of a statement that gives sessions a state, which it is given twice.
CHANGE_SESSION = "UPDATE sessions SET state = ?, checksum = checksum(number, ?, ended, record)"


def select_runs(version: int, *, curves: bool) -> str:
    """The beginning of a query whose rows `run_of` reads. version: of the tables; from 5 on with checksums."""
    columns = _NO_CURVES if not curves else _CURVES if version >= 3 else _TWO_SERIES
    sums = "NULL, NULL" if version < 5 else f"checksum, {'curves' if curves else 'NULL'}"
    return f"SELECT {sums}, {_BARE}, {columns} FROM runs"  # noqa: S608  the names are ours


def row_of(record: RunRecord, session: int | None) -> Row:
    """The values of INSERT_RUN. session: the number of the one that recorded it."""
    result, curve = record.result, record.result.curve
    plain = plain_of(result)
    for elsewhere in ("curve", "parameters", "paused"):
        del plain[elsewhere]
    if result.path and len(result.path[0]) != _PLANE:
        plain["path"] = {"point": len(result.path[0]), "numbers": pack_text("d", chain(*result.path))}
    further = {name: pack_text("d", values) for name, values in curve.series.items() if name not in _OWN_COLUMN}
    key, finished = record.key, float(record.finished)
    bare = (
        float(record.started),
        finished,
        record.runner,
        key,
        record.problem,
        json.dumps(record.spec),
        json.dumps(plain),
    )
    cost, gradient_norm = (pack("d", curve.series.get(name, ())) for name in _OWN_COLUMN)
    packed = pack("q", curve.iteration), cost, gradient_norm, pack("d", result.parameters), json.dumps(further)
    ending = checksum_of_ending(key, result.outcome, session, finished)
    return (
        result.outcome,
        session,
        ending,
        checksum_of_record(*bare),
        checksum_of_curves(key, *packed),
        *bare,
        *packed,
    )


def run_of(row: Row) -> RunRecord:
    """Raises ValueError where a checksum says that it is not what was written."""
    _, curve = curve_of(row)
    packed = row[-2]
    return _run_of(row, _result_of(row), curve, unpack("d", packed) if packed else _NO_PARAMETERS)


def run_to_judge(row: Row) -> RunRecord:
    """The same without curve and parameters, nor the evidence that is long.

    What claims to have converged keeps that: it is judged by it, and nothing else is. A diagnosis asks for all.
    """
    plain = _result_of(row)
    seen, dropped = plain.get("evidence") or {}, () if plain.get("outcome") == "converged" else _LONG
    plain["evidence"] = {intern(name): _shared(seen[name]) for name in seen if name not in dropped}
    return _run_of(row, plain, _NO_CURVE, _NO_PARAMETERS)


def _result_of(row: Row) -> Plain:
    """The result as JSON has it; parts that many have are in memory once."""
    if row[0] is not None and row[0] != checksum_of_record(*row[2:9]):
        raise ValueError("its record")
    plain: Plain = json.loads(row[8])
    if isinstance(plain.get("path"), dict):
        plain["path"] = _points(**plain["path"])
    for name in _ALIKE:
        if name in plain:
            plain[name] = _shared(plain[name])
    return plain


def _run_of(row: Row, plain: Plain, curve: Curve, parameters: list[float]) -> RunRecord:
    plain |= {"curve": curve, "parameters": parameters, "paused": None}
    started, finished, runner, key, problem, spec = row[2:8]
    result = read(RunResult, with_cause(plain))
    return RunRecord(key, _spec_of(spec), intern(problem), result, started, finished, intern(runner))


def curve_of(row: Row) -> tuple[str, Curve]:
    """The key and the curve alone, which takes a fraction of the time; raises ValueError likewise."""
    of_curves, key, (iteration, *own, _, more) = row[1], row[_KEY], row[9:]
    if of_curves is not None and of_curves != checksum_of_curves(key, *row[9:]):
        raise ValueError("its curve")
    series = {name: unpack("d", packed) for name, packed in zip(_OWN_COLUMN, own, strict=True) if packed}
    series |= {name: unpack_text("d", text) for name, text in json.loads(more).items()}
    return key, Curve(unpack("q", iteration), series) if iteration or series else _NO_CURVE


def records_of(
    checked: CheckedRows, keys: Iterable[str] | None, reader: Callable[[Row], Record], *, curves: bool
) -> Iterator[Record]:
    """What a reader makes of runs, as `Store.runs` has them: many at once where they are small."""
    version = checked.version
    query = select_runs(version, curves=curves)
    if keys is None:
        yield from checked.read("a run", reader, checked.select(f"{query} ORDER BY key"))
        return
    left = iter(keys)
    while some := list(islice(left, 1 if curves else _AT_ONCE)):
        marks = ", ".join("?" * len(some))
        rows = {row[_KEY]: row for row in checked.select(f"{query} WHERE key IN ({marks})", *some)}
        for key in some:
            if key in rows:
                try:
                    record = reader(rows[key])
                except UNREADABLE as error:
                    raise checked.damage(f"run {key}") from error
                yield record
            elif version > 1 and list(checked.select(_IN_THE_OTHER_INDEX, key)):
                raise checked.damage(f"an index lacks run {key}")


def _points(point: int, numbers: str) -> list[list[float]]:
    """A path point by point."""
    found = unpack_text("d", numbers)
    return [found[i : i + point] for i in range(0, len(found), point)]


#: Parts of records as they were met last; the same part of another record is the same object.
_parts: dict[bytes, Any] = {}
_MOST_PARTS = 5000
_EMPTY: Mapping[type, Any] = {dict: {}, list: []}


def _shared(value: Any) -> Any:
    """The same value, in memory once: a report reads a hundred thousand runs that differ in a few numbers.

    Nobody changes a record.
    """
    kind = type(value)
    if kind is str:
        return intern(value)
    if kind in _EMPTY:
        if not value:
            return _EMPTY[kind]
        if len(_parts) > _MOST_PARTS:
            _parts.clear()
        return _parts.setdefault(dumps(value, _BY_VALUE), value)
    return value


#: How a spec's replicate is written. Quotes within a text are written otherwise, so that it is always a name.
_REPLICATE = '"replicate": '
#: What is written before and after a replicate → the spec. Runs of one setting differ in that alone.
_specs: dict[tuple[str, str], dict[str, Any]] = {}
_MOST_SPECS = 1000


def _spec_of(text: str) -> dict[str, Any]:
    """A spec, whose parts are those of the others that differ in their replicate alone."""
    before, _, rest = text.partition(_REPLICATE)
    number, _, after = rest.partition(",")
    known = _specs.get((before, after))
    if known is not None and number.isdecimal() and str(int(number)) == number:
        return {**known, "replicate": int(number)}
    spec = {intern(name): _shared(value) for name, value in json.loads(text).items()}
    # found once, and at the top: that it is
    if str(spec.get("replicate")) == number and _REPLICATE not in after:
        if len(_specs) > _MOST_SPECS:
            _specs.clear()
        _specs[before, after] = spec
    return spec


def text_of(record: PlanRecord | ProblemRecord | SessionRecord) -> str:
    """A record as JSON."""
    if not isinstance(record, PlanRecord):
        return json.dumps(record, default=plain_of)
    # its runs are many: JSON would ask for one after the other
    return json.dumps({**plain_of(record), "runs": list(map(plain_of, record.runs))}, default=plain_of)


def row_of_trial(trial: TrialRecord) -> tuple[str, ...]:
    """Its result whole, with its curve, without its parameters and its path."""
    result = json.dumps({**trial.result.to_plain(), "parameters": [], "path": []})
    return trial.key, trial.of, trial.cause, trial.remedy, result


def trial_of(key: str, of: str, cause: str, remedy: str, result: str) -> TrialRecord:
    return TrialRecord(key, of, cause, remedy, RunResult.from_plain(json.loads(result)))


def pause_of(key: str, state: str) -> tuple[str, str]:
    """A run's key, and the state in which it was paused."""
    return key, state


def problem_of(_id: str, text: str) -> ProblemRecord:
    plain = json.loads(text)
    optimum = read(Optimum, _with_tuples(plain.get("optimum", {}), "parameters"))
    starts = tuple(tuple(start) for start in plain.get("starts", ()))
    return read(ProblemRecord, {**plain, "optimum": optimum, "starts": starts})


def plan_of(_position: int, _id: str, _created: float, text: str) -> PlanRecord:
    plain = {"runs": (), **_with_tuples(json.loads(text), "identity", "stages")}
    return read(PlanRecord, {**plain, "runs": read_all(PlannedRun, plain["runs"])})


def session_of(number: int, state: str, ended: float | None, text: str) -> tuple[int, SessionRecord]:
    """A session with its number."""
    plain = _with_tuples(json.loads(text), "options", "asked")
    return number, read(SessionRecord, {**plain, "state": state, "ended": ended})


def _with_tuples(plain: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**plain, **{name: tuple(plain.get(name, ())) for name in names}}
