"""What is wrong with a config, and where: every problem has a place, and all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 500  # characters of one message: a config may hold names of any length


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake. Lines and columns count from 1; line 0 means the file as a whole.

    before, after: what stands on the line left and right of the place, as far as a terminal shows it.
    """

    path: str
    line: int
    column: int
    message: str
    before: str = field(default="", compare=False, repr=False)
    after: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message))

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.message}"

    def pointed(self) -> str:
        """The problem with its source line and a caret under the place, for a terminal."""
        if not self.line:
            return str(self)
        gutter = f"  {self.line} | "
        source = _shown(self.before + self.after).rstrip()
        return f"{self}\n{gutter}{source}\n{' ' * (len(gutter) + len(self.before))}^"


class ConfigError(GdbenchError):
    """Everything that is wrong with one config; its text has one line for each problem, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def pointed(self) -> str:
        """All problems, each with its source line and a caret, for a terminal."""
        return "\n".join(problem.pointed() for problem in self.problems)


def cut(text: str, most: int = 100) -> str:
    """A text of any length as it fits in a sentence; a name that was cut is none that anybody registered."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown(text: str) -> str:
    """Each character that would move the cursor or the colours becomes a space."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _one_line(message: str) -> str:
    return cut(" ".join(_shown(message[: 2 * _LONGEST]).split()), _LONGEST)
