"""The answer: what to use on each problem, how sure that is, and what was lost on the way.

Values first; sentences are made of them last, and every voice (terminal, MLflow, page, Markdown, JSON and
notebook) repeats these sentences word for word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gdbench.judgement.methods.summary import MethodsSummary, methods_summary
from gdbench.judgement.numerals import count
from gdbench.judgement.problem_answer import ProblemAnswer, folded, problem_answer
from gdbench.judgement.racing.outpaced import Outpaced, outpaced
from gdbench.judgement.sentences.answers import outcome_words, told, told_of_folds
from gdbench.judgement.sentences.few_words import no_gap, told_of_race
from gdbench.judgement.sentences.of_methods import told_of_methods
from gdbench.judgement.sentences.searches import found_lines
from gdbench.judgement.stages.finding import Finding
from gdbench.judgement.study import MANY, Study


class Spoken(NamedTuple):
    """A line of the answer. problem: the id of that which it is about, of folds the first.  where: its name."""

    text: str
    problem: str = ""
    where: str = ""


@dataclass(frozen=True, repr=False)
class Answer:
    """What a plan came to, problem by problem, as far as its runs are finished.

    methods: how methods stand over all problems; None where there are few problems, or one method.
    """

    experiment: str
    plan: str
    planned: int
    done: int
    outcomes: Mapping[str, int]
    problems: tuple[ProblemAnswer, ...]
    methods: MethodsSummary | None = None
    searches: tuple[Finding, ...] = ()
    race: Outpaced | None = None

    @property
    def lines(self) -> list[str]:
        """What was searched for; what is true over all problems; then each problem, or its folds together."""
        return [line.where + line.text for line in self.spoken]

    @property
    def spoken(self) -> list[Spoken]:
        """The same lines, each with what it is about."""
        if not self.done:
            return [Spoken(f"No run has finished yet: 0 of {count(self.planned)}.")]
        found = found_lines(self.searches, several=len(self.problems) > 1)
        raced = [told_of_race(self.race)] if self.race else []
        return [*map(Spoken, found), *self._of_problems, *map(Spoken, raced)]

    @property
    def _of_problems(self) -> list[Spoken]:
        families = folded(self.problems)
        if len(families) > MANY:
            return [Spoken(told_of_methods(self.methods) if self.methods else _over_many(self.problems))]
        if len(self.problems) == 1:
            return [Spoken(told(self.problems[0]), self.problems[0].problem.id)]
        known = _without_gaps(families)
        over = [Spoken(told_of_methods(self.methods))] if self.methods else []
        over += [Spoken(f"On all {count(len(families))} problems {known}.")] if known else []
        return over + [
            Spoken(told_of_folds(folds, known), folds[0].problem.id, f"On {folds[0].problem.whole.label}: ")
            for folds in families
        ]

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        return f"<{self.experiment}: {self.text}>"

    @property
    def progress(self) -> str:
        """How much of the plan is done: '24 runs' or '5 of 24 runs so far'."""
        if self.done == self.planned:
            return "1 run" if self.planned == 1 else f"{count(self.planned)} runs"
        return f"{count(self.done)} of {count(self.planned)} runs so far"

    @property
    def tally(self) -> str:
        """'14 converged, 3 stopped, 7 diverged'."""
        return outcome_words(self.outcomes)

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, for a program to read."""
        return {
            "experiment": self.experiment,
            "plan": self.plan,
            "planned": self.planned,
            "done": self.done,
            "outcomes": dict(self.outcomes),
            "text": self.text,
            **({"methods": self.methods.to_plain()} if self.methods else {}),
            **({"searches": [finding.to_plain() for finding in self.searches]} if self.searches else {}),
            **({"race": self.race.to_plain()} if self.race else {}),
            "problems": [{**problem.to_plain(), "text": told(problem)} for problem in self.problems],
        }


def answer(study: Study) -> Answer:
    """What the finished runs of a study say."""
    problems = tuple(problem_answer(study, problem) for problem in study.problems.values())
    plan = study.plan
    return Answer(
        plan.experiment,
        plan.id,
        len(plan.runs),
        len(study.runs),
        study.outcomes,
        problems,
        methods_summary(study),
        study.searches,
        outpaced(study.runs),
    )


def _without_gaps(families: Sequence[Sequence[ProblemAnswer]]) -> str:
    """Why no gap can be measured, where that is so on each of several problems for the same reason; or ""."""
    best = [folds[0].best for folds in families if len(folds) == 1]
    found = {no_gap(one) if one and one.relative_gap is None else "" for one in best}
    return next(iter(found)) if len(found) == 1 and 1 < len(best) == len(families) else ""


def _over_many(problems: Sequence[ProblemAnswer]) -> str:
    """Which methods are best on how many of the problems; the table of winners has them one by one."""
    wins = Counter(problem.method for problem in problems if problem.best).most_common()
    shared = Counter(problem.method for problem in problems if problem.shared)
    parts = [f"{name} is best on {count(number)}{_shared(number, shared[name])}" for name, number in wins[:3]]
    others = sum(number for _, number in wins[3:])
    parts += [f"others on {count(others)}"] if others else []
    lost = sum(problem.best is None for problem in problems)
    parts += [f"on {count(lost)} no run ended at a point that can be used"] if lost else []
    return f"Of {count(len(problems))} problems: {'; '.join(parts)}."


def _shared(wins: int, shared: int) -> str:
    """On how many of those that it won another is as good."""
    on = "" if wins == 1 else " on all of them" if shared == wins else f" on {count(shared)} of them"
    return f", another as good{on}" if shared else ""
