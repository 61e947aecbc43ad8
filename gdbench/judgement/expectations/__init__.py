"""What others have published beside what was measured: whether a run agrees, to the digits printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from gdbench.config.expectations import Claim, Expectation
from gdbench.config.experiment import Experiment
from gdbench.descent.errors import nearest
from gdbench.descent.recording.result import RunResult
from gdbench.judgement.diagnoses import diagnosis_of
from gdbench.judgement.expectations.replay import replayed
from gdbench.judgement.model import learned
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.numerals import MISSING
from gdbench.judgement.study import Study
from gdbench.planning.matching import matches
from gdbench.record.records import RunRecord
from gdbench.record.store import Store

#: What can be said of a published number.
VERDICTS = ("agrees", "disagrees", "not run", "unknown")


class Check(NamedTuple):
    """A published number beside the one that was measured.

    setting: the run's label in its plan, or what was asked for.  quantity: "cost" …, or a parameter's name.
    at: the iteration, None for the last or the whole run.  published: as it is written.  measured: a number or
    a word; None where there is none, and `reason` says why.  verdict: of `VERDICTS`.  place: file:line.
    """

    setting: str
    quantity: str
    at: int | None
    published: str
    measured: float | str | None
    verdict: str
    source: str
    place: str
    run: str = ""
    reason: str = ""

    @property
    def wrong(self) -> bool:
        """Whether it speaks against the run: nobody can blame one that has not been done."""
        return self.verdict in ("disagrees", "unknown")

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""
        return self._asdict()


def checks(about: Study, store: Store) -> list[Check]:
    """Every number that the config expects, a row for each run that it is expected of, in the config's order.

    Every voice asks, so the last answer is remembered for as long as nothing is recorded.
    """
    plan = about.plan
    if "expect" not in f"{plan.config_text}{plan.overrides}":
        return []
    known = (str(store.path.resolve()), plan.id, plan.config_text, store.last_finished(), len(about.runs))
    if known not in _last:
        _last.clear()
        data = PlanData(plan)
        asked = data.experiment
        _last[known] = list(_checked(asked, about, store, data)) if asked else []
    return _last[known]


_last: dict[object, list[Check]] = {}


def tally(found: Sequence[Check]) -> str:
    """'3 of 4 published numbers agree, 1 is not run yet'; "" where none is expected."""
    if not found:
        return ""
    counts = Counter(check.verdict for check in found)
    waiting = f", {counts['not run']} not run yet" if counts["not run"] else ""
    return f"{counts['agrees']} of {len(found)} published numbers agree{waiting}"


def _checked(experiment: Experiment, about: Study, store: Store, data: PlanData) -> Iterator[Check]:
    labels = {run.key: run.label for run in about.plan.runs}
    for expected in experiment.expect:
        keys = [run.key for run in about.runs if matches(run, expected.where)]
        if not keys:
            setting = ", ".join(f"{axis}={' or '.join(values)}" for axis, values in expected.where.items())
            for claim in expected.claims:
                yield _check(experiment, expected, claim, setting or MISSING, None, "not run")
        for run in store.runs(keys):
            looked = _Looked(run, about, expected, data)
            for claim in expected.claims:
                found = looked.at(claim)
                row = _check(experiment, expected, claim, labels[run.key], found.value, found.verdict(claim))
                yield row._replace(run=run.key, reason=found.reason)


def _check(
    experiment: Experiment,
    expected: Expectation,
    claim: Claim,
    setting: str,
    measured: float | str | None,
    verdict: str,
) -> Check:
    mistake = experiment.places.mistake(claim.path, "")
    place = f"{mistake.path}:{mistake.line}"
    quantity, published = claim.name or claim.quantity, claim.written
    return Check(setting, quantity, expected.at, published, measured, verdict, expected.source, place)


class _Found(NamedTuple):
    """value: what was measured.  reason: why there is nothing.  known: that it could not be otherwise.

    words: all that a word may be.
    """

    value: float | str | None = None
    reason: str = ""
    known: bool = True
    words: tuple[str, ...] = ()

    def verdict(self, claim: Claim) -> str:
        if self.value is None:
            return "disagrees" if self.known else "unknown"
        if claim.span is None:
            return "agrees" if claim.written in self.words else "disagrees"
        return "agrees" if isinstance(self.value, float | int) and claim.span.holds(self.value) else "disagrees"


class _Looked:
    """A run, looked at where something is expected of it."""

    def __init__(self, run: RunRecord, about: Study, expected: Expectation, data: PlanData) -> None:
        self._run, self._expected, self._about, self._data = run, expected, about, data
        self._problem = about.problems[run.problem]
        self._there: RunResult | None = None

    def at(self, claim: Claim) -> _Found:
        """What a claim is about, as it was measured."""
        run, at = self._run, self._expected.at
        if claim.quantity == "iterations":
            return _Found(run.result.iterations)
        if claim.quantity == "outcome":
            judged = next(one for one in self._about.runs if one.key == run.key).result.outcome
            return _Found(judged, words=(judged,))
        if claim.quantity == "cause":
            return self._cause()
        if at is not None and at > run.result.iterations:
            return _Found(reason=f"it ended at iteration {run.result.iterations}")
        kept = None if claim.name or at is None else self._kept(claim.quantity, at)
        return self._standing(claim) if kept is None else _Found(kept)

    def _kept(self, quantity: str, at: int) -> float | None:
        """The value where the curve has a point."""
        curve = self._run.result.curve
        values = curve.series.get(quantity, [])
        return values[curve.iteration.index(at)] if values and at in curve.iteration else None

    def _standing(self, claim: Claim) -> _Found:
        """What only the run itself knows at an iteration: as it ended, or once more up to there."""
        result, at = self._run.result, self._expected.at
        ends = at is None or (at == result.iterations and result.outcome != "diverged")
        if not ends and self._there is None:
            self._there = replayed(self._run, self._problem, at or 0, self._data)
        there = result if ends else self._there
        if there is None:
            reason = f"iteration {at} is not recorded, and its data or a plug-in is no longer what it was"
            return _Found(reason=reason, known=False)
        return self._parameter(claim.name, there) if claim.name else _number(claim.quantity, there)

    def _cause(self) -> _Found:
        """The first of its verdicts; its rule is a cause too."""
        problem, lowest = self._problem, self._about.lowest
        found = diagnosis_of(self._run, problem, None, lowest.get(problem.id))
        rule = self._run.result.cause
        codes = (*(cause.code for cause in found.causes), *([rule] if rule else []))
        return _Found(found.verdict, words=codes)

    def _parameter(self, name: str, there: RunResult) -> _Found:
        model = learned(replace(self._run, result=there), self._problem)
        if model is None:
            known = {f"w{j}": value for j, value in enumerate(there.parameters, 1)}
        elif self._expected.units == "data" and model.original is not None:
            known = model.original
        else:
            known = {p.name.text: p.value for p in model.parameters if p.value is not None}
        if name not in known:
            said = f"no parameter is called '{name}'. {nearest(name, known)}" if known else "it left none"
            return _Found(reason=said, known=not known)
        return _Found(known[name])


def _number(quantity: str, there: RunResult) -> _Found:
    values = {
        "cost": there.final_cost,
        "gap": there.final_gap,
        "gradient_norm": there.final_gradient_norm,
    }
    value = values[quantity]
    reason = (
        "" if value is not None else "its optimum is not known" if quantity == "gap" else "it is not finite"
    )
    return _Found(value, reason, known=quantity != "gap")
