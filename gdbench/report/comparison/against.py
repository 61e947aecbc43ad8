"""A study against an archive: where each of its methods stands among the frozen ones, problem by problem."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from gdbench.config.outside import argument, command
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.methods.matrix import matrix
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.ranking import TIED, by_tightness
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.lines import GapLine
from gdbench.report.comparison.archive import Archive, FrozenProblem, curves_of
from gdbench.report.comparison.observation import Observation, incomparable
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, words


class Place(NamedTuple):
    """Where a method stands on a problem: iterations to the target, ∞ where the budget does not reach it.

    worse, tied: methods of the archive that need more, or as many (under 1 % apart).  among: those tried there.
    """

    method: str
    problem: str
    label: str
    target: str
    effort: float
    worse: int
    tied: int
    among: int

    @property
    def percentile(self) -> float:
        """Share of the archive's methods that it is better than, ties counting half, in percent."""
        return 100.0 * (self.worse + 0.5 * self.tied) / self.among


class Drawn(NamedTuple):
    """The lines of a problem: of the study's methods, and of the archive's."""

    problem: str
    own: tuple[GapLine, ...]
    others: tuple[GapLine, ...]


@dataclass(frozen=True)
class Against:
    """archive: its name.  observations: in reading order.  places: a method after the other."""

    archive: str
    observations: tuple[Observation, ...]
    places: tuple[Place, ...]
    table: Table
    drawn: tuple[Drawn, ...]


def against(study: Study, store: Store, archive: Archive) -> Against:
    """Raises GdbenchError where they have no problem in common."""
    frozen = {problem.id: problem for problem in archive.problems}
    problems = study.methods.problems
    strangers = [
        incomparable(p.label, why)
        for id_, p in problems.items()
        if (why := _different(p, frozen.get(id_), archive))
    ]
    shared = [p for id_, p in problems.items() if not _different(p, frozen.get(id_), archive)]
    if not shared:
        show = command(["gdbench", "show", "archive", argument(archive.name)])
        raise GdbenchError(
            f"{study.plan.experiment}: none of its problems is one of the archive {archive.name}: "
            f"{listing([p.label for p in archive.problems[:3]])} … A config that extends the archive's own has "
            f"them: {show} > base.yaml, then extends: base.yaml."
        )
    places = tuple(_places(study, archive, shared))
    said = [*_in_short(places, archive), *_missing(archive, shared), *strangers]
    return Against(
        archive.name,
        tuple(said),
        places,
        _table(places, archive),
        tuple(_drawn(study, store, archive, shared)),
    )


def _drawn(study: Study, store: Store, archive: Archive, shared: Sequence[ProblemRecord]) -> Iterator[Drawn]:
    lines = list(curves_of(study, store))
    for problem in shared:
        own, others = (
            tuple(line for line in both if line.problem == problem.id) for both in (lines, archive.curves)
        )
        if own:
            yield Drawn(problem.label, own, others)


def _different(problem: ProblemRecord, frozen: FrozenProblem | None, archive: Archive) -> str:
    """Why a problem is none of the archive's; "" where it is one."""
    if frozen is None:
        namesake = next((one for one in archive.problems if one.label == problem.label), None)
        if namesake:
            ids = f"ids {problem.id[:8]} and {namesake.id[:8]}"
            return f"the archive has another problem of this name: other data or definitions ({ids})"
        return "it is not in the archive"
    if repr((frozen.optimum, frozen.baseline)) != repr((problem.optimum.cost, problem.baseline)):
        return "gaps are measured from different reference optima"
    return ""


