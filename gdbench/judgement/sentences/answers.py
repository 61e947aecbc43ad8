"""The answer to one problem in words: two or three sentences, made of values alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from gdbench.descent.recording.result import LOST
from gdbench.judgement.failures import Failure
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.problem_answer import ProblemAnswer, Tested, over_folds
from gdbench.judgement.ranking import TEST_COST
from gdbench.judgement.reach import Reach
from gdbench.judgement.sentences import sentence
from gdbench.judgement.sentences.few_words import because, kept_by, no_gap
from gdbench.judgement.settings import Setting, words
from gdbench.reference.predictions import MEASURES

#: More rates, choices or settings than these are counted, not named; so many failures are told one by one.
_NAMED, _TOLD = 4, 4
#: Of so many causes for which others ended worse each is named.
_WORSE = 2
#: A smaller relative gap is none, where no target says otherwise.
ARRIVED = 1e-6

#: What a run did that failed without being lost: by the code that contradicts its rule.
DID = {
    "wrong_gradient": "went by a wrong gradient",
    "copies": "kept all units of a hidden layer alike",
    "bends_down": "stopped where the cost still bends down",
    "plateau": "lay on a plateau",
    "no_step": "made no step",
    "above_best": "ended above the best cost met",
    "downhill": "stopped on a slope, by small steps",
    "moves": "stopped on a slope, by small steps",
    "skipped": "stopped at a step that was left out",
    "gaining": "stopped on a slope, while still gaining",
    "far": "stopped with much of the way left",
    "flat": "stopped where the cost is flat, with perhaps much of the way left",
    "slope": "stopped on a slope that is not spent",
}


def told(of: ProblemAnswer, known: str = "") -> str:
    """What to use and how sure that is; what failed and why; what holds the best back.

    known: why no gap can be measured, where that has been said of all problems.
    """
    first = "; ".join([_use(of, known), *_failures(of), *_kept_away(of)])
    return " ".join(filter(None, [f"{first}.", _held_back(of), tested_in_words(of.tested)]))


def told_of_folds(folds: Sequence[ProblemAnswer], known: str = "") -> str:
    """What to use on the folds of one problem, and how it does on the rows held out, fold after fold."""
    if len(folds) == 1:
        return told(folds[0], known)
    found, many = over_folds(folds), count(len(folds))
    if not found.best:
        return f"No setting can be used on any of {many} folds."
    times = found.wins.get(found.best, 0)
    best_on = f"the best on {'all' if times == len(folds) else f'{count(times)} of'} {many} folds"
    parts = [f"Use {found.best}, {best_on}"]
    if found.by_mean:
        parts = [
            f"By the rows held out, use {found.best}, with the lowest mean cost over {many} folds and {best_on}"
        ]
    others = [(other, won) for other, won in found.wins.items() if other != found.best][:_WORSE]
    parts += [f"{other} is on {count(won)}" for other, won in others]
    parts += [f"no run can be used on {count(found.lost)}"] if found.lost else []
    return f"{'; '.join(parts)}.{_tested_over(found.tested)}"


def _tested_over(folds: Sequence[Tested]) -> str:
    """' On the rows held out: cost 3012 (2650 to 3480), R² 0.45 (0.33 to 0.52).'"""
    if not folds:
        return ""
    parts, measure = [_over_folds("cost", [of.cost for of in folds])], folds[0].measure
    if measure:
        parts.append(_over_folds(MEASURES[measure].title, [of.value for of in folds if of.value is not None]))
    return f" On the rows held out: {', '.join(parts)}."


def _over_folds(name: str, values: Sequence[float]) -> str:
    """'cost 3012 (2650 to 3480)': the mean and the range."""
    middle, digits = fmean(values), 4 if name == "cost" else 3
    spread = f" ({figure(min(values), digits)} to {figure(max(values), digits)})" if len(values) > 1 else ""
    return f"{name} {figure(middle, digits)}{spread}"


def tested_in_words(of: Tested | None) -> str:
    """'On the 89 rows held out: cost 3430, R² 0.331; on the 353 trained on: cost 2735, R² 0.554.'"""
    if of is None:
        return ""
    name = MEASURES[of.measure].title if of.measure else ""
    there = [f"cost {figure(of.cost)}", *([f"{name} {figure(of.value, 3)}"] if name else [])]
    here = [f"cost {figure(of.training_cost)}"] if of.training_cost is not None else []
    here += [f"{name} {figure(of.training_value, 3)}"] if name else []
    rows = f"On the {count(of.rows)} rows held out" if of.rows != 1 else "On the row held out"
    beside = f"; on the {count(of.trained_on)} trained on: {', '.join(here)}" if here else ""
    rose = ""
    if of.rose:
        rose = f" The test cost was lowest, {figure(of.lowest)}, at iteration {count(of.lowest_at)}."
    return f"{rows}: {', '.join(there)}{beside}.{rose}"


def outcome_words(outcomes: Mapping[str, int]) -> str:
    """'14 converged, 3 stopped, 7 diverged'."""
    return ", ".join(f"{count(number)} {words(outcome)}" for outcome, number in outcomes.items())


# --- what to use


def _use(of: ProblemAnswer, known: str) -> str:
    if of.best is None:
        return _nothing(of)
    if of.ranked_by == TEST_COST and len(of.rivals) > 1 and of.tested:
        return f"By the rows held out, use {_named(of)}, with the lowest test cost, {figure(of.tested.cost)}"
    return _alone(of, of.best, known) if len(of.rivals) == 1 else _chosen(of, of.best, known)


def _chosen(of: ProblemAnswer, best: Setting, known: str) -> str:
    if of.reach and of.target == of.wanted:
        alone = ", and no setting does without losing a run" if best.lost else ""
        return f"Use {_named(of)}: it keeps a relative gap of {of.target}{_soon(of.reach, best)}{alone}"
    if of.reach:
        alone = ", which none does without losing a run" if best.lost else ""
        soon = f"{_soon(of.reach, best)}{alone}"
        return f"No setting keeps {of.wanted}; {_named(of)}, the best, keeps {of.target}{soon}"
    if best.relative_gap is None:
        return f"{_named(of)} ended at the lowest cost, {_cost_alone(best, known)}{_lost(best)}"
    if not of.wanted and best.relative_gap <= ARRIVED:
        return f"{_named(of)} reached the optimum{_after(best)}{_lost(best)}"
    missed = "No setting keeps any target; " if of.wanted else ""
    gap = figure(best.relative_gap)
    return f"{missed}{_named(of)} came closest and ended at a relative gap of {gap}{_lost(best)}"


def _alone(of: ProblemAnswer, only: Setting, known: str) -> str:
    """What is said of a setting that has no rival."""
    if of.reach:
        short = "" if of.target == of.wanted else f", but not {of.wanted}"
        return f"It keeps a relative gap of {of.target}{_soon(of.reach, only)}{short}"
    if only.relative_gap is None:
        return f"It ended at a cost of {_cost_alone(only, known)}{_lost(only)}"
    if not of.wanted and only.relative_gap <= ARRIVED:
        return f"It reached the optimum{_after(only)}{_lost(only)}"
    missed = "keeps no target and " if of.wanted else ""
    return f"It {missed}ended at a relative gap of {figure(only.relative_gap)}{_lost(only)}"


def _after(setting: Setting) -> str:
    """' (a relative gap of 3e-16 after 120 iterations)'."""
    gap = figure(max(setting.relative_gap or 0.0, 0.0))
    done, least, most = setting.iterations
    times = count(done) if least == most else f"{count(least)} to {count(most)}"
    return f" (a relative gap of {gap} after {times} iteration{'' if most == 1 else 's'})"


def _named(of: ProblemAnswer) -> str:
    """The best with what is as good: 'η = 0.2 (zeros or normal, under 1 % apart)'."""
    if len(of.tied) == 1:
        return of.name
    apart = [axis for axis in of.axes if len({setting.axes.get(axis) for setting in of.tied}) > 1]
    shared = [axis for axis in of.axes if axis not in apart]
    others = [setting.called(apart) for setting in of.tied[:_NAMED]]
    more = f" or {len(of.tied) - _NAMED} others" if len(of.tied) > _NAMED else ""
    alike = f"{' or '.join(others)}{more}"
    return f"{of.tied[0].called(shared)} ({alike}, under 1 % apart)" if shared else f"{alike} (under 1 % apart)"


def _cost_alone(setting: Setting, known: str) -> str:
    """The final cost, and why there is no gap to tell, unless that is known."""
    why = no_gap(setting)
    return figure(setting.final_cost) + ("" if why == known else f" ({why})")


def _soon(reach: Reach, setting: Setting) -> str:
    """From when on, in how many of the runs, and what became of the others."""
    notes = []
    if reach.runs > 1:
        notes = [f"median of {reach.runs} runs" if reach.reached == reach.runs else _share(reach)]
    if setting.lost:
        notes.append(_others(setting, reach))
    met = " from iteration {} on" if reach.recorded else ", first met at iteration {}"
    start = met.format(count(reach.median)) if math.isfinite(reach.median) else " in the end"
    return f"{start} ({'; '.join(notes)})" if notes else start


def _share(reach: Reach) -> str:
    return f"{reach.reached} of {reach.runs} runs"


def _others(setting: Setting, reach: Reach) -> str:
    """'the others diverged', where one word says it of them all."""
    missed, losses = reach.runs - reach.reached, setting.losses
    if len(losses) == 1 and setting.lost == missed:
        return f"the other{'' if missed == 1 else 's'} {words(*losses)}"
    return outcome_words(losses)


def _lost(setting: Setting) -> str:
    """What became of the runs that the best setting lost, where no share has told it."""
    return f"; of its {count(len(setting.runs))} runs {outcome_words(setting.losses)}" if setting.lost else ""


def _nothing(of: ProblemAnswer) -> str:
    if any(setting.usable for setting in of.rivals):
        return "No setting can be trusted"
    if set(of.outcomes) != {"diverged"}:
        ended = outcome_words(of.outcomes) if sum(of.outcomes.values()) > 1 else words(next(iter(of.outcomes)))
        return f"No run ended at a point that can be used: {ended}"
    least = min((setting.rate for setting in of.rivals if setting.rate is not None), default=None)
    below = min((rate for rate in (of.limit, least) if rate is not None), default=None)
    advice = f": try a learning rate below {figure(below)}" if below is not None else ""
    advice = " at its start, which no rate mends: begin elsewhere, or scale the data" if of.hopeless else advice
    return f"{'It' if len(of.rivals) == 1 else 'Every setting'} diverged{advice}"


# --- what failed


def _failures(of: ProblemAnswer) -> Iterator[str]:
    if of.passing and of.target:
        names = [setting.called(of.axes, " at ") for setting in of.passing]
        which = listing(names) if len(names) <= _NAMED else f"{count(len(names))} settings"
        passes, does = ("passes", "does") if len(names) == 1 else ("pass", "do")
        yield f"{which} {passes} through it and {does} not stay"
    for failure in of.failed[:_TOLD]:
        told = _failure(failure, of)
        if told:
            yield told
    if len(of.failed) > _TOLD:
        yield f"{count(sum(len(f.settings) for f in of.failed[_TOLD:]))} settings more failed otherwise"


def _kept_away(of: ProblemAnswer) -> Iterator[str]:
    """'η = 0.5 and η = 0.1 hopped about a kink, estimated'."""
    for some in of.worse[:_WORSE]:
        if some.cause is not None:
            yield f"{_which(some, of)} {kept_by(some.cause)}, {some.cause.grade}"


def _failure(failure: Failure, of: ProblemAnswer) -> str:
    """'η ≥ 0.25 diverged: above the stability limit 2/L = 0.2485, proved'."""
    why = because(failure.cause, failure.limits)
    lost = not any(setting.usable for setting in of.rivals)
    if lost and (not why or len(of.failed) == 1):
        return why  # that they failed has been said
    did = words(failure.fate) if failure.fate in LOST else DID[failure.fate]
    if failure.cause and failure.cause.code == failure.fate:
        why = ""
    some = "" if failure.every else "some runs of "
    return f"{some}{_which(failure, of)} {did}{f': {why}' if why else ''}"


def _which(failure: Failure, of: ProblemAnswer) -> str:
    """By the choices that tell these settings from all others; where none do, by number."""
    if len(of.rivals) == 1:
        return "it"
    chosen = set(failure.settings)
    rest = [setting for setting in of.rivals if setting not in chosen]
    for axis in sorted(of.axes, key=lambda axis: axis != "learning_rate"):
        labels = list(dict.fromkeys(setting.axes.get(axis, "") for setting in failure.settings))
        if set(labels) & {setting.axes.get(axis, "") for setting in rest}:
            continue
        if axis == "learning_rate":
            return _rates(failure.settings, rest, labels)
        if len(labels) <= _NAMED:
            return listing(labels)
    if len(chosen) == 1:
        return failure.settings[0].called(of.axes)
    return f"{count(len(chosen))} of {count(len(of.rivals))} settings"


def _rates(settings: Sequence[Setting], rest: Sequence[Setting], labels: Sequence[str]) -> str:
    rates = sorted({setting.rate for setting in settings if setting.rate is not None})
    plain = all(setting.rate is not None for setting in [*settings, *rest])
    if plain and len(rates) > 1 and all((setting.rate or 0.0) < rates[0] for setting in rest):
        return f"η ≥ {figure(rates[0])}" if rest else f"{count(len(settings))} settings"
    if len(labels) > _NAMED:
        return f"{count(len(labels))} rates"
    if all(setting.rate is not None for setting in settings):
        return f"η = {listing(labels)}"
    return listing(list(dict.fromkeys(setting.rate_text for setting in settings)))


# --- what would gain most


def _held_back(of: ProblemAnswer) -> str:
    if of.held_back is None:
        return ""
    why = sentence(of.held_back)
    if len(of.rivals) == 1:
        return why
    return f"What holds {of.name} back: {why[0].lower()}{why[1:]}"
