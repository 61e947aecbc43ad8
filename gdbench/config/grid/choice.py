"""One value on one axis of the grid: a registered name with all of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gdbench.config.grid.spans import Span

if TYPE_CHECKING:
    from gdbench.config.yaml.places import ConfigPath


@dataclass(frozen=True)
class Choice:
    """A name with its parameters, or `any`/`all` with its members; equal if their content is.

    items: (parameter, value) in the order of the signature, defaults filled in, types canonical.
    path: where the config asks for it, for errors found later.
    """

    name: str
    items: tuple[tuple[str, Any], ...] = ()
    members: tuple[Choice, ...] = ()
    path: ConfigPath = field(default=(), compare=False, repr=False)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self.items)

    def to_plain(self) -> dict[str, Any]:
        """In config form and JSON-plain, {"normal": {"mean": 0.0, "std": 1.0}} or {"any": [{…}, {…}]}."""
        if self.members:
            return {self.name: [member.to_plain() for member in self.members]}
        return {self.name: {k: plain(v) for k, v in self.items}}


#: Axis → choice.
Choices = Mapping[str, Choice]


def plain(value: object) -> object:
    """A parameter's value as JSON has it."""
    if isinstance(value, Span):
        return value.to_plain()
    if isinstance(value, tuple):
        return [dict(one) if isinstance(one, Mapping) else one for one in value]
    return value
