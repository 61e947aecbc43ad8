"""What goes over the wire: plain params, metrics and tags, cut to MLflow's limits and sent in batches."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mlflow.entities import Metric, Param, RunTag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow import MlflowClient

_METRICS, _PARAMS, _TAGS = 1000, 100, 100  # in one batch
_KEY, PARAM_LENGTH, _TAG = 250, 6000, 8000  # characters

Item = TypeVar("Item")


class Point(NamedTuple):
    """One metric value; `time` is the record's, in Unix milliseconds: sent twice, it is the same row."""

    key: str
    value: float
    time: int
    step: int = 0


@dataclass(frozen=True)
class Content:
    """All that one MLflow run is to hold, apart from its artifacts."""

    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    points: Sequence[Point] = ()


def send(client: MlflowClient, run_id: str, content: Content) -> None:
    """Log everything, as many items to a request as MLflow takes; points that are not finite stay behind."""
    metrics = [
        Metric(clean_key(p.key), p.value, p.time, p.step) for p in content.points if math.isfinite(p.value)
    ]
    params = [Param(clean_key(key), cut(value, PARAM_LENGTH)) for key, value in content.params.items()]
    tags = [RunTag(key, value) for key, value in clean_tags(content.tags).items()]
    batches = zip(_chunks(metrics, _METRICS), _chunks(params, _PARAMS), _chunks(tags, _TAGS), strict=False)
    for some_metrics, some_params, some_tags in batches:
        if not (some_metrics or some_params or some_tags):
            return
        # synchronous: an environment variable of MLflow's could otherwise make "sent" mean "queued".
        client.log_batch(run_id, some_metrics, some_params, some_tags, synchronous=True)


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in chunks, then empty chunks for ever: the longest of three series sets the number."""
    start = 0
    while True:
        yield items[start : start + size]
        start += size


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
