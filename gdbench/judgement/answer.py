"""The verdict: what a reader should take away, in a sentence; and a remark on each setting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from gdbench.judgement.numerals import count, figure, listing, span
from gdbench.judgement.ranking import by_tightness
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study

#: With more problems a sentence for each would hide what they have in common.
MANY = 8


def verdict(study: Study) -> str:
    """Which setting to use, how fast it is, and what diverged: a sentence for each problem."""
    return " ".join(sentences(study))


def sentences(study: Study) -> list[str]:
    """The verdict's sentences, each on one problem."""
    if not study.runs:
        return [f"No run has finished yet: 0 of {count(len(study.plan.runs))}."]
    if len(study.problems) > MANY:
        return [_over_many(study)]
    said = []
    for problem in study.problems.values():
        place = f"On {problem.label}: " if len(study.problems) > 1 else ""
        said.append(f"{place}{_sentence(study, study.of_problem(problem))}")
    return said


def _over_many(study: Study) -> str:
    """Which methods are best on how many of the problems; the table of winners has them one by one."""
    wins = Counter(winner.name(study.method_axes) for winner in study.best).most_common()
    told = [f"{name} is best on {count(number)}" for name, number in wins[:3]]
    others = sum(number for _, number in wins[3:])
    told += [f"others on {count(others)}"] if others else []
    lost = len(study.problems) - len(study.best)
    told += [f"on {count(lost)} no run ended at a point that can be used"] if lost else []
    return f"Of {count(len(study.problems))} problems: {'; '.join(told)}."


def progress(study: Study) -> str:
    """How much of the plan is done: '24 runs' or '5 of 24 runs so far'."""
    done, planned = len(study.runs), len(study.plan.runs)
    if study.complete:
        return "1 run" if planned == 1 else f"{count(planned)} runs"
    return f"{count(done)} of {count(planned)} runs so far"


def tally(study: Study) -> str:
    """'14 converged, 3 stopped, 7 diverged'."""
    return ", ".join(f"{count(number)} {words(outcome)}" for outcome, number in study.outcomes.items())


def remarks(setting: Setting, targets: Sequence[str]) -> str:
    """What the numbers of a setting do not say by themselves; often nothing."""
    parts = [_misses(setting, targets), _diverged(setting), _limits(setting), _reasons(setting)]
    return "; ".join(part for part in parts if part)


def _sentence(study: Study, settings: list[Setting]) -> str:
    winner = next((setting for setting in study.best if setting in settings), None)
    if winner is None:
        return _nothing_usable(settings)
    targets, lost = by_tightness(study.plan.targets), _lost(study, settings)
    praise = _alone(winner, targets) if len(settings) == 1 else _chosen(winner, study, targets)
    return f"{praise}{f'; {lost}' if lost else ''}."


def _chosen(winner: Setting, study: Study, targets: list[str]) -> str:
    """What is said of the best of several settings."""
    rivals = study.of_problem(winner.problem)
    name, reached = winner.name(study.varying_in(rivals)), _tightest_reached(winner, targets)
    if reached and reached == targets[:1]:
        return f"Use {name}: it reaches a relative gap of {targets[0]} {_soon(winner, targets[0])}"
    if reached:
        soon = _soon(winner, reached[0])
        return f"No setting reached {targets[0]}; {name}, the best, reached {reached[0]} {soon}"
    if winner.relative_gap is None:
        return f"{name} ended at the lowest cost, {figure(winner.final_cost)} ({_no_gap(winner)})"
    missed = "No setting reached any target; " if targets else ""
    return f"{missed}{name} came closest and ended at a relative gap of {figure(winner.relative_gap)}"


