"""What was found on one fold, as it is asked of all of them: at a rate that is too large for none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_DOWN, Context

from gdbench.config.experiment import Experiment
from gdbench.data.source import Source
from gdbench.judgement.next_experiment.suggestions import Changes, Suggestion
from gdbench.reference.problem import ProblemRecord


def of_all_folds(source: Source, experiment: Experiment) -> Source:
    """All folds of the data where the experiment has them all; else the data as it is."""
    if source.test is None or source.test.fold is None:
        return source
    siblings = [one for one in experiment.sources if one.family == source.family]
    whole = len(siblings) == source.test.folds
    return replace(source, test=replace(source.test, fold=None)) if whole else source


def where(problem: ProblemRecord, experiment: Experiment) -> str:
    """The problem's name; of folds that are tried together what they share, and the one that it was seen on."""
    if problem.family == problem.id:
        return problem.label
    how = problem.data["test"]["how"]
    together = sum(1 for one in experiment.sources if one.test and one.test.fold) >= how["folds"]
    return f"{problem.whole.label}, as on fold {how['fold']}" if together else problem.label


def for_all_folds(wanted: Suggestion, problems: Iterable[ProblemRecord]) -> Suggestion:
    """With rates made smaller by L of its fold ÷ the largest L of all folds, where these are known."""
    own = wanted.setting.problem
    folds = [one for one in problems if one.family == own.family]
    known = [one.smoothness for one in folds if one.smoothness]
    if own.smoothness is None or len(known) < len(folds) or max(known) <= own.smoothness:
        return wanted
    share = own.smoothness / max(known)
    return wanted._replace(ways=tuple(_slower(way, share) for way in wanted.ways))


def _slower(way: Changes, share: float) -> Changes:
    rate = way.get("learning_rate", {}).get("constant", {}).get("rate")
    if rate is None:
        return way
    slower = float(Context(prec=6, rounding=ROUND_DOWN).create_decimal_from_float(share * rate))
    return {**way, "learning_rate": {"constant": {"rate": slower}}}
