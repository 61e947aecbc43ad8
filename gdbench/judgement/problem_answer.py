"""What to use on one problem, what failed and why, and what would gain most: as values; words come last."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from gdbench.descent.diagnosis import PROVED, UNKNOWN, Cause
from gdbench.judgement.failures import Failure, failures, kept_away, worse
from gdbench.judgement.ranking import TEST_COST, by_tightness, tightest_reached
from gdbench.judgement.reach import Reach
from gdbench.judgement.settings import Setting, outcomes
from gdbench.judgement.study import Study, median_run
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: Causes that hold nothing back.
_FINE = ("nothing_wrong", "rounding_floor", "not_unique")


#: Of what is measured of a fit the one number that people look at first, the first that there is.
_HEADLINES = ("accuracy", "poisson_deviance", "r2")
#: A test cost that is lower by so much on the way is told.
_RISEN = 0.01


class Tested(NamedTuple):
    """How a run does on the rows held out, and on those that it was trained on.

    training_cost: None where a penalty is part of it.  measure: a name among `MEASURES`.
    lowest, lowest_at: the lowest test cost that was recorded, and where; the run ended after `iterations`.
    """

    rows: int
    trained_on: int
    cost: float
    training_cost: float | None
    measure: str | None
    value: float | None
    training_value: float | None
    lowest: float | None
    lowest_at: int | None
    iterations: int

    @property
    def rose(self) -> bool:
        """Whether the test cost was lower on the way than at the end, by more than a share that is nothing."""
        if self.lowest is None or self.lowest_at in (None, self.iterations):
            return False
        return self.cost - self.lowest > _RISEN * abs(self.lowest)


@dataclass(frozen=True)
class ProblemAnswer:
    """What to use on one problem.

    rivals: the settings that were compared; axes: those on which they differ.
    outcomes: how many of all runs ended how.
    tied: the best setting first, then those as good; empty where no run ended at a point that can be used.
    method: the best by what is compared.  shared: whether another method is as good.
    wanted: the tightest target declared.  target: the tightest that the best keeps; reach: how soon.
    passing: settings that met the target before the best kept it, and left it again.
    failed: the settings that failed, and why.  worse: those that did not, and what keeps them from where the
    best came to, as far as it is known.  held_back: why the best is no better, as far as it is known.
    tested: how the middle run of the best does on the rows held out.  ranked_by: as `Study`.
    """

    problem: ProblemRecord
    rivals: Sequence[Setting]
    axes: Sequence[str]
    outcomes: Mapping[str, int]
    tied: Sequence[Setting]
    method: str
    wanted: str | None
    target: str | None
    reach: Reach | None
    passing: Sequence[Setting]
    failed: Sequence[Failure]
    worse: Sequence[Failure]
    held_back: Cause | None
    tested: Tested | None = None
    ranked_by: str = "targets"
    shared: bool = False

    @property
    def best(self) -> Setting | None:
        return self.tied[0] if self.tied else None

    @property
    def name(self) -> str:
        """The best, by the axes on which its rivals differ."""
        return self.best.called(self.axes) if self.best else ""

    @property
    def limit(self) -> float | None:
        """The rate below which descent is stable, where a failure's cause knows it."""
        known = [f.cause.evidence.get("limit") for f in self.failed if f.cause and f.fate == "diverged"]
        return min((limit for limit in known if isinstance(limit, float)), default=None)

    @property
    def hopeless(self) -> bool:
        """Whether every setting met a number that is not finite before its first step, which no rate mends."""
        causes = [failure.cause for failure in self.failed]
        return bool(causes) and all(c and c.code == "not_finite" and c.grade == PROVED for c in causes)

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, for a program to read."""
        return {
            "problem": self.problem.id,
            "label": self.problem.label,
            "settings": len(self.rivals),
            "outcomes": dict(self.outcomes),
            "best": self._plain_best(self.best) if self.best else None,
            "tied": [setting.called(self.axes) for setting in self.tied[1:]],
            "passing": [setting.called(self.axes) for setting in self.passing],
            "failed": [_plain_failure(failure, self.axes) for failure in self.failed],
            "worse": [_plain_failure(failure, self.axes) for failure in self.worse],
            "held_back": self.held_back.to_plain() if self.held_back else None,
            **({"tested": self.tested._asdict()} if self.tested else {}),
        }

    def _plain_best(self, best: Setting) -> dict[str, object]:
        return {
            "name": self.name,
            "axes": dict(best.axes),
            "learning_rate": best.rate,
            "runs": len(best.runs),
            "lost": best.lost,
            "outcomes": dict(best.outcomes),
            "target": self.target,
            "kept": self.reach.reached if self.reach else 0,
            "kept_from": self.reach.median if self.reach and math.isfinite(self.reach.median) else None,
            "expected_evaluations": self.reach.expected if self.reach and self.reach.reached else None,
            "first_met": self.reach.first if self.reach else None,
            "final_cost": best.final_cost,
            "relative_gap": best.relative_gap,
        }


class OverFolds(NamedTuple):
    """What to use on all folds of one problem, by the names of settings.

    best: of the lowest mean test cost where settings are ranked by it, else the best on most folds; "" where no
    run can be used.  wins: name → on how many folds it is the best, most first.  lost: folds without a best.
    by_mean: whether `best` is by the mean.  tested: how it does, fold after fold.
    """

    best: str
    wins: Mapping[str, int]
    lost: int
    by_mean: bool
    tested: Sequence[Tested]


def over_folds(folds: Sequence[ProblemAnswer]) -> OverFolds:
    """The folds of one problem, taken together."""
    wins = dict(Counter(of.best.asked(of.axes) for of in folds if of.best).most_common())
    lost = len(folds) - sum(wins.values())
    means = _mean_test_costs(folds) if folds[0].ranked_by == TEST_COST else {}
    best = min(means, key=means.__getitem__) if means else next(iter(wins), "")
    here = [of.tested for of in folds if of.tested and of.best and of.best.asked(of.axes) == best]
    return OverFolds(best, wins, lost, bool(means), _tested_as(best, folds) if means else here)


def _tested_as(name: str, folds: Sequence[ProblemAnswer]) -> list[Tested]:
    """How a setting does on each fold, also where another is the best."""
    chosen = [(of.problem, setting) for of in folds for setting in of.rivals if setting.asked(of.axes) == name]
    seen = (tested(median_run(setting), problem) for problem, setting in chosen)
    return [one for one in seen if one]


def _mean_test_costs(folds: Sequence[ProblemAnswer]) -> dict[str, float]:
    """Name → its mean over the folds, of settings that lost no run and have a test cost on every one."""
    found: dict[str, list[float]] = {}
    for of in folds:
        for setting in of.rivals:
            cost = setting.test_cost
            if cost is not None and setting.usable and not setting.lost and not setting.misled:
                found.setdefault(setting.asked(of.axes), []).append(cost)
    return {name: fmean(costs) for name, costs in found.items() if len(costs) == len(folds)}


def folded(problems: Iterable[ProblemAnswer]) -> list[list[ProblemAnswer]]:
    """The answers to the folds of one problem together; every other one by itself."""
    found: dict[str, list[ProblemAnswer]] = {}
    for of in problems:
        found.setdefault(of.problem.family, []).append(of)
    return list(found.values())


def problem_answer(study: Study, problem: ProblemRecord) -> ProblemAnswer:
    """What the finished runs of a study say of one of its problems."""
    rivals = study.of_problem(problem)
    tied = study.tied.get(problem.id, [])
    targets = by_tightness(study.plan.targets)
    best = _best(study, tied[0], targets) if tied else _NONE
    others = [setting for setting in rivals if setting not in tied[:1] and not study.probes(setting)]
    passing = _passing(others, best.target, best.reach.median if best.reach else math.inf)
    after = [s for s in worse(others, tied[0], best.target) if s not in passing] if tied else []
    return ProblemAnswer(
        problem=problem,
        rivals=rivals,
        axes=study.varying_in(rivals),
        outcomes=outcomes(run for setting in rivals for run in setting.runs),
        tied=tied,
        method=best.method,
        wanted=targets[0] if targets else None,
        target=best.target,
        reach=best.reach,
        passing=passing,
        failed=failures(others if tied else rivals, study.explained),
        worse=kept_away(after, study.explained),
        held_back=best.held_back,
        tested=tested(median_run(tied[0]), problem) if tied else None,
        ranked_by=study.ranked_by,
        shared=len({study.methods.roles.method(setting.runs[0]) for setting in tied}) > 1,
    )


def tested(run: RunRecord, problem: ProblemRecord) -> Tested | None:
    """How a run does on the rows held out; None where there are none."""
    known, result = run.result.held_out, run.result
    if not known or known.get("cost") is None:
        return None
    training, test = known.get("train") or {}, known.get("test") or {}
    measure = next((name for name in _HEADLINES if name in training and name in test), None)
    return Tested(
        rows=int(problem.data.get("test", {}).get("rows", 0)),
        trained_on=problem.rows,
        cost=float(known["cost"]),
        training_cost=None if "none" not in run.spec.get("penalty", {"none": {}}) else result.answered_cost,
        measure=measure,
        value=test.get(measure),
        training_value=training.get(measure),
        lowest=known.get("best_cost"),
        lowest_at=known.get("best_iteration"),
        iterations=result.iterations,
    )


class _Best(NamedTuple):
    """What is told of the best setting alone; see `ProblemAnswer`."""

    method: str
    target: str | None
    reach: Reach | None
    held_back: Cause | None


_NONE = _Best("", None, None, None)


def _best(study: Study, best: Setting, targets: Sequence[str]) -> _Best:
    target = tightest_reached(best, targets)
    reach = best.reach(target) if target else None
    return _Best(study.methods.roles.method(best.runs[0]), target, reach, _held_back(study, best))


def _passing(settings: Sequence[Setting], target: str | None, latest: float) -> list[Setting]:
    """Those that met the target before iteration `latest`, and left it again; the soonest first."""
    reaches = {s: reach for s in settings if target and (reach := s.reach(target)) and not s.lost}
    soon = [(r.first, s) for s, r in reaches.items() if r.first is not None and r.passed and not r.reached]
    return [setting for first, setting in sorted(soon, key=lambda pair: pair[0]) if first < latest]


def _held_back(study: Study, best: Setting) -> Cause | None:
    """The first cause of the best setting's middle run that is known, or that something can be done about."""
    found = study.explained.get(median_run(best).key)
    # that no minimiser exists is said in place of the gap
    said = ("no_minimiser",) if best.problem.optimum.kind == "none exists" else ()
    causes = [cause for cause in found.causes if cause.code not in (*_FINE, *said)] if found else []
    fine = found is not None and found.first.code in _FINE
    telling = [cause for cause in causes if cause.remedy or not (fine or cause.grade == UNKNOWN)]
    return telling[0] if telling else None


def _plain_failure(failure: Failure, axes: Sequence[str]) -> dict[str, object]:
    return {
        "fate": failure.fate,
        "every": failure.every,
        "settings": [setting.called(axes) for setting in failure.settings],
        "runs": failure.runs,
        "cause": failure.cause.to_plain() if failure.cause else None,
    }
