"""Who is told how a sweep goes: the terminal is a listener, a notebook may be another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gdbench.descent.recording.result import TRIED_AGAIN, UNDONE
from gdbench.judgement.answer import Answer, answer
from gdbench.judgement.expectations import Check, checks
from gdbench.judgement.next_experiment import Nothing, Offer, conclusion_of, next_experiment
from gdbench.judgement.study import Study, study
from gdbench.planning.plan import Plan, Run
from gdbench.record.records import PlanRecord, RunRecord, SessionRecord
from gdbench.record.store import Store
from gdbench.session.sweep import Selection
from gdbench.tracking.sync import TrackingReport


@dataclass(frozen=True)
class Conclusion:
    """How a sweep ended. It is told while the store is open.

    outcomes: of the runs that were meant.  meant: how many that were.  interrupted: whether Ctrl-C ended it.
    tracked: what came of tracking, which is told last.  known: the study, where it has been made already.
    """

    store: Store
    plan: PlanRecord
    outcomes: Counter[str]
    meant: int
    interrupted: bool
    tracked: TrackingReport | None = None
    known: Study | None = None

    @property
    def left(self) -> int:
        """Runs that are still to do: a crash says nothing about a run."""
        return self.meant - self.outcomes.total() + sum(self.outcomes[outcome] for outcome in TRIED_AGAIN)

    @property
    def undone(self) -> int:
        """Runs that did not do their work."""
        return sum(self.outcomes[outcome] for outcome in UNDONE)

    @property
    def undone_in_words(self) -> str:
        """How many runs did not do their work, and why, in the words of most of them."""
        done = (record.result for record in self.study.runs)
        reasons = Counter(one.reason.rstrip(".") for one in done if one.outcome in UNDONE).most_common()
        one = self.undone == 1
        rest = sum(count for _, count in reasons[1:])
        others = f" ({rest} for other reasons)" if rest else ""
        why = f": {reasons[0][0]}{others}" if reasons else ""
        return f"{self.undone} {'run' if one else 'runs'} did not do {'its' if one else 'their'} work{why}"

    @property
    def whole(self) -> bool:
        """Whether everything that was meant has been done."""
        return not (self.interrupted or self.left or self.plan.grows)

    @cached_property
    def study(self) -> Study:
        """What the record says."""
        return self.known or study(self.store, self.plan)

    def answer(self) -> Answer:
        """What the finished runs of the plan say."""
        return answer(self.study)

    def checks(self) -> list[Check]:
        """The numbers that the config expects beside those that were measured."""
        return checks(self.study, self.store)

    def next(self) -> Offer | Nothing:
        """The next experiment worth running."""
        return next_experiment(self.study, self.store)

    def to_plain(self) -> dict[str, object]:
        """JSON-plain: the answer, what was expected, and what to run next."""
        about = self.study
        expected = [check.to_plain() for check in checks(about, self.store)]
        return {**conclusion_of(about, self.store), **({"expectations": expected} if expected else {})}


class Listener:
    """Told of a sweep in the order of these methods: override what is to be heard. This one says nothing."""

    def noticed(self, notice: str) -> None:
        """The store was mended as it was opened."""

    def announced(self, plan: Plan, selection: Selection) -> None:
        """What is meant is known, and written down."""

    def placed(self, where: str) -> None:
        """The profile `auto` has chosen a place. where: its name, its workers and why, in words."""

    def began(self, runs: Sequence[Run], session: SessionRecord) -> None:
        """The runs are about to begin."""

    def finished(self, run: Run, record: RunRecord) -> None:
        """A run has ended, and is recorded."""

    def grew(self, runs: Sequence[Run]) -> None:
        """More runs have followed from results, and are about to begin."""

    def ended(self) -> None:
        """No more runs will finish, for whatever reason."""

    def remarked(self, sentence: str) -> None:
        """Plug-ins or an interpreter did something that is to be known, and that stops nothing."""

    def unreported(self, reason: str) -> None:
        """MLflow gets no report."""

    def concluded(self, conclusion: Conclusion) -> None:
        """Everything is recorded. The answer is told here, whatever tracking has still to do."""

    def tracked(self, report: TrackingReport) -> None:
        """MLflow has what it will get."""

    def interrupted(self) -> None:
        """Ctrl-C came while everything was being prepared, or told."""