def _places(study: Study, archive: Archive, shared: Sequence[ProblemRecord]) -> list[Place]:
    """At the tightest target of both that anybody keeps within the archive's budget."""
    targets = [t for t in by_tightness(archive.targets) if t in study.plan.targets]
    efforts = {target: matrix(study, TUNED, target=target).effort for target in targets}
    found = []
    for method in study.methods.methods:
        for problem in shared:
            known = {
                target: (
                    _within(efforts[target][method][problem.id], archive),
                    archive.effort(target, problem.id),
                )
                for target in targets
                if problem.id in efforts[target].get(method, {})
            }
            reached = [t for t, (own, others) in known.items() if math.isfinite(min([own, *others.values()]))]
            chosen = (reached or list(known)[-1:])[:1]
            found += [_place(method, problem, target, *known[target]) for target in chosen]
    return found


def _within(effort: float, archive: Archive) -> float:
    """Whatever needs more than the archive's methods were given has not got there."""
    return effort if effort <= archive.budget else math.inf


def _place(method: str, problem: ProblemRecord, target: str, own: float, others: dict[str, float]) -> Place:
    tied = sum(_as_many(own, other) for other in others.values())
    worse = sum(other > own and not _as_many(own, other) for other in others.values())
    return Place(method, problem.id, problem.label, target, own, worse, tied, len(others))


def _as_many(one: float, other: float) -> bool:
    return one == other or max(one, other) < (1.0 + TIED) * min(one, other)


# --- words and table


def _in_short(places: Sequence[Place], archive: Archive) -> list[Observation]:
    """One sentence for each method: its median percentile, and where it is the best."""
    said = []
    for method in dict.fromkeys(place.method for place in places):
        own = [place for place in places if place.method == method and place.among]
        first = sum(place.worse + place.tied == place.among and math.isfinite(place.effort) for place in own)
        middle = median(place.percentile for place in own)
        missed = sum(math.isinf(place.effort) for place in own)
        misses = f"; it misses the target on {count(missed)}" if missed else ""
        text = (
            f"{method}: percentile {figure(middle, 3)} among {count(max(p.among for p in own))} methods of "
            f"{archive.name}, the median of {count(len(own))} problems; none is faster on "
            f"{count(first)}{misses}."
        )
        said.append(Observation("faster" if middle > 50 else "slower" if middle < 50 else "same", method, text))
    return said


def _missing(archive: Archive, shared: Sequence[ProblemRecord]) -> list[Observation]:
    left = len(archive.problems) - len(shared)
    if not left:
        return []
    problems = "1 problem is" if left == 1 else f"{count(left)} problems are"
    return [Observation("unfinished", archive.name, f"Of {archive.name}, {problems} not in this experiment.")]


_COLUMNS = (
    Column("method", "string", "A method of this experiment, tuned for each problem."),
    Column("problem", "string", "What is minimised."),
    Column("target", "string", "The tightest target of both that any method keeps."),
    Column("iterations", "float64", "Iterations until it is kept, within the archive's budget."),
    Column("percentile", "float64", "Share of the archive's methods that need more; as many count half."),
    Column("worse", "Int64", "Methods of the archive that need more.", "need more"),
    Column("tied", "Int64", "Methods of the archive that need as many, under 1 % apart.", "as many"),
    Column("better", "Int64", "Methods of the archive that need fewer.", "need fewer"),
)


def _table(places: Sequence[Place], archive: Archive) -> Table:
    title = f"Against {archive.name}"
    if not places:
        return Table("against", title, absent="They have no target in common, or no effort could be measured.")
    note = (
        f"{archive.name} has {count(len(archive.methods))} methods, each tuned for each problem, with "
        f"{count(archive.budget)} iterations at most, by kernel version {archive.kernel_version} of gdbench "
        f"{archive.gdbench}. What needs more iterations than that counts as not reached."
    )
    return Table("against", title, _COLUMNS, tuple(_row(place, archive) for place in places), note)


def _row(place: Place, archive: Archive) -> Row:
    effort = counted(place.effort) if math.isfinite(place.effort) else censored(f"> {count(archive.budget)}")
    return Row(
        (
            words(place.method),
            words(place.label),
            words(place.target),
            effort,
            Cell(figure(place.percentile, 3), place.percentile, "number"),
            counted(place.worse),
            counted(place.tied),
            counted(place.among - place.worse - place.tied),
        )
    )
