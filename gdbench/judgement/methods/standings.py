"""How methods stand against one another over the problems of a study, in one view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from gdbench.judgement.methods.matrix import Matrix, chosen_of, matrix
from gdbench.judgement.methods.ratios import quotient, typical_ratio
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.ranking import TIED

if TYPE_CHECKING:
    from gdbench.judgement.study import Study


@dataclass(frozen=True)
class Standing:
    """solved: on how many problems the target is reached.  best: where it is the fastest, or under 1 % apart.

    multiple: iterations as a multiple of the fastest method's, the median over the problems that any method
    solves; ∞ where it misses half of them.  setting: what was chosen, where it is one for all problems.
    """

    method: str
    solved: int
    best: int
    multiple: float
    setting: str = ""


@dataclass(frozen=True)
class Standings:
    """Methods from best to worst: by the problems that they solve, then by the median multiple, then the mean.

    view: one of `VIEWS`, "" where nothing is tuned.  lead: iterations of the first by the second's, paired by
    starts, the median over problems; None with one method, or where there is no such number.
    """

    target: str
    view: str
    problems: int
    methods: tuple[Standing, ...]
    lead: float | None = None

    def of(self, method: str) -> Standing | None:
        return next((one for one in self.methods if one.method == method), None)


def standings(study: Study, view: str = TUNED) -> Standings | None:
    """None where no efforts are known: without targets, or where gaps cannot be measured."""
    return study.methods.once(("standings", view), lambda: _standings(study, view))


def _standings(study: Study, view: str) -> Standings | None:
    table = matrix(study, view)
    if table.target is None or not table.effort:
        return None
    chosen = chosen_of(study, view, table.target)
    least = {p.id: min(row[p.id] for row in table.effort.values() if p.id in row) for p in table.problems}
    rows = []
    for method, row in table.effort.items():
        ratios = [quotient(row.get(id_, math.inf), best) for id_, best in least.items() if math.isfinite(best)]
        known = [ratio for ratio in ratios if ratio is not None]
        setting = next(iter(chosen[method].values())).tuning if view != TUNED else ""
        standing = Standing(
            method,
            sum(map(math.isfinite, row.values())),
            sum(ratio < 1.0 + TIED for ratio in known),
            _middle(known),
            setting,
        )
        rows.append((_order(standing, known), standing))
    ordered = tuple(standing for _, standing in sorted(rows, key=lambda pair: pair[0]))
    lead = _lead(study, view, table, ordered)
    return Standings(table.target, table.view, len(table.problems), ordered, lead)


def _middle(ratios: Sequence[float]) -> float:
    found = typical_ratio(ratios)
    return math.inf if found is None else found


def _order(of: Standing, ratios: Sequence[float]) -> tuple[float, ...]:
    finite = [math.log(ratio) for ratio in ratios if math.isfinite(ratio)]
    return -of.solved, of.multiple, fmean(finite) if finite else math.inf


def _lead(study: Study, view: str, table: Matrix, ordered: Sequence[Standing]) -> float | None:
    return (
        compared(study, ordered[0].method, ordered[1].method, view, table.target) if len(ordered) > 1 else None
    )


def compared(study: Study, one: str, other: str, view: str = TUNED, target: str | None = None) -> float | None:
    """Iterations of one method / of another: the median over problems of that over the starts that they share.

    0 or ∞ where only one side gets there, on most problems; None where there is no number.
    """
    chosen = chosen_of(study, view, target)
    target = target or matrix(study, view).target
    if target is None or not {one, other} <= chosen.keys():
        return None
    found = []
    for family in study.methods.problems:
        left, right = (study.methods.by_start(chosen[m].get(family), family, target) for m in (one, other))
        pairs = [quotient(left[start], right[start]) for start in left if start in right]
        ratio = typical_ratio([pair for pair in pairs if pair is not None])
        found += [ratio] if ratio is not None else []
    return typical_ratio(found)
