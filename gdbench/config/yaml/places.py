"""Where each key and value of a config stands in the text that a person wrote."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from gdbench.config.grid.ranges import Range
from gdbench.config.yaml.mistakes import ConfigError, Mistake, cut

T = TypeVar("T")

#: The way to a value from the top of a config, for example ("grid", "cost", 1) or ("data", "target").
ConfigPath = tuple[str | int, ...]

_SHOWN = 60  # characters of a line on either side of a mistake
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class ConfigText:
    """A text that settings were read from: a file, or one `--set`.

    name: as the user wrote it.  skip: leading characters that are not YAML.
    folder: that relative paths in it are taken from; None where there is no file.
    """

    name: str
    text: str
    skip: int = 0
    folder: Path | None = None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def mistake(self, index: int, message: str) -> Mistake:
        """A mistake at a character of the text."""
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        before = self.text[max(start, index - _SHOWN) : index]
        rest = _LINE_END.split(self.text[index : index + _SHOWN + 1], maxsplit=1)[0]
        more = len(rest) > _SHOWN
        return Mistake(self.name, line, index - start + 1, message, before, rest[:_SHOWN], more)


@dataclass(frozen=True, slots=True)
class Spot:
    """A character of a text."""

    text: ConfigText
    index: int

    def mistake(self, message: str) -> Mistake:
        return self.text.mistake(self.index, message)

    def error(self, message: str) -> ConfigError:
        return ConfigError([self.mistake(message)])


def dotted(path: ConfigPath) -> str:
    """grid.cost[1].delta"""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return cut("".join(steps).removeprefix("."))


class Places:
    """Config path → where its key and its value stand.

    A scalar or a mapping stands for a list of one, so ("grid", "cost", 0) finds the value of a plain
    `cost: mse`; a path that leads nowhere finds the deepest part of it that exists.
    """

    def __init__(self, whole: Spot) -> None:
        self._values: dict[ConfigPath, Spot] = {(): whole}
        self._keys: dict[ConfigPath, Spot] = {(): whole}

    def put(self, path: ConfigPath, value: Spot, key: Spot | None = None) -> None:
        self._values[path] = value
        self._keys[path] = key or value

    def value(self, path: ConfigPath) -> Spot:
        return self._values[self._known(path)]

    def key(self, path: ConfigPath) -> Spot:
        return self._keys[self._known(path)]

    def mistake(self, path: ConfigPath, message: str, *, at_key: bool = False) -> Mistake:
        """A mistake at the value of a path, or at its key."""
        spot = self.key(path) if at_key else self.value(path)
        return replace(spot.mistake(message), where=dotted(path))

    def folder(self, path: ConfigPath, otherwise: Path) -> Path:
        """The folder of the file that a value stands in: a base's own, where it was inherited."""
        return self.value(path).text.folder or otherwise

    def _known(self, path: ConfigPath) -> ConfigPath:
        known: ConfigPath = ()
        for step in path:
            if (*known, step) in self._values:
                known = (*known, step)
            elif not isinstance(step, int):
                break
        return known


def each(value: object, path: ConfigPath) -> list[tuple[object, ConfigPath]]:
    """The items of a list with their paths; a value alone stands for a list of one, a range for its values."""
    if isinstance(value, Range):
        return [(item, path) for item in value]
    if not isinstance(value, list):
        return [(value, path)]
    return [
        inner
        for i, item in enumerate(value)
        for inner in (each(item, (*path, i)) if isinstance(item, Range) else [(item, (*path, i))])
    ]


@dataclass
class Mistakes:
    """The mistakes found so far, so that all are told at once and not only the first."""

    places: Places
    all: list[Mistake] = field(default_factory=list)

    def add(self, path: ConfigPath, message: str, *, at_key: bool = False) -> None:
        self.all.append(self.places.mistake(path, message, at_key=at_key))

    def firsts(self, items: Iterable[tuple[T, ConfigPath]]) -> Iterator[tuple[T, ConfigPath]]:
        """The items for a reader that adds what is wrong with each: of those that share a place, as the
        values of a range do, none after the first mistake.
        """
        wrong: set[ConfigPath] = set()
        for item, path in items:
            if path not in wrong:
                before = len(self.all)
                yield item, path
                if len(self.all) > before:
                    wrong.add(path)

    def raise_any(self) -> None:
        if self.all:
            raise ConfigError(self.all)
