"""What survives a worker that is killed in the middle of a run: the curve so far, and the runs before.

A worker writes into two files that its parent has named. The curve goes into a memory map, where the
kernel keeps each point however the process ends, at the price of three stores; the results of a chunk's
earlier runs go into a spool. Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.recording.recorder import Point, curve_of
from gdbench.descent.recording.result import Curve
from gdbench.execution.task import Finished, decode_result, encode_result

#: Bytes for points, far more than are ever written: a run of 10⁹ iterations keeps 6,400 of them (see
#: descent/recording/recorder.py) and its crossings.
_ROOM = 1 << 20
#: Of the chunk's number, the beginning of the run in it, the points so far; then of the names of the series.
_HEAD, _NAMES = struct.Struct("<qdq"), struct.Struct("<1000s")
_START = _HEAD.size + _NAMES.size


class LoggedChunk(NamedTuple):
    """What a crash log holds after its worker's end. begun: Unix seconds of the run that ended it."""

    finished: list[Finished]
    curve: Curve
    begun: float


class CrashLog:
    """The worker's end of a crash log; `path` names it."""

    def __init__(self, path: Path) -> None:
        size = _START + _ROOM
        # a predecessor's last words stay until the next chunk begins: the parent may be reading them
        with path.open("ab") as file:
            file.truncate(size)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._spool = _spool(path).open("ab", buffering=0)
        self._chunk, self._begun, self._points = 0, 0.0, 0
        self._series: Sequence[str] = ()
        self._point = _point(())

    def begin_chunk(self, number: int, now: float) -> None:
        """Forget the chunk before. number: by which the parent will know this one. now: Unix seconds."""
        self._spool.truncate(0)
        self._chunk = number
        self.begin_run(now)

    def begin_run(self, now: float) -> None:
        """Forget the run before."""
        self._begun, self._points = now, 0
        _HEAD.pack_into(self._map, 0, self._chunk, now, 0)

    def see(self, series: Sequence[str], point: Point) -> None:
        """Keep a point of the curve. series: the names of its values after the first, which is k."""
        if series is not self._series:
            _NAMES.pack_into(self._map, _HEAD.size, json.dumps(series).encode())
            self._series, self._point = series, _point(series)
        place = _START + self._points * self._point.size
        if place + self._point.size <= _START + _ROOM:
            self._point.pack_into(self._map, place, *point)
            self._points += 1
            # the count comes last, so that a point is whole or not there
            _HEAD.pack_into(self._map, 0, self._chunk, self._begun, self._points)

    def end_run(self, done: Finished) -> None:
        """Keep a result until the chunk is brought back."""
        self._spool.write(json.dumps(encode_result(done)).encode() + b"\n")


def read_crash_log(path: Path, number: int) -> LoggedChunk | None:
    """Of a worker that has ended in the middle of a chunk; None if it had not begun that one."""
    try:
        content, spooled = path.read_bytes(), _spool(path).read_bytes()
    except FileNotFoundError:
        return None
    chunk, begun, count = _HEAD.unpack_from(content)
    if chunk != number:
        return None
    names = content[_HEAD.size : _START].rstrip(b"\0")
    series = json.loads(names or "[]")
    layout = _point(series)
    points = list(layout.iter_unpack(content[_START : _START + count * layout.size]))
    # a line without its end was being written when the worker died; its run counts as not finished
    finished = [decode_result(json.loads(line)) for line in spooled.split(b"\n")[:-1]]
    return LoggedChunk(finished, curve_of(series, points), begun)


def _point(series: Sequence[str]) -> struct.Struct:
    """The layout of a point: k, then the value of each series."""
    return struct.Struct(f"<q{len(series)}d")


def _spool(path: Path) -> Path:
    return path.with_suffix(".spool")
