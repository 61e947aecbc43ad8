"""The next experiment worth running: loaded, planned and checked before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gdbench.config.experiment import Experiment
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.answer import answer
from gdbench.judgement.diagnoses import causes_plain, findings
from gdbench.judgement.next_experiment.suggestions import Look, Suggestion, look, suggestions
from gdbench.judgement.next_experiment.writing import asked, for_all_folds, planned, where, written
from gdbench.judgement.sentences.offers import command, headline, nothing_words, why_words
from gdbench.judgement.study import Study
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store

#: Problems whose runs are looked at for an offer: the first of very many.
MOST_PROBLEMS = 30
#: What the name of a next experiment ends with; the one after it is the second.
_NEXT = re.compile(r"(.*)_next(?:_(\d+))?")


class Offer(NamedTuple):
    """An experiment that is worth running.

    experiment: the one that it follows.  name: its own.  problem: on which it tries something, where there
    are several; else "".  what: a remedy's code, the changes, the gain.  config: YAML, for a file in `folder`.
    """

    experiment: str
    name: str
    problem: str
    what: Suggestion
    config: str
    folder: Path

    @property
    def path(self) -> Path:
        """Where it would be written: beside the config that it follows."""
        return self.folder / f"{self.name}.yaml"

    @property
    def why(self) -> str:
        return why_words(self.what, self.problem)

    @property
    def line(self) -> str:
        """'gdbench next lr_sweep --run   (momentum: about 6 times fewer iterations)'."""
        return self.line_for(())

    def line_for(self, where: Sequence[str]) -> str:
        """The same for results in another folder, with the words that name it."""
        return f"{command(self.experiment, where)}   ({headline(self.what, self.problem)})"

    @property
    def text(self) -> str:
        """The config, with where it comes from above it."""
        return f"{heading(self.experiment)}{self.config}"

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""
        gain = self.what.gain
        return {
            "remedy": self.what.code,
            "problem": self.what.setting.problem.id,
            "line": self.line,
            "why": self.why,
            "gain": gain._asdict() if gain else None,
            "target": self.what.target if gain else None,
            "command": command(self.experiment),
            "config": self.text,
        }


class Nothing(NamedTuple):
    """No experiment is offered. reason: 'running', 'no config', 'refused', 'many', 'arrived' or 'best'."""

    experiment: str
    reason: str
    detail: str = ""

    @property
    def why(self) -> str:
        return nothing_words(self.reason, self.detail)

    @property
    def line(self) -> str:
        """Empty while there is nothing to say yet."""
        return "" if self.reason == "running" else self.why

    def line_for(self, where: Sequence[str]) -> str:  # noqa: ARG002  as of an offer
        """It names no command."""
        return self.line

    @property
    def config(self) -> str:
        """None is offered."""
        return ""

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""
        return {"remedy": None, "reason": self.reason, "why": self.why}


def heading(experiment: str) -> str:
    """The first line of a config that gdbench wrote; it may write over such a one."""
    return f"# written by: gdbench next {experiment}\n"


def next_experiment(about: Study, store: Store, folder: Path | None = None) -> Offer | Nothing:
    """What would be good to run after a plan. folder: of its file, by default that of the config before it.

    Every voice asks, so the last offer is remembered for as long as nothing is recorded.
    """
    plan = about.plan
    if not about.runs or not about.complete:
        return Nothing(plan.experiment, "running")
    if len(about.problems) > MOST_PROBLEMS:
        return Nothing(plan.experiment, "many")
    beside = Path(plan.config_path).parent if folder is None else folder
    known = (str(store.path.resolve()), plan.id, store.last_finished(), len(store.trials()), beside)
    if known not in _last:
        _last.clear()
        _last[known] = _found(about, store, beside)
    return _last[known]


_last: dict[object, Offer | Nothing] = {}


def _found(about: Study, store: Store, beside: Path) -> Offer | Nothing:
    plan = about.plan
    before = asked(plan)
    if before is None:
        return Nothing(plan.experiment, "no config")
    refused = ""
    looks = _looks(about, store)
    for wanted in _in_order(about, looks):
        for_all = for_all_folds(wanted, about.problems.values())
        offer = _offer(plan, before, for_all, beside, several=len(about.problems) > 1)
        if offer is None:
            continue
        try:
            keys = planned(offer.config, offer.path, about.problems)
        except GdbenchError as error:
            refused = str(error)
            continue
        if not keys <= {run.key for run in about.runs}:
            return offer
    arrived = bool(looks) and all(seen.case.arrived for seen in looks)
    return Nothing(plan.experiment, "refused" if refused else "arrived" if arrived else "best", refused)


def conclusion_of(about: Study, store: Store) -> dict[str, object]:
    """JSON-plain: the answer, what to run next, and why each run ended as it did."""
    offered = next_experiment(about, store).to_plain()
    return {**answer(about).to_plain(), "next": offered, "causes": causes_plain(about, store)}


def _looks(about: Study, store: Store) -> list[Look]:
    tried = findings(about, store)
    return [seen for one in about.problems.values() if (seen := look(about, store, one, tried))]


def _in_order(about: Study, looks: Sequence[Look]) -> Iterator[Suggestion]:
    """Problem by problem, the one where the first suggestion gains most before the others."""
    found = [(seen, [one for one in suggestions(seen) if one.affordable(about.runs)]) for seen in looks]
    for _, listed in sorted((pair for pair in found if pair[1]), key=_merit):
        yield from listed


def _merit(pair: tuple[Look, list[Suggestion]]) -> tuple[float, bool]:
    seen, (first, *_) = pair
    return -first.ratio, seen.case.arrived


def _offer(
    plan: PlanRecord, before: Experiment, wanted: Suggestion, folder: Path, *, several: bool
) -> Offer | None:
    name, label = next_name(plan.experiment), where(wanted.setting.problem, before) if several else ""
    config = written(before, wanted, name, why_words(wanted, label), folder)
    return None if config is None else Offer(plan.experiment, name, label, wanted, config, folder)


def next_name(experiment: str) -> str:
    """lr_sweep → lr_sweep_next → lr_sweep_next_2 → lr_sweep_next_3."""
    known = _NEXT.fullmatch(experiment)
    if known is None:
        return f"{experiment}_next"
    return f"{known[1]}_next_{int(known[2] or 1) + 1}"


__all__ = ["Nothing", "Offer", "conclusion_of", "heading", "next_experiment"]
