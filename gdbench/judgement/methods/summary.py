"""What a study came to method by method, as values; the words come last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.config.grid.axes import AXES_BY_NAME
from gdbench.descent.recording.plain import plain_of
from gdbench.judgement.methods.matrix import absent_from
from gdbench.judgement.methods.roles import name_of
from gdbench.judgement.methods.standings import Standings, compared, standings
from gdbench.judgement.methods.tuning import tuning_curves
from gdbench.judgement.methods.views import DEFAULTS, TUNED, VIEWS
from gdbench.plugins.loading import plugin_of

if TYPE_CHECKING:
    from gdbench.judgement.study import Study

#: Fewer problems than these have an answer each, and none for all of them together.
FEWEST_PROBLEMS = 3


@dataclass(frozen=True)
class PluginStanding:
    """A method of a plug-in. place: from 1.  ratio: its iterations by the best's, as `Standings.lead`."""

    method: str
    place: int
    ratio: float | None


@dataclass(frozen=True)
class MethodsSummary:
    """views: how methods stand, tuned for each problem first; only that where nothing is tuned.

    parting: by which runs they are tuned and reported, in a sentence.  missing: methods without a default in
    the grid.  tries: (method, tries that it needs, settings of its grid), best method first.
    plugins: where methods of plug-ins stand.
    """

    views: Sequence[Standings]
    parting: str
    missing: Sequence[str]
    tries: Sequence[tuple[str, int, int]]
    plugins: Sequence[PluginStanding]

    @property
    def tuned(self) -> Standings:
        return self.views[0]

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, for a program to read."""
        return {
            "parting": self.parting,
            "views": [_without_infinities(of) for of in self.views],
            "defaults_missing": list(self.missing),
            "tries": [{"method": name, "needed": k, "settings": n} for name, k, n in self.tries],
            "plugins": [_without_infinities(one) for one in self.plugins],
        }


def _without_infinities(record: Standings | PluginStanding) -> object:
    """A record as JSON, which has no ∞: null stands for it."""
    plain: object = json.loads(json.dumps(record, default=plain_of), parse_constant=lambda _: None)
    return plain


def methods_summary(study: Study) -> MethodsSummary | None:
    """None with one method, with few problems, and where no efforts are known."""
    board = study.methods
    if len(board.methods) < 2 or len(board.problems) < FEWEST_PROBLEMS:
        return None
    shown = [standings(study, view) for view in (VIEWS if board.has_grid else (TUNED,))]
    views = [of for of in shown if of is not None]
    if not views or views[0].view not in ("", TUNED):
        return None
    order = [one.method for one in views[0].methods]
    needed = {c.method: (c.method, c.needed, c.settings) for c in tuning_curves(study) if c.needed is not None}
    missing = absent_from(study, DEFAULTS) if board.has_grid else []
    tries = [needed[name] for name in order if name in needed]
    return MethodsSummary(views, board.parting_text, missing, tries, _plugins(study, order))


def _plugins(study: Study, order: Sequence[str]) -> list[PluginStanding]:
    foreign = of_plugins(study)
    return [
        PluginStanding(name, place, compared(study, name, order[0]) if place > 1 else None)
        for place, name in enumerate(order, 1)
        if name in foreign
    ]


def of_plugins(study: Study) -> set[str]:
    """The methods of which a choice is none of gdbench's own."""
    board = study.methods
    return {
        method
        for method, some in board.candidates.items()
        for runs in [next(iter(some[0].runs.values()))]
        if any(_foreign(axis, runs[0].spec.get(axis)) for axis in board.roles.compared)
    }


def _foreign(axis: str, choice: object) -> bool:
    if choice is None or axis in ("convergence", "kernel"):
        return False
    registry, name = AXES_BY_NAME[axis].registry, name_of(choice)
    return name not in registry or plugin_of(registry.kind, name) is not None
