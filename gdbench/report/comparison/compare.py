"""Several experiments side by side: two days, two machines, two configs; each with the first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gdbench.judgement.methods.effort import tightest_met
from gdbench.judgement.methods.ratios import ratio_in_words, typical_ratio
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import measurable, spread
from gdbench.judgement.settings import words as spaced
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.comparison.observation import Comparison, Kind, Observation, incomparable
from gdbench.report.comparison.same_runs import same_bits, seconds_per_iteration
from gdbench.report.comparison.versus_table import Match, matched, paired, versus_table
from gdbench.report.tables.table import NOTHING_YET, Table


def compare(names: Sequence[str], studies: Sequence[Study], stores: Sequence[Store] = ()) -> Comparison:
    """The first study against each other one. stores: theirs; with them curves are compared bit by bit too."""
    about = zip(names, studies, strict=True)
    observed = [_unfinished(name, study) for name, study in about if not study.complete]
    tables: list[Table] = []
    for number in range(1, len(studies)):
        both, labels = (studies[0], studies[number]), (names[0], names[number])
        observations, table = _pair(labels, both)
        observed += observations
        observed += same_bits(labels, both, (stores[0], stores[number]) if stores else None)
        observed += seconds_per_iteration(labels, both)
        tables.append(replace(table, id=f"versus-{number}"))
    return Comparison(tuple(names), tuple(observed), tuple(tables))


def _unfinished(name: str, study: Study) -> Observation:
    missing = len(study.plan.runs) - len(study.runs)
    runs = "1 run is" if missing == 1 else f"{count(missing)} runs are"
    text = f"{name} is not finished: {runs} missing of {count(len(study.plan.runs))}."
    return Observation("unfinished", name, text)


def _pair(names: tuple[str, str], studies: tuple[Study, Study]) -> tuple[list[Observation], Table]:
    """What is to be said of two experiments, problem by problem, and their settings side by side."""
    observed: list[Observation] = []
    rows: list[tuple[ProblemRecord, str, Match]] = []
    for problem in studies[0].problems.values():
        observation, target, match = _problem(names, studies, problem)
        observed.append(observation)
        if target and match:
            rows.append((problem, target, match))
    strangers = [p for p in studies[1].problems.values() if not _namesake(studies[0], p)]
    observed += [incomparable(p.label, f"it is in {names[1]} only") for p in strangers]
    title = f"{names[1]} against {names[0]}"
    if rows:
        return observed, versus_table(title, names, studies, rows)
    reasons = [observation.text for observation in observed if observation.kind == "not comparable"]
    return observed, Table("versus", title, absent=" ".join(reasons) or NOTHING_YET)


def _namesake(study: Study, problem: ProblemRecord) -> ProblemRecord | None:
    """The same problem in another experiment, or one of the same name."""
    return study.problems.get(problem.id) or next(
        (other for other in study.problems.values() if other.label == problem.label), None
    )


def _problem(
    names: tuple[str, str], studies: tuple[Study, Study], problem: ProblemRecord
) -> tuple[Observation, str | None, Match | None]:
    """What is to be said of one problem; the target and the settings to compare at it, where there are any."""
    shared = [t for t in by_tightness(studies[0].plan.targets) if t in studies[1].plan.targets]
    reason = _different(names, problem, _namesake(studies[1], problem))
    if reason is None and not shared:
        sides = (listing(list(study.plan.targets)) if study.plan.targets else "none" for study in studies)
        targets = "; ".join(f"{name}: {side}" for name, side in zip(names, sides, strict=True))
        reason = f"different targets ({targets})"
    if reason is not None:
        return incomparable(problem.label, reason), None, None
    match = matched(*studies, problem.id)
    if not match.pairs:
        return incomparable(problem.label, "no setting is in both"), None, None
    target = tightest_met(shared, [setting for two in match.pairs for setting in two])
    if target is None:
        return incomparable(problem.label, _unmeasured(problem, shared)), None, match
    return _difference(names, problem, target, match), target, match


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


def _unmeasured(problem: ProblemRecord, shared: Sequence[str]) -> str:
    if not measurable(problem):
        return f"no optimum is known ({problem.optimum.kind}), so nothing says when a run has arrived"
    return f"no run of either reached {listing(list(shared))}"


def _difference(names: tuple[str, str], problem: ProblemRecord, target: str, match: Match) -> Observation:
    """'p: B needs 1.31× fewer iterations to 1e-06 than A (…)', with the counts behind it."""
    all_ratios = [paired(other, one, target) for one, other in match.pairs]
    ratios = [ratio for ratio in all_ratios if ratio is not None]
    kind, middle = _direction(ratios)
    reason = f"{_counts(ratios, len(all_ratios))}{_differing(names, match)}"
    if middle is None:
        difference = "no difference" if set(ratios) == {1.0} else "no clear difference"
        sentence = f"{difference} in iterations to {target}"
    else:
        sentence = _who_is_faster(names, middle, ratios, target)
    return Observation(kind, problem.label, f"{problem.label}: {sentence} ({reason}).")


def _direction(ratios: Sequence[float]) -> tuple[Kind, float | None]:
    """Which experiment is faster, with the typical ratio; "same" and None where none clearly is."""
    middle, around = typical_ratio(ratios), spread(ratios)
    assert around is not None  # a target that somebody reached has a ratio
    if middle is None or middle == 1.0:
        return "same", None
    on_both_sides = min(ratios) < 1 < max(ratios) and around.low <= 1 <= around.high
    if on_both_sides:
        return "same", None
    return ("faster" if middle < 1 else "slower"), middle


def _counts(ratios: Sequence[float], pairs: int) -> str:
    fewer, more = sum(r < 1 for r in ratios), sum(r > 1 for r in ratios)
    same, left = len(ratios) - fewer - more, pairs - len(ratios)
    both = "1 setting in both" if pairs == 1 else f"{count(pairs)} settings in both"
    never = f", {count(left)} never reached" if left else ""
    return f"{both}: {count(fewer)} fewer, {count(more)} more, {count(same)} the same{never}"


def _who_is_faster(names: tuple[str, str], ratio: float, ratios: Sequence[float], target: str) -> str:
    """The typical ratio in words; where it is 0 or ∞, who alone gets there."""
    if ratio in {0.0, math.inf}:
        most = "" if set(ratios) == {ratio} else "in most settings "
        return f"{most}only {names[0 if ratio else 1]} reaches {target}"
    return f"{names[1]} needs {ratio_in_words(ratio)} to {target} than {names[0]}"


def _differing(names: tuple[str, str], match: Match) -> str:
    parts = [
        f"{spaced(axis)}: {listing(list(here))} in {names[0]}, {listing(list(there))} in {names[1]}"
        for axis, (here, there) in match.differing.items()
    ]
    return f"; {'; '.join(parts)}" if parts else ""
