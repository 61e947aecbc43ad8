"""What to use on one problem, and what the other settings lost: as values, and as the sentence made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.descent.recording.result import LOST
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.ranking import by_tightness, tightest_reached
from gdbench.judgement.reach import Reach
from gdbench.judgement.settings import Setting, outcomes, words
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord

#: More rates than these are counted, not named.
_NAMED = 6


@dataclass(frozen=True)
class Loss:
    """Settings of which runs were lost in one way.

    outcome: one of `LOST`.  every: whether all their runs ended so.  runs: how many did.
    rates: their learning rates, where these tell them from all other settings and are few; else empty.
    """

    outcome: str
    every: bool
    settings: int
    runs: int
    rates: tuple[str, ...]


@dataclass(frozen=True)
class ProblemAnswer:
    """What to use on one problem.

    settings: how many were compared.  outcomes: how many of all runs ended how.
    best: the best setting, None where no run ended at a point that can be used; name: by the axes on which
    its rivals differ; method: by the axes that say how to descend.
    wanted: the tightest target declared.  target: the tightest that the best reached; reach: how soon.
    losses: of the other settings.  least_rate: the smallest learning rate that was tried.
    """

    problem: ProblemRecord
    settings: int
    outcomes: Mapping[str, int]
    best: Setting | None
    name: str
    method: str
    wanted: str | None
    target: str | None
    reach: Reach | None
    losses: tuple[Loss, ...]
    least_rate: float | None

    @property
    def text(self) -> str:
        """In a sentence."""
        if self.best is None:
            return _nothing_usable(self)
        praise = _alone(self, self.best) if self.settings == 1 else _chosen(self, self.best)
        return f"{'; '.join([praise, *(_loss_words(loss, self.settings) for loss in self.losses)])}."

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, for a program to read."""
        return {
            "problem": self.problem.id,
            "label": self.problem.label,
            "text": self.text,
            "settings": self.settings,
            "outcomes": dict(self.outcomes),
            "best": _plain_setting(self, self.best) if self.best else None,
            "losses": [{**vars(loss), "rates": list(loss.rates)} for loss in self.losses],
        }


def problem_answer(study: Study, problem: ProblemRecord) -> ProblemAnswer:
    """What the finished runs of a study say of one of its problems."""
    rivals = study.of_problem(problem)
    best = next((setting for setting in study.best if setting.problem.id == problem.id), None)
    targets = by_tightness(study.plan.targets)
    target = tightest_reached(best, targets) if best else None
    others = [setting for setting in rivals if setting is not best]
    return ProblemAnswer(
        problem=problem,
        settings=len(rivals),
        outcomes=outcomes(run for setting in rivals for run in setting.runs),
        best=best,
        name=best.name(study.varying_in(rivals)) if best else "",
        method=best.name(study.method_axes) if best else "",
        wanted=targets[0] if targets else None,
        target=target,
        reach=best.reach(target) if best and target else None,
        losses=tuple(_losses(others, rivals)),
        least_rate=min((setting.rate for setting in rivals if setting.rate is not None), default=None),
    )


def _losses(settings: Sequence[Setting], rivals: Sequence[Setting]) -> list[Loss]:
    """Outcome by outcome, first the settings that lost all their runs so, then those that lost some."""
    return [
        Loss(
            outcome,
            every,
            len(group),
            sum(setting.outcomes[outcome] for setting in group),
            _telling_rates(group, rivals),
        )
        for outcome in LOST
        for every in (True, False)
        if (group := [s for s in settings if outcome in s.outcomes and (len(s.outcomes) == 1) is every])
    ]


def _telling_rates(group: Sequence[Setting], rivals: Sequence[Setting]) -> tuple[str, ...]:
    """The learning rates of some settings, if few, and no rival's besides."""
    members = set(group)
    rest = {setting.axes.get("learning_rate") for setting in rivals if setting not in members}
    if any(setting.rate is None for setting in group):
        return ()
    rates = tuple(dict.fromkeys(setting.axes["learning_rate"] for setting in group))
    return rates if len(rates) <= _NAMED and not rest & set(rates) else ()


