"""What a next experiment could try on a problem: remedies of its best setting's causes, then what is faster.

Each is told as changes of that setting, and is tried beside it. A gain is told only where it is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, Context
from typing import Any, NamedTuple

from gdbench.descent.diagnosis import PROVED, Case, Cause, Gain, Remedy, diagnose
from gdbench.descent.diagnosis.cause import FIRST
from gdbench.descent.diagnosis.conditioning import momentum
from gdbench.descent.recording.result import UNDONE
from gdbench.descent.stopping.limits import most_iterations
from gdbench.descent.theory.updates import undisturbed, unmodified
from gdbench.judgement.diagnoses import case_of
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study, median_run
from gdbench.judgement.trials import Findings, judged
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: Entries of a config, as `Remedy.changes` has them.
Changes = Mapping[str, Any]

#: A gain that is worth an experiment: half the iterations, and at least so many.
WORTH, SAVED = 2.0, 10
#: A run that a limit ended goes on for so many times its iterations.
LONGER = 10
#: So many iterations may always be asked for.
LEAST_ITERATIONS = 10_000
#: Shares of a rate that are tried where none is known to be right: downwards, and upwards.
DOWN, UP = (0.3, 0.1, 0.01), (3.0, 10.0)
#: Runs from random starts, at least, and where there may be many minima.
REPEATS, ELSEWHERE = 3, 10
_PENALTIES = (0.001, 0.01, 0.1)
_STARTS: Sequence[Changes] = tuple({"initialization": {name: {}}} for name in ("xavier_uniform", "he_normal"))


class Suggestion(NamedTuple):
    """code: of a remedy.  ways: what to change, each way a setting of its own.

    setting: what is changed; run: its median one.  gain: in iterations to `target`, where it is known.
    beside: whether the setting itself is run again, to compare.  repeats: at least so many from a random start.
    """

    code: str
    setting: Setting
    run: RunRecord
    target: str
    ways: tuple[Changes, ...]
    gain: Gain | None = None
    beside: bool = True
    repeats: int = 1

    @property
    def ratio(self) -> float:
        """How many times fewer iterations; 1 where that is not known."""
        return self.gain.ratio if self.gain else 1.0

    def affordable(self, runs: Sequence[RunRecord]) -> bool:
        """Whether what is expected is not far beyond what was run."""
        longest = max((run.result.iterations for run in runs), default=0)
        needed = self.gain.with_remedy if self.gain else None
        return needed is None or needed <= max(LONGER * longest, LEAST_ITERATIONS)

    @property
    def on_other_data(self) -> bool:
        return any(key.startswith("data.") for way in self.ways for key in way)


class Look(NamedTuple):
    """A problem's best setting, its median run, and why that ended as it did.

    settings: all of the problem.  lost: whether no run of any of them ended at a point that can be used.
    """

    settings: Sequence[Setting]
    setting: Setting
    run: RunRecord
    case: Case
    causes: Sequence[Cause]
    lost: bool

    def suggest(self, code: str, *ways: Changes, gain: Gain | None = None, repeats: int = 1) -> Suggestion:
        return Suggestion(code, self.setting, self.run, self.case.target, ways, gain, not self.lost, repeats)


def look(about: Study, store: Store, problem: ProblemRecord, tried: Mapping[str, Findings]) -> Look | None:
    """At the best setting; where all were lost, at that of the smallest rate."""
    settings = about.of_problem(problem)
    best = next((one for one in about.best if one.problem.id == problem.id), None)
    chosen = best or min(settings, key=lambda one: math.inf if one.rate is None else one.rate, default=None)
    if chosen is None:
        return None
    run = next(store.runs([median_run(chosen).key]))
    case = case_of(run, problem)
    causes = judged(diagnose(case), tried.get(run.key, {}))
    return Look(settings, chosen, run, case, causes, best is None)


def suggestions(seen: Look) -> list[Suggestion]:
    """The most telling first; nothing of runs that did not do their work."""
    if seen.run.result.outcome in UNDONE:
        return []
    found = [one for cause in seen.causes if (one := _of_cause(seen, cause))]
    if seen.lost:
        return [*found, *_shorter_steps(seen)]
    arrived = seen.case.arrived or seen.causes[0].code in FIRST
    hops = any(cause.code == "kink" for cause in seen.causes)  # for ever, at a fixed rate
    further = [] if arrived or hops else list(_longer(seen))
    return [*found, *further, *_faster(seen), *_beyond(seen)]


def _of_cause(seen: Look, cause: Cause) -> Suggestion | None:
    remedy = cause.remedy
    if remedy is None or not remedy.changes:
        return None
    known = cause.gain is not None and cause.gain.with_remedy is not None
    seen_in_trial = (cause.evidence.get("tried") or {}).get("met") is not None
    sure = known and cause.gain is not None and (cause.gain.exact or remedy.code == "go_on" or seen_in_trial)
    gain = cause.gain if sure else None
    if remedy.code == "go_on" and gain is None:
        return _on_or_faster(seen, remedy.code, remedy.changes)
    repeats = {"random_start": REPEATS, "another_start": ELSEWHERE}.get(remedy.code, 1)
    code = remedy.code
    if code == "standardize" and not (cause.code == "column_scales" and seen.setting.problem.features > 1):
        code = "standardize_size"  # what is told of is their size, and not that they differ
    return seen.suggest(code, *_ways(seen, remedy, exact=gain is not None), gain=gain, repeats=repeats)


def _ways(seen: Look, remedy: Remedy, *, exact: bool) -> Sequence[Changes]:
    """The remedy itself where theory says what it does; else a few like it."""
    changes = remedy.changes
    if remedy.code == "random_start":
        return _STARTS
    if remedy.code == "add_penalty":
        return [{"penalty": {"l2": {"strength": strength}}} for strength in _PENALTIES]
    rate = changes.get("learning_rate", {}).get("constant", {}).get("rate")
    if rate is None:
        return [changes]
    if exact:
        return [_with_rate(changes, rate, digits=6)]
    if remedy.code == "standardize":
        return [_with_rate(changes, share * rate) for share in (0.5, 1.0, 1.9)]
    changes, now = _with_rate(changes, rate), seen.setting.rate
    between = [_with_rate(changes, math.sqrt(now * rate))] if now and rate > 4.0 * now else []
    return [*between, changes]


def _with_rate(changes: Changes, rate: float, digits: int = 4) -> Changes:
    """With a rate that people can read; rounded down, because a limit may be close above it."""
    readable = Context(prec=digits, rounding=ROUND_DOWN).create_decimal(repr(rate))
    return {**changes, "learning_rate": {"constant": {"rate": float(readable)}}}


# --- where no cause has a remedy


def _shorter_steps(seen: Look) -> Iterator[Suggestion]:
    """Every run was lost: rates below every one that was tried, and below the limit if it is known."""
    rate = min((one.rate for one in seen.settings if one.rate), default=None)
    limit = next((c.evidence["limit"] for c in seen.causes if c.evidence.get("limit")), None)
    most = min((known for known in (rate, limit) if known), default=None)
    hopeless = any(c.code == "not_finite" and c.grade == PROVED for c in seen.causes)  # before any step
    if most is not None and not hopeless:
        yield seen.suggest("shorter_steps", *(_with_rate({}, share * most) for share in (*DOWN[:2], DOWN[2])))


def _longer(seen: Look) -> Iterator[Suggestion]:
    """A limit ended it, and nobody knows how far there is to go."""
    limit = most_iterations(seen.run.spec["convergence"])
    needed = seen.case.needed
    far = needed is None or needed > LONGER * (limit or 0)
    if seen.case.limited and limit is not None and seen.run.result.iterations >= limit and not far:
        rule = {"any": [{"target": {"gap": float(seen.case.target)}}, _limit(LONGER * limit)]}
        measurable = seen.setting.problem.yardstick is not None
        longer = {"convergence": rule if measurable else _limit(LONGER * limit)}
        yield _on_or_faster(seen, "longer", longer)


def _on_or_faster(seen: Look, code: str, longer: Changes) -> Suggestion:
    """To go on; at the edge of the rates that were tried, a larger one may save the iterations."""
    larger = [way for one in _beyond(seen) if one.code == "larger_rates" for way in one.ways]
    return seen.suggest(f"{code}_or_larger_rates" if larger else code, longer, *larger)


def _limit(most: float) -> Changes:
    return {"max_iterations": {"limit": int(most)}}


def _faster(seen: Look) -> Iterator[Suggestion]:
    """On a quadratic the spectrum tells what the best rate and momentum would take."""
    case, spec = seen.case, seen.run.spec
    now = case.result.iterations_to.get(case.target)
    if now is None or not case.arrived or case.batch is not None or not unmodified(spec):
        return
    if not undisturbed({**spec, "optimizer": {"gradient_descent": {"weight_decay": 0.0}}}):
        return
    found: list[tuple[str, Changes, Gain]] = []
    heavy, fastest = momentum(case), case.fastest
    if heavy is not None and heavy.with_remedy is not None and heavy.exact:
        both = {"optimizer": {"heavy_ball": {"theoretical": True}}, "learning_rate": {"theoretical": {}}}
        found.append(("momentum", both, Gain(float(now), heavy.with_remedy, exact=True)))
    if fastest is not None:
        rate = _with_rate({"optimizer": {"gradient_descent": {}}}, fastest.rate, digits=6)
        found.append(("take_rate", rate, Gain(float(now), float(fastest.iterations), exact=True)))
    for code, ways, gain in sorted(found, key=lambda one: -one[2].ratio):
        if gain.ratio >= WORTH and now - (gain.with_remedy or 0.0) >= SAVED:
            yield seen.suggest(code, ways, gain=gain)


def _beyond(seen: Look) -> Iterator[Suggestion]:
    """The best rate stands at the edge of those that were tried: look beyond it."""
    rate = seen.setting.rate
    if rate is None or seen.case.card.quadratic or _soon_there(seen.case):
        return
    others = {axis: label for axis, label in seen.setting.axes.items() if axis != "learning_rate"}
    rates = [one.rate for one in seen.settings if one.rate and others.items() <= one.axes.items()]
    if rate == max(rates):
        yield seen.suggest("larger_rates", *(_with_rate({}, share * rate) for share in UP))
    elif rate == min(rates) and not (seen.case.arrived or seen.case.result.outcome == "converged"):
        # to where it is at rest smaller steps only take longer
        yield seen.suggest("smaller_rates", *(_with_rate({}, share * rate) for share in DOWN[:2]))


def _soon_there(case: Case) -> bool:
    """Whether it arrived in so few iterations that there is next to nothing to save."""
    return case.arrived and case.needed is not None and case.needed < WORTH * SAVED