def _alone(only: Setting, targets: list[str]) -> str:
    """What is said of a setting that has no rival."""
    reached = _tightest_reached(only, targets)
    if reached:
        short = "" if reached == targets[:1] else f", but not {targets[0]}"
        return f"It reached a relative gap of {reached[0]} {_soon(only, reached[0])}{short}"
    if only.relative_gap is None:
        return f"It ended at a cost of {figure(only.final_cost)} ({_no_gap(only)})"
    missed = "reached no target and " if targets else ""
    return f"It {missed}ended at a relative gap of {figure(only.relative_gap)}"


def _no_gap(setting: Setting) -> str:
    """Why no gap can be measured."""
    if setting.problem.optimum.kind == "none exists":
        return f"no minimiser exists: {setting.problem.optimum.explanation.rstrip('.')}"
    return "no optimum is known, so gaps cannot be measured"


def _tightest_reached(setting: Setting, targets: list[str]) -> list[str]:
    """The tightest target that a run reached, if any was."""
    return [target for target in targets if (reach := setting.reach(target)) and reach.reached][:1]


def _soon(setting: Setting, target: str) -> str:
    reach = setting.reach(target)
    if reach is None or not math.isfinite(reach.median):
        return f"in {reach.reached if reach else 0} of {len(setting.runs)} runs only"
    share = f"median of {reach.runs}" if reach.reached == reach.runs else f"{reach.reached} of {reach.runs}"
    return f"in {count(reach.median)} iterations{f' ({share} runs)' if reach.runs > 1 else ''}"


def _lost(study: Study, settings: list[Setting]) -> str:
    """Which learning rates diverged whatever else was chosen, or how many settings did."""
    diverged = [setting for setting in settings if setting.all_diverged]
    if not diverged:
        return ""
    others = {setting.axes.get("learning_rate") for setting in settings if not setting.all_diverged}
    rates = list(dict.fromkeys(s.axes["learning_rate"] for s in diverged if s.rate is not None))
    if len(rates) in range(1, 7) and not others & set(rates) and "learning_rate" in study.plan.varying:
        return f"η={listing(rates)} diverged"
    return f"{count(len(diverged))} of {count(len(settings))} settings diverged"


def _nothing_usable(settings: list[Setting]) -> str:
    if not all(setting.all_diverged for setting in settings):
        return (
            "No run ended at a point that can be used: "
            + ", ".join(dict.fromkeys(setting.outcome_text for setting in settings))
            + "."
        )
    rates = [setting.rate for setting in settings if setting.rate is not None]
    advice = f": try a learning rate below {min(rates):g}" if rates else ""
    subject = "It" if len(settings) == 1 else "Every setting"
    return f"{subject} diverged{advice}."


def _misses(setting: Setting, targets: Sequence[str]) -> str:
    """A rule may declare victory far from the optimum; then the remark says so."""
    loosest = max(targets, key=float, default=None)
    if loosest is None:
        return ""
    pairs = zip(setting.runs, setting.gaps(), strict=True)
    short = [
        gap
        for run, gap in pairs
        if run.result.outcome == "converged"
        and gap is not None
        and gap > float(loosest)
        and run.result.iterations_to.get(loosest) is None
    ]
    if not short:
        return ""
    share = "" if len(short) == len(setting.runs) else f" ({len(short)} of {len(setting.runs)})"
    return f"converged, but its gap {figure(max(short), 2)} misses {loosest}{share}"


def _diverged(setting: Setting) -> str:
    at = [run.result.diverged_at for run in setting.runs if run.result.diverged_at is not None]
    if not at:
        return ""
    return f"diverged at iteration{'s' if min(at) != max(at) else ''} {span(min(at), max(at))}"


def _limits(setting: Setting) -> str:
    rules = [run.result.rule for run in setting.runs if run.result.outcome == "stopped"]
    named = list(dict.fromkeys(rule for rule in rules if rule))
    return f"stopped by {listing(named)}" if named else ""


def _reasons(setting: Setting) -> str:
    told = ("failed", "crashed", "timed_out", "stalled")
    reasons = dict.fromkeys(run.result.reason.rstrip(".") for run in setting.runs if run.result.outcome in told)
    return "; ".join(reasons)
