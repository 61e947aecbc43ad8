"""A race: of many settings only the best are run to their end, the others are paused on the way.

What goes on follows from the records alone, each as it was at the iteration where settings are compared: so
the same settings go on with any number of workers, in whatever order runs end, and again after a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gdbench.config.race import Race
from gdbench.descent.recording.result import OUTCOMES
from gdbench.descent.stopping.limits import most_iterations
from gdbench.judgement.methods.roles import Roles
from gdbench.judgement.racing.merit import merit_at
from gdbench.judgement.racing.proof import incumbent_of, is_slower, may_be_foreseen
from gdbench.planning.plan import Run
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: A setting in a race: its runs go on together or not at all.
Candidate = tuple[Run, ...]


class Bracket(NamedTuple):
    """The settings of one method on one problem, of which the best go on.

    most: the iterations after which their runs end at the latest.
    """

    problem: ProblemRecord
    candidates: tuple[Candidate, ...]
    most: int


class Wish(NamedTuple):
    """A run that is needed up to iteration `until`; to its end where that is None."""

    run: Run
    until: int | None


class Ended(NamedTuple):
    """How far a recorded run has come."""

    outcome: str
    iterations: int

    def covers(self, until: int | None) -> bool:
        return not OUTCOMES[self.outcome].unfinished or (until is not None and self.iterations >= until)


class Known(NamedTuple):
    """What is on record. ended: by key.  records: key by key, with curves."""

    ended: Mapping[str, Ended]
    records: Callable[[Sequence[str]], Sequence[RunRecord]]

    def lacking(self, runs: Sequence[Run], until: int | None) -> list[Wish]:
        ended = self.ended
        return [Wish(r, until) for r in runs if r.key not in ended or not ended[r.key].covers(until)]

    def of(self, candidate: Candidate) -> Sequence[RunRecord]:
        return self.records([run.key for run in candidate])


def brackets(
    runs: Sequence[Run], roles: Roles, problems: Mapping[str, ProblemRecord]
) -> tuple[list[Bracket], list[Run]]:
    """The brackets that these runs make, in their order; and the runs that no limit ends, which do not race.

    Settings are what is tuned, within each method; where nothing is tuned, the methods themselves.
    """
    tuned = bool(roles.tuned_names)
    found: dict[tuple[str, str, int], dict[str, list[Run]]] = {}
    free = []
    for run in runs:
        most = most_iterations(run.spec["convergence"])
        if most is None:
            free.append(run)
            continue
        method, setting = (roles.method(run), roles.tuning(run)) if tuned else ("", roles.method(run))
        found.setdefault((run.problem, method, most), {}).setdefault(setting, []).append(run)
    made = [
        Bracket(problems[problem], tuple(map(tuple, settings.values())), most)
        for (problem, _, most), settings in found.items()
    ]
    return made, free


def wishes(bracket: Bracket, known: Known, race: Race, rank_by: str) -> list[Wish]:
    """What is needed next; nothing once the race is over."""
    alive, needed = list(bracket.candidates), list[Wish]()
    if len(alive) > 1 and rank_by == "targets":
        alive, needed = _foreseen(bracket, known)
    for k in race.iterations(bracket.most):
        if len(alive) == 1:
            break
        needed += _lacking(alive, known, k)
        if needed:
            return needed
        merits = [merit_at(known.of(candidate), bracket.problem, k, rank_by) for candidate in alive]
        order = sorted(range(len(alive)), key=merits.__getitem__)
        alive = [alive[place] for place in sorted(order[: race.kept(len(alive))])]
    return needed + _lacking(alive, known, None)


def _lacking(candidates: Sequence[Candidate], known: Known, until: int | None) -> list[Wish]:
    return [wish for candidate in candidates for wish in known.lacking(candidate, until)]


def _foreseen(bracket: Bracket, known: Known) -> tuple[list[Candidate], list[Wish]]:
    """The candidates that nothing proves slower than the one foreseen to be the fastest, and what that needs.

    A candidate that can be foreseen is first paused where it begins, and the fastest of them run to its end.
    """
    candidates, problem = bracket.candidates, bracket.problem
    able = [place for place, candidate in enumerate(candidates) if _is_foreseeable(candidate, problem)]
    others = [candidate for place, candidate in enumerate(candidates) if place not in able]
    if len(able) < 2:
        return list(candidates), []
    needed = _lacking([candidates[place] for place in able], known, 0)
    best = None if needed else incumbent_of(_records(able, bracket, known), problem, bracket.most)
    if best is not None:
        needed = known.lacking(candidates[best], None)
    if needed:
        return others, needed
    slower = set() if best is None else _slower(able, best, bracket, known)
    return [candidate for place, candidate in enumerate(candidates) if place not in slower], []


def _records(places: Sequence[int], bracket: Bracket, known: Known) -> dict[int, Sequence[RunRecord]]:
    return {place: known.of(bracket.candidates[place]) for place in places}


def _slower(able: Sequence[int], best: int, bracket: Bracket, known: Known) -> set[int]:
    """The places of those that are proved slower than the best, which is done."""
    records = _records(able, bracket, known)
    fastest = records.pop(best)
    return {p for p, runs in records.items() if is_slower(runs, fastest, bracket.problem, bracket.most)}


def _is_foreseeable(candidate: Candidate, problem: ProblemRecord) -> bool:
    return all(may_be_foreseen(run.spec, problem) for run in candidate)
