"""Methods against problems: the matrix of efforts that profiles and rank tests read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from gdbench.judgement.numerals import count
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.effort import effort


@dataclass(frozen=True)
class Matrix:
    """effort[method][problem id]: the median over repeats, ∞ where never reached; only measured problems.

    A method is a combination of the axes that say how (optimizer, learning rate …), a problem what is
    minimised.  unit, target: of the efforts.
    """

    target: str | None
    unit: str
    effort: Mapping[str, Mapping[str, float]]
    problems: tuple[ProblemRecord, ...]

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


def matrix(study: Study, target: str | None = None, unit: str = "iterations") -> Matrix:
    """The efforts to one target, by default the tightest that a method reached on half of the problems.

    The folds of one problem share most of their rows, so they are one problem: their median counts.
    """
    target = target or _target(study)
    rows: dict[str, dict[str, list[float]]] = {}
    problems: dict[str, ProblemRecord] = {}
    for setting in study.settings:
        found = effort(setting, target, unit) if target else None
        if found:
            whole = setting.problem.whole
            rows.setdefault(method(study, setting), {}).setdefault(whole.id, []).append(found.spread.median)
            problems.setdefault(whole.id, whole)
    efforts = {name: {id_: float(median(of)) for id_, of in row.items()} for name, row in rows.items()}
    return Matrix(target, unit, efforts, tuple(problems.values()))


def method(study: Study, setting: Setting) -> str:
    """The name of the method of a setting."""
    return setting.name(study.method_axes) if study.method_axes else "the one method"


def _target(study: Study) -> str | None:
    """The tightest target that is reached on at least half of the problems; else the loosest."""
    for target in by_tightness(study.plan.targets):
        met = {
            s.problem.id for s in study.settings if (reach := s.reach(target)) and math.isfinite(reach.median)
        }
        if met and 2 * len(met) >= len(study.problems):
            return target
    return max(study.plan.targets, key=float, default=None)


def are(number: int) -> str:
    """'is 1', 'are 5', as in 'here are 5'."""
    return "is 1" if number == 1 else f"are {count(number)}"
