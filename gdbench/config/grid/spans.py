"""Continuous ranges, `{between: [0, 0.99]}` and `{log_between: [1e-4, 1]}`, for a sample to take from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gdbench.descent.domains import show

if TYPE_CHECKING:
    from gdbench.config.grid.choice import Choice
    from gdbench.config.yaml.places import ConfigPath, Mistakes

EXAMPLES = {"between": "{between: [0, 0.99]}", "log_between": "{log_between: [1e-4, 1]}"}

#: Significant digits of a value that is taken from a span.
_DIGITS = 6


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, evenly or, if `name` is "log_between", evenly in their logarithm."""

    name: str
    low: float
    high: float

    def at(self, share: float) -> float:
        """The value so far along, to six digits."""
        if self.name == "log_between":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        return min(max(float(f"{value:.{_DIGITS}g}"), self.low), self.high)

    @property
    def checked(self) -> tuple[float, float, float]:
        """Values that must all be right for the span to be."""
        return self.low, self.at(0.4), self.high

    def to_plain(self) -> dict[str, list[float]]:
        """As the config has it."""
        return {self.name: [self.low, self.high]}


def read_span(name: str, given: object, path: ConfigPath, mistakes: Mistakes) -> object:
    """The span that `{name: given}` stands for; an empty list where it is wrong, and the mistakes say why."""
    numbers = given if isinstance(given, list) else []
    right = len(numbers) == 2 and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers)
    if not right or not numbers[0] < numbers[1] or (name == "log_between" and not numbers[0] > 0):
        above = " above 0" if name == "log_between" else ""
        told = f"'{name}' takes [lower, upper], two numbers{above}, as in {EXAMPLES[name]}, not {show(given)}."
        mistakes.add(path, told)
        return []
    return Span(name, float(numbers[0]), float(numbers[1]))


def spans_of(choice: Choice) -> Iterator[Span]:
    """The spans among a choice's parameters, in their order."""
    yield from (value for _, value in choice.items if isinstance(value, Span))
    for member in choice.members:
        yield from spans_of(member)


def filled(choice: Choice, shares: Callable[[], float]) -> Choice:
    """The choice with a value in place of each span.  shares: gives the next share, in the spans' order."""
    items = tuple((name, v.at(shares()) if isinstance(v, Span) else v) for name, v in choice.items)
    return replace(choice, items=items, members=tuple(filled(member, shares) for member in choice.members))


def has_spans(choices: Iterable[Choice]) -> bool:
    return any(True for choice in choices for _ in spans_of(choice))
