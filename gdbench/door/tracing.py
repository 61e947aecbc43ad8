"""gdbench.trace: the first steps of one run, to be followed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdbench.config.outside import html
from gdbench.door.configs import Config, read
from gdbench.planning.plan import make_plan
from gdbench.session.trace import Trace, follow_run


@dataclass(frozen=True)
class Traced:
    """The steps of a run: as lines, and as values in `steps`, with all their digits."""

    found: Trace

    @property
    def lines(self) -> Sequence[str]:
        return self.found.lines

    @property
    def steps(self) -> Sequence[object]:
        """Each with `.now` (k, w, cost, gradient), `.checks` of the stopping rules, and `.moves`."""
        return self.found.steps

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        text = "\n".join(map(html, self.lines))
        return f"<pre style='white-space: pre-wrap; word-break: normal'>{text}</pre>"


def trace(config: Config, steps: int = 3, *, only: Sequence[str] = (), overrides: Sequence[str] = ()) -> Traced:
    """The first steps of one run with its numbers in the place of the letters; nothing is recorded.

    only: which run, as for `gdbench run --only`; the first of those that it names.

    >>> gdbench.trace("configs/lr_sweep.yaml", steps=2)  # doctest: +SKIP
    """
    with read(config, overrides) as experiment:
        return Traced(follow_run(make_plan(experiment), steps, only))
