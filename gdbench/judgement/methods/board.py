"""Methods × candidates × problems with their runs, parted into those that tune and those that are reported."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from gdbench.judgement.methods.effort import Effort, effort_of
from gdbench.judgement.methods.roles import Roles, roles, searches
from gdbench.judgement.numerals import count
from gdbench.judgement.settings import by_choices
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

if TYPE_CHECKING:
    from gdbench.judgement.study import Study

T = TypeVar("T")

FOLDS, STARTS = "folds", "starts"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A method with one choice of what it tunes.

    tuning: 'η = 0.1', "" where nothing is tuned.  default: whether it is what the method's authors would take.
    runs: problem's family → all its runs there, whatever their start and fold.
    """

    method: str
    tuning: str
    default: bool
    runs: Mapping[str, Sequence[RunRecord]]

    @property
    def name(self) -> str:
        """'adam, η = 0.1'."""
        return f"{self.method}, {self.tuning}" if self.tuning else self.method


class Parting(NamedTuple):
    """How the runs on a problem are parted: by folds or starts, or not at all ("") where there is only one.

    tuning, reported: ids of folds, or numbers of replicates.
    """

    by: str
    tuning: frozenset[object] = frozenset()
    reported: frozenset[object] = frozenset()

    def of(self, run: RunRecord) -> object:
        return run.problem if self.by == FOLDS else run.spec.get("replicate", 0)

    def tunes(self, run: RunRecord) -> bool:
        return not self.by or self.of(run) in self.tuning

    def reports(self, run: RunRecord) -> bool:
        return not self.by or self.of(run) in self.reported


@dataclass(frozen=True, eq=False)
class Board:
    """What a study has of its methods.

    problems: family → the problem, its folds as one.  each: id → problem, fold by fold.
    candidates: method → its candidates in the plan's order.
    searched: whether rates were searched for, so that there is no grid that all share.
    """

    roles: Roles
    problems: Mapping[str, ProblemRecord]
    each: Mapping[str, ProblemRecord]
    candidates: Mapping[str, Sequence[Candidate]]
    partings: Mapping[str, Parting]
    searched: bool = False
    _known: dict[Hashable, object] = field(default_factory=dict, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made when it is first asked for: terminal, tables and charts ask for the same."""
        if key not in self._known:
            self._known[key] = make()
        return cast("T", self._known[key])

    @property
    def methods(self) -> list[str]:
        return list(self.candidates)

    @property
    def tunes(self) -> bool:
        """Whether a method has more than one candidate."""
        return any(len(some) > 1 for some in self.candidates.values())

    @property
    def has_grid(self) -> bool:
        """Whether methods choose among settings that are the same for all problems."""
        return self.tunes and not self.searched

    def tuning(self, candidate: Candidate, family: str) -> list[RunRecord]:
        """The runs that it is chosen by."""
        return [run for run in candidate.runs.get(family, ()) if self.partings[family].tunes(run)]

    def reported(self, candidate: Candidate, family: str) -> list[RunRecord]:
        """The runs that it is shown by, none of which chose it where there are enough."""
        return [run for run in candidate.runs.get(family, ()) if self.partings[family].reports(run)]

    def effort(
        self, candidate: Candidate | None, family: str, target: str, unit: str = "iterations"
    ) -> Effort | None:
        """What it cost the reported runs; None where that is not known."""
        runs = self.reported(candidate, family) if candidate else []
        return effort_of(runs, self.each, target, unit)

    def by_start(self, candidate: Candidate | None, family: str, target: str) -> Mapping[str, float]:
        """Instance → iterations of the reported run, ∞ where it misses: what pairs of methods share."""
        runs = self.reported(candidate, family) if candidate else []
        known = effort_of(runs, self.each, target)
        return dict(zip(map(self.roles.instance, runs), known.times, strict=True)) if known else {}

    @cached_property
    def parting_text(self) -> str:
        """By what methods are tuned and by what reported, in a sentence; "" where nothing is tuned."""
        if not self.tunes:
            return ""
        ways = {(p.by, len(p.tuning), len(p.reported)) for p in self.partings.values()}
        apart = [way for way in ways if way[0]]
        if not apart:
            return "Tuned and reported on the same runs: there is one start of each problem."
        if len(ways) > 1:
            alike = sum(not p.by for p in self.partings.values())
            some = f"; on {count(alike)} of {count(len(self.partings))} problems on the same" if alike else ""
            return f"Tuned on other starts or folds than are reported{some}."
        [(by, tuning, reported)] = apart
        of = f"{count(tuning)} of {count(tuning + reported)} {by}"
        return f"Tuned on {of}, reported on the other {count(reported)}."


def board_of(study: Study) -> Board:
    """Every finished run of a study in its place."""
    known = roles(study.plan)
    families = {problem.id: problem.family for problem in study.problems.values()}
    wholes = {problem.family: problem.whole for problem in study.problems.values()}
    runs: dict[tuple[str, str], dict[str, list[RunRecord]]] = {}
    here: dict[str, list[RunRecord]] = {family: [] for family in wholes}

    def members(run: RunRecord) -> list[RunRecord]:
        place = runs.setdefault((known.method(run), known.tuning(run)), {})
        return place.setdefault(families[run.problem], [])

    of_candidate = by_choices(known.naming, members)
    for run in study.runs:
        of_candidate(run).append(run)
        here[families[run.problem]].append(run)
    candidates: dict[str, list[Candidate]] = {}
    for (method, tuning), of in runs.items():
        first = next(iter(of.values()))[0]
        candidates.setdefault(method, []).append(Candidate(method, tuning, known.is_default(first), of))
    several, searched = any(len(some) > 1 for some in candidates.values()), searches(study.plan)
    # starts share the rates that a search tries; each fold is searched by itself, and tries what no other does
    ways = () if not several else (STARTS,) if searched else (FOLDS, STARTS)
    partings = {family: _parting(some, ways) for family, some in here.items()}
    return Board(known, wholes, study.problems, candidates, partings, searched)


def _parting(here: Sequence[RunRecord], ways: Sequence[str]) -> Parting:
    """The first half of the folds tunes, rounded down, or of the starts; one alone is not parted."""
    for by in ways:
        way = Parting(by)
        found = list(dict.fromkeys(way.of(run) for run in here))
        ordered = found if by == FOLDS else sorted(found, key=lambda number: int(str(number)))
        half = len(ordered) // 2
        if half:
            return Parting(by, frozenset(ordered[:half]), frozenset(ordered[half:]))
    return Parting("")
