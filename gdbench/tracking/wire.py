"""What goes over the wire: plain params, metrics and tags, cut to MLflow's limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY, PARAM_LENGTH, _TAG = 250, 6000, 8000  # characters


class Point(NamedTuple):
    """One metric value; `time` is the record's, in Unix milliseconds: sent twice, it is the same row."""

    key: str
    value: float
    time: int
    step: int = 0


class Series(NamedTuple):
    """The points of one metric, a column each: a run of 100 iterations has 300. Its steps increase."""

    key: str
    values: Sequence[float]
    times: Sequence[int]
    steps: Sequence[int]


def alone(key: str, value: float, time: int, step: int = 0) -> Series:
    """A metric of one point."""
    return Series(key, (value,), (time,), (step,))


@dataclass(frozen=True)
class Content:
    """All that one MLflow run is to hold, apart from its artifacts."""

    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    series: Sequence[Series] = ()

    @property
    def points(self) -> list[Point]:
        """One by one."""
        return [Point(key, *point) for key, *columns in self.series for point in zip(*columns, strict=True)]


def clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags as MLflow takes them."""
    return {clean_key(key): cut(value, _TAG) for key, value in tags.items()}


@lru_cache(maxsize=4096)  # of a curve every point has the same
def clean_key(key: str) -> str:
    """A key in MLflow's alphabet; keys that it would read as odd paths are made plain."""
    key = re.sub(r"[^\w./ -]", "_", key)
    key = "/".join(part for part in key.split("/") if part.strip(". ")) or "_"
    return key[:_KEY].rstrip("/")


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def millis(seconds: float) -> int:
    """Unix seconds as the whole milliseconds that MLflow keeps."""
    return round(seconds * 1000)
