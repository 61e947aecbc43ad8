"""What is wrong with a config, and where: every mistake has a place, and all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import MISTAKES_TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Paint = Callable[[str, str], str]

_WIDEST = 110  # columns of a source line

_LONGEST = 500  # characters of one message: a config may hold names of any length


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake. Lines and columns count from 1; line 0 means the file as a whole.

    before, after: what stands on the line left and right of the place, as far as a terminal shows it.
    more: whether the line goes on behind `after`.  where: the path in the config, as grid.cost[1].
    """

    path: str
    line: int
    column: int
    message: str
    before: str = field(default="", compare=False, repr=False)
    after: str = field(default="", compare=False, repr=False)
    more: bool = field(default=False, compare=False, repr=False)
    where: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message))
        object.__setattr__(self, "where", _one_line(self.where))

    @property
    def place(self) -> str:
        """file:line:column"""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    def pointed(self, width: int = _WIDEST, paint: Paint = lambda text, _: text) -> str:
        """The mistake with its source line, a caret under the place, and the path to it, for a terminal.

        width: of the terminal, in columns.  paint: (text, "place" | "source" | "caret") → text in colours.
        """
        if not self.line:
            return str(self)
        gutter = f"  {self.line} | "
        left, right = self._window(width - len(gutter))
        caret = paint("^", "caret") + (f" {paint(self.where, 'source')}" if self.where else "")
        return "\n".join(
            [
                f"{paint(self.place, 'place')}: {self.message}",
                paint(f"{gutter}{left}{right}".rstrip(), "source"),
                f"{' ' * (len(gutter) + len(left))}{caret}",
            ]
        )

    def _window(self, room: int) -> tuple[str, str]:
        """What stands left and right of the place, with … where there is more than there is room for."""
        before, after = _shown(self.before), _shown(self.after)
        half = max(8, room // 2)
        left = before if len(before) + len(after) <= room else before[-half:]
        if self.column - 1 > len(left):
            left = f"…{left[1:]}"
        right = after[: max(8, room - len(left))]
        if len(right) < len(after) or self.more:
            right = f"{right[:-1]}…"
        return left, right


class ConfigError(GdbenchError):
    """Everything that is wrong with one config.

    Its text has one line for each mistake, in order of place, as far as anybody reads.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join([*map(str, self.mistakes[:MISTAKES_TOLD]), *self._more()]))

    def pointed(self, width: int = _WIDEST, paint: Paint = lambda text, _: text) -> str:
        """The same, each with its source line and a caret, for a terminal; see `Mistake.pointed`."""
        told = (mistake.pointed(width, paint) for mistake in self.mistakes[:MISTAKES_TOLD])
        return "\n".join([*told, *self._more()])

    def _more(self) -> Iterator[str]:
        left = len(self.mistakes) - MISTAKES_TOLD
        if left > 0:
            yield f"… and {left:,} more mistakes. Mend these first."


def cut(text: str, most: int = 100) -> str:
    """A text of any length as it fits in a sentence; a name that was cut is none that anybody registered."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown(text: str) -> str:
    """Each character that would move the cursor or the colours becomes a space."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _one_line(message: str) -> str:
    return cut(" ".join(_shown(message[: 2 * _LONGEST]).split()), _LONGEST)