def _plain_setting(of: ProblemAnswer, best: Setting) -> dict[str, object]:
    return {
        "name": of.name,
        "axes": dict(best.axes),
        "learning_rate": best.rate,
        "runs": len(best.runs),
        "lost": best.lost,
        "outcomes": dict(best.outcomes),
        "target": of.target,
        "reached": of.reach.reached if of.reach else 0,
        "iterations": of.reach.median if of.reach and math.isfinite(of.reach.median) else None,
        "final_cost": best.final_cost,
        "relative_gap": best.relative_gap,
    }


# --- the sentence, made last


def _chosen(of: ProblemAnswer, best: Setting) -> str:
    """What is said of the best of several settings."""
    if of.reach and of.target == of.wanted:
        alone = ", and no setting reaches it without losing a run" if best.lost else ""
        return f"Use {of.name}: it reaches a relative gap of {of.target} {_soon(of.reach, best)}{alone}"
    if of.reach:
        alone = ", which none does without losing a run" if best.lost else ""
        return (
            f"No setting reached {of.wanted}; {of.name}, the best, reached {of.target} "
            f"{_soon(of.reach, best)}{alone}"
        )
    if best.relative_gap is None:
        return f"{of.name} ended at the lowest cost, {figure(best.final_cost)} ({_no_gap(best)}){_lost(best)}"
    missed = "No setting reached any target; " if of.wanted else ""
    gap = figure(best.relative_gap)
    return f"{missed}{of.name} came closest and ended at a relative gap of {gap}{_lost(best)}"


def _alone(of: ProblemAnswer, only: Setting) -> str:
    """What is said of a setting that has no rival."""
    if of.reach:
        short = "" if of.target == of.wanted else f", but not {of.wanted}"
        return f"It reached a relative gap of {of.target} {_soon(of.reach, only)}{short}"
    if only.relative_gap is None:
        return f"It ended at a cost of {figure(only.final_cost)} ({_no_gap(only)}){_lost(only)}"
    missed = "reached no target and " if of.wanted else ""
    return f"It {missed}ended at a relative gap of {figure(only.relative_gap)}{_lost(only)}"


def _no_gap(setting: Setting) -> str:
    """Why no gap can be measured."""
    if setting.problem.optimum.kind == "none exists":
        return f"no minimiser exists: {setting.problem.optimum.explanation.rstrip('.')}"
    return "no optimum is known, so gaps cannot be measured"


def _soon(reach: Reach, setting: Setting) -> str:
    """How soon, in how many of the runs, and what became of those that were lost."""
    notes = [outcome_words(setting.losses)] if setting.lost else []
    if math.isfinite(reach.median):
        soon = f"in {count(reach.median)} iterations"
        share = f"median of {reach.runs}" if reach.reached == reach.runs else f"{reach.reached} of {reach.runs}"
        notes = [f"{share} runs", *notes] if reach.runs > 1 else notes
    else:
        soon = f"in {reach.reached} of {reach.runs} runs only"
    return f"{soon} ({'; '.join(notes)})" if notes else soon


def _lost(setting: Setting) -> str:
    """What became of the runs that the best setting lost, where no share has told it."""
    return f"; of its {count(len(setting.runs))} runs {outcome_words(setting.losses)}" if setting.lost else ""


def _loss_words(loss: Loss, settings: int) -> str:
    """'η=0.25 and 0.5 diverged', 'some runs of η=0.2 diverged' or '3 of 12 settings diverged'."""
    some = "" if loss.every else "some runs of "
    which = (
        f"η={listing(loss.rates)}" if loss.rates else f"{count(loss.settings)} of {count(settings)} settings"
    )
    return f"{some}{which} {words(loss.outcome)}"


def _nothing_usable(of: ProblemAnswer) -> str:
    if set(of.outcomes) != {"diverged"}:
        ended = outcome_words(of.outcomes) if sum(of.outcomes.values()) > 1 else words(next(iter(of.outcomes)))
        return f"No run ended at a point that can be used: {ended}."
    advice = f": try a learning rate below {of.least_rate:g}" if of.least_rate is not None else ""
    subject = "It" if of.settings == 1 else "Every setting"
    return f"{subject} diverged{advice}."


def outcome_words(outcomes: Mapping[str, int]) -> str:
    """'14 converged, 3 stopped, 7 diverged'."""
    return ", ".join(f"{count(number)} {words(outcome)}" for outcome, number in outcomes.items())
