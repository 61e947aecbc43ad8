"""Methods against problems: the matrix of efforts that profiles, rank tests and the answer read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdbench.judgement.methods.views import DEFAULTS, TUNED, Chosen, chosen
from gdbench.judgement.numerals import count, listing
from gdbench.judgement.racing.outpaced import is_outpaced
from gdbench.judgement.ranking import by_tightness
from gdbench.reference.problem import ProblemRecord

if TYPE_CHECKING:
    from gdbench.judgement.study import Study


@dataclass(frozen=True)
class Matrix:
    """effort[method][problem]: the median of the reported runs, ∞ where never reached; only measured problems.

    unit, target: of the efforts.  view: which candidate stands for a method, one of `VIEWS`; "" where nothing
    is tuned.  parting: by which runs methods are tuned and reported, in a sentence.
    outpaced: the methods for which a candidate stands that a race has paused.
    """

    target: str | None
    unit: str
    effort: Mapping[str, Mapping[str, float]]
    problems: tuple[ProblemRecord, ...]
    view: str = ""
    parting: str = ""
    outpaced: tuple[str, ...] = ()

    @property
    def methods(self) -> list[str]:
        return list(self.effort)

    @property
    def complete(self) -> list[str]:
        """The methods that were tried on every problem."""
        return [name for name, row in self.effort.items() if len(row) == len(self.problems)]

    @property
    def left_out(self) -> str:
        """How many methods are not complete, in a sentence; "" where all are."""
        left = len(self.methods) - len(self.complete)
        which = "1 method that was" if left == 1 else f"{count(left)} methods that were"
        return f"Left out: {which} not tried on every problem." if left else ""

    @property
    def how(self) -> str:
        """What stands for each method, and by which runs, in sentences; "" where nothing is tuned."""
        if not self.view:
            return ""
        return f"Methods: {self.view}. {self.parting}" if self.view != DEFAULTS else f"Methods: {self.view}."


def matrix(study: Study, view: str = TUNED, unit: str = "iterations", target: str | None = None) -> Matrix:
    """The efforts to one target, by default the tightest that a method reached on half of the problems.

    The folds of one problem share most of their rows, so they are one problem: the median of their runs counts.
    """
    board = study.methods
    target = target or shared_target(study)
    rows: dict[str, dict[str, float]] = {}
    problems: dict[str, ProblemRecord] = {}
    paused: set[str] = set()
    for method, of in (chosen_of(study, view, target) if target else {}).items():
        for family, candidate in of.items():
            found = board.effort(candidate, family, target or "", unit)
            if found:
                paused |= {method} if is_outpaced(board.reported(candidate, family)) else set()
                rows.setdefault(method, {})[family] = found.spread.median
                problems[family] = board.problems[family]
    known = tuple(problem for family, problem in board.problems.items() if family in problems)
    raced = tuple(method for method in rows if method in paused)
    return Matrix(target, unit, rows, known, view if board.tunes else "", board.parting_text, raced)


def chosen_of(study: Study, view: str, target: str | None = None) -> Chosen:
    """What stands for each method of a study on each problem."""
    wanted = target or shared_target(study)
    return study.methods.once(
        ("chosen", view, wanted), lambda: chosen(study.methods, view, wanted, study.ranked_by)
    )


def shared_target(study: Study) -> str | None:
    """The tightest target that some candidate reaches on at least half of the problems; else the loosest."""
    return study.methods.once("target", lambda: _shared_target(study))


def _shared_target(study: Study) -> str | None:
    board = study.methods
    for target in by_tightness(study.plan.targets):
        met = [
            family
            for family in board.problems
            if any(
                (found := board.effort(one, family, target)) and math.isfinite(found.spread.median)
                for some in board.candidates.values()
                for one in some
            )
        ]
        if met and 2 * len(met) >= len(board.problems):
            return target
    return max(study.plan.targets, key=float, default=None)


def absent_from(study: Study, view: str) -> list[str]:
    """The methods that have nothing that stands for them in a view."""
    present = chosen_of(study, view)
    return [name for name in study.methods.methods if name not in present]


def not_in_grid(left: Sequence[str]) -> str:
    """Of which methods the defaults are missing, in a sentence; "" of none."""
    if not left:
        return ""
    which = f"the default of {left[0]} is" if len(left) == 1 else f"the defaults of {listing(left)} are"
    return f"{which[0].upper()}{which[1:]} not in the grid."
