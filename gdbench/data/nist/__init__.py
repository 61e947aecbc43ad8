"""NIST's Statistical Reference Datasets for regression: data whose best fit is certified.

Each is read from its file when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from gdbench.data.nist.parsing import NistSet, parse

__all__ = ["NIST", "NistSet"]

_DATA = Path(__file__).parent / "data"


class _Library(Mapping[str, NistSet]):
    """The names are those of the files."""

    def __getitem__(self, name: str) -> NistSet:
        if name not in _names():
            raise KeyError(name)
        return _read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())

    def __contains__(self, name: object) -> bool:
        return name in _names()


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _DATA.glob("*.dat")))


@cache
def _read(name: str) -> NistSet:
    return parse(name, (_DATA / f"{name}.dat").read_text(encoding="ascii"))


NIST: Mapping[str, NistSet] = _Library()
