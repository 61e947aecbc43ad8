"""Several experiments side by side: two days, two machines, two configs; each with the first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import words as spaced
from gdbench.judgement.spread import spread
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.comparison.finding import Finding, incomparable
from gdbench.report.analysis.comparison.matching import Match, matched
from gdbench.report.analysis.comparison.same_bits import same_bits
from gdbench.report.analysis.comparison.seconds_per_iteration import paces
from gdbench.report.analysis.effects import told, typical_ratio
from gdbench.report.tables.comparison_table import paired, versus_table
from gdbench.report.tables.table import Table


@dataclass(frozen=True)
class Comparison:
    """names: of the experiments, the first being what the others are compared with.

    findings: the sentences, in reading order.  tables: for each of the others, setting by setting.
    """

    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]


def compare(names: Sequence[str], studies: Sequence[Study], stores: Sequence[Store] = ()) -> Comparison:
    """The first study against each other one. stores: theirs; with them curves are compared bit by bit too."""
    findings: list[Finding] = []
    tables: list[Table] = []
    for name, study in zip(names, studies, strict=True):
        if not study.complete:
            findings.append(_unfinished(name, study))
    for number in range(1, len(studies)):
        couple = (studies[0], studies[number])
        labels = (names[0], names[number])
        pair_of_stores = (stores[0], stores[number]) if stores else None
        found, table = _pair(labels, couple)
        findings += [*found, *same_bits(labels, couple, pair_of_stores), *paces(labels, couple)]
        tables.append(replace(table, id=f"versus-{number}"))
    return Comparison(tuple(names), tuple(findings), tuple(tables))


def _unfinished(name: str, study: Study) -> Finding:
    missing = len(study.plan.runs) - len(study.runs)
    runs = "1 run is" if missing == 1 else f"{count(missing)} runs are"
    text = f"{name} is not finished: {runs} missing of {count(len(study.plan.runs))}."
    return Finding("unfinished", name, text)


def _pair(names: tuple[str, str], studies: tuple[Study, Study]) -> tuple[list[Finding], Table]:
    """What is to be said of two experiments, problem by problem, and their settings side by side."""
    findings: list[Finding] = []
    rows: list[tuple[ProblemRecord, str, Match]] = []
    for problem in studies[0].problems.values():
        found, target, match = _problem(names, studies, problem)
        findings.append(found)
        if target and match:
            rows.append((problem, target, match))
    strangers = [p for p in studies[1].problems.values() if not _namesake(studies[0], p)]
    findings += [incomparable(p.label, f"it is in {names[1]} only") for p in strangers]
    title = f"{names[1]} against {names[0]}"
    if not rows:
        return findings, Table("versus", title, absent=_nothing(findings))
    return findings, versus_table(title, names, studies, rows)


def _nothing(findings: Sequence[Finding]) -> str:
    return " ".join(f.text for f in findings if f.kind == "not comparable") or "No run has finished yet."


def _namesake(study: Study, problem: ProblemRecord) -> ProblemRecord | None:
    """The same problem in another experiment, or one of the same name."""
    return study.problems.get(problem.id) or next(
        (other for other in study.problems.values() if other.label == problem.label), None
    )


def _problem(
    names: tuple[str, str], studies: tuple[Study, Study], problem: ProblemRecord
) -> tuple[Finding, str | None, Match | None]:
    other = _namesake(studies[1], problem)
    reason = _different(names, problem, other)
    shared = [t for t in by_tightness(studies[0].plan.targets) if t in studies[1].plan.targets]
    if reason is None and not shared:
        sides = (_listed(study.plan.targets) for study in studies)
        told = "; ".join(f"{name}: {targets}" for name, targets in zip(names, sides, strict=True))
        reason = f"different targets ({told})"
    if reason is not None:
        return incomparable(problem.label, reason), None, None
    match = matched(*studies, problem.id)
    if not match.pairs:
        return incomparable(problem.label, "no setting is in both"), None, None
    target = _target(shared, match)
    if target is None:
        return incomparable(problem.label, _unmeasured(problem, shared)), None, match
    return _verdict(names, problem, target, match), target, match


def _different(names: tuple[str, str], problem: ProblemRecord, other: ProblemRecord | None) -> str | None:
    """Why two problems are not the same one; None where they are."""
    if other is None:
        return f"it is in {names[0]} only"
    if other.id != problem.id:
        digests = [str(p.data.get("digest", "")) for p in (problem, other)]
        what = "different data" if digests[0] != digests[1] else "different definitions"
        return f"different problems of one name: {what} (ids {problem.id[:8]} and {other.id[:8]})"
    if repr((problem.optimum.cost, problem.baseline)) != repr((other.optimum.cost, other.baseline)):
        costs = " and ".join(figure(p.optimum.cost, 12) for p in (problem, other))
        return f"gaps are measured from different reference optima ({costs})"
    return None


def _target(shared: Sequence[str], match: Match) -> str | None:
    """The tightest shared target that a run of either reached."""
    settings = [setting for couple in match.pairs for setting in couple]
    return next((t for t in shared if any((reach := s.reach(t)) and reach.reached for s in settings)), None)


def _unmeasured(problem: ProblemRecord, shared: Sequence[str]) -> str:
    if problem.relative_gap(problem.optimum.cost) is None:
        return f"no optimum is known ({problem.optimum.kind}), so nothing says when a run has arrived"
    return f"no run of either reached {listing(list(shared))}"


def _verdict(names: tuple[str, str], problem: ProblemRecord, target: str, match: Match) -> Finding:
    """'p: B needs 1.31× fewer iterations to 1e-06 than A (…)', with the counts behind it."""
    ratios = [paired(other, one, target) for one, other in match.pairs]
    known = [ratio for ratio in ratios if ratio is not None]
    middle, around = typical_ratio(known), spread(known)
    assert around is not None  # a target that somebody reached has a ratio
    fewer, more = sum(r < 1 for r in known), sum(r > 1 for r in known)
    same = len(known) - fewer - more
    pairs = "1 setting in both" if len(ratios) == 1 else f"{count(len(ratios))} settings in both"
    counts = f"{pairs}: {count(fewer)} fewer, {count(more)} more, {count(same)} the same"
    left = len(ratios) - len(known)
    counts += f", {count(left)} never reached" if left else ""
    reason = f"{counts}{_differing(names, match)}"
    if fewer == more == 0:
        return Finding(
            "same", problem.label, f"{problem.label}: no difference in iterations to {target} ({reason})."
        )
    if middle is None or middle == 1.0 or (fewer and more and around.low <= 1 <= around.high):
        text = f"{problem.label}: no clear difference in iterations to {target} ({reason})."
        return Finding("same", problem.label, text)
    kind = "faster" if middle < 1 else "slower"
    return Finding(kind, problem.label, f"{problem.label}: {_told(names, middle, known, target)} ({reason}).")


def _told(names: tuple[str, str], ratio: float, ratios: Sequence[float], target: str) -> str:
    """The typical ratio in words; where it is 0 or ∞, who alone gets there."""
    if ratio in {0.0, math.inf}:
        most = "" if set(ratios) == {ratio} else "in most settings "
        return f"{most}only {names[0 if ratio else 1]} reaches {target}"
    return f"{names[1]} needs {told(ratio)} to {target} than {names[0]}"


def _differing(names: tuple[str, str], match: Match) -> str:
    parts = [
        f"{spaced(axis)}: {listing(list(here))} in {names[0]}, {listing(list(there))} in {names[1]}"
        for axis, (here, there) in match.differing.items()
    ]
    return f"; {'; '.join(parts)}" if parts else ""


def _listed(targets: Sequence[str]) -> str:
    return listing(list(targets)) if targets else "none"
