"""Performance profiles (Dolan & Moré 2002) and data profiles (Moré & Wild 2009): methods over many problems."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gdbench.judgement.methods.matrix import Matrix, matrix
from gdbench.judgement.methods.ratios import quotient
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.numerals import are, count
from gdbench.judgement.sentences.few_words import not_compared
from gdbench.judgement.study import Study

#: A profile over fewer problems is a staircase of one or two steps: the tables say it better.
FEWEST_PROBLEMS, FEWEST_METHODS = 3, 2


@dataclass(frozen=True)
class ProfileLine:
    """One method's step function: at x[i] it rises to y[i] and keeps it until x[i+1] (draw "step-after").

    solved: on how many problems it reached the target.  x begins at the chart's left end.
    """

    method: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    solved: int


@dataclass(frozen=True)
class Profile:
    """kind: "performance" or "data".  x_title: of the horizontal axis (logarithmic).  end: its right end.

    y is the share of `problems`, from 0 to 1, on which a method reached `target` within x.
    """

    kind: str
    target: str | None
    problems: int
    x_title: str = ""
    end: float = 1.0
    lines: tuple[ProfileLine, ...] = ()
    note: str = ""
    absent: str = ""


def performance_profile(study: Study, view: str = TUNED) -> Profile:
    """ρ_s(τ): the share of problems on which a method needs at most τ times the iterations of the best one.

    ρ_s(τ) = |{p : t_ps ≤ τ · min_s t_ps}| / |P|, t = ∞ where the target was never reached.
    """
    return performance_of(matrix(study, view))


def performance_of(table: Matrix) -> Profile:
    """The performance profile of a matrix of efforts."""
    absent = why_not(table)
    if absent:
        return Profile("performance", table.target, len(table.problems), absent=absent)
    best = {p.id: min(table.effort[m][p.id] for m in table.complete) for p in table.problems}
    ratios = {m: {p: _multiple(t, best[p]) for p, t in table.effort[m].items()} for m in table.complete}
    title = "iterations, as a multiple of the best method's"
    return _profile("performance", table, ratios, 1.0, title)


def data_profile(study: Study, view: str = TUNED) -> Profile:
    """d_s(α): the share of problems on which a method reaches the target within α · (n_p + 1) evaluations.

    n_p: the problem's number of parameters; n_p + 1 evaluations make one simplex gradient.
    """
    return data_of(matrix(study, view, "evaluations"))


def data_of(table: Matrix) -> Profile:
    """The data profile of a matrix of efforts."""
    absent = why_not(table)
    if absent:
        return Profile("data", table.target, len(table.problems), absent=absent)
    size = {p.id: p.parameters + 1 for p in table.problems}
    budgets = {m: {p: t / size[p] for p, t in table.effort[m].items()} for m in table.complete}
    return _profile("data", table, budgets, 0.0, "evaluations / (parameters + 1)")


def why_not(table: Matrix) -> str:
    """Why no profile of these efforts makes sense; "" where one does."""
    if table.target is None:
        return "There are no targets, so nothing says when a problem is solved."
    if len(table.problems) < FEWEST_PROBLEMS:
        return (
            f"A profile compares methods over {FEWEST_PROBLEMS} or more problems with a known optimum; "
            f"here {are(len(table.problems))}."
        )
    if len(table.complete) < FEWEST_METHODS:
        return (
            f"A profile needs {FEWEST_METHODS} or more methods that were tried on every problem; "
            f"here {are(len(table.complete))}."
        )
    if table.outpaced:
        return not_compared(table.outpaced)
    if all(math.isinf(t) for row in table.effort.values() for t in row.values()):
        return f"No method reached {table.target} on any problem."
    return ""


def _multiple(time: float, best: float) -> float:
    """t / min t; ∞ where the method, or every method, failed."""
    ratio = quotient(time, best)
    return math.inf if ratio is None else ratio


def _profile(
    kind: str, table: Matrix, values: Mapping[str, Mapping[str, float]], start: float, title: str
) -> Profile:
    finite = [v for row in values.values() for v in row.values() if math.isfinite(v)]
    end = max(finite) * 1.05
    lines = tuple(_line(name, list(row.values()), start, end) for name, row in values.items())
    note = f"Target: a relative gap of {table.target}, over {count(len(table.problems))} problems."
    note = " ".join(filter(None, [note, table.how, table.left_out]))
    return Profile(kind, table.target, len(table.problems), title, end, lines, note)


def _line(name: str, values: list[float], start: float, end: float) -> ProfileLine:
    """The empirical distribution function of the values, from `start` to `end`."""
    reached = sorted(value for value in values if math.isfinite(value))
    x = [start, *(v for v in dict.fromkeys(reached) if v > start), end]
    y = [sum(value <= at for value in reached) / len(values) for at in x]
    return ProfileLine(name, tuple(x), tuple(y), len(reached))
