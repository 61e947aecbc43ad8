"""Which of MLflow's runs is which of ours, and under which sweep it belongs.

A run may be part of several plans: of a config, and of the same config with a rate more. MLflow's page can show
it under one parent only, so it stands under the youngest plan that has it, and a tag names all of them, the
youngest first: a view filtered by that tag shows every run of a plan, wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING

from gdbench.tracking.destination import Written
from gdbench.tracking.server.embedded import KEY_TAG, PLAN_TAG, PLANS_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdbench.record.records import PlanRecord
    from gdbench.tracking.destination import Held

PARENT_TAG = "mlflow.parentRunId"

#: What is to be known of a run to tell which of ours it is.
TELLING = (KEY_TAG, PLAN_TAG, PLANS_TAG, PARENT_TAG)

#: A tag has room for so many plans; of more the youngest are named.
_MOST_PLANS = 300


def runs_of(plan: PlanRecord) -> str:
    """MLflow's search for all runs of a plan, wherever they stand."""
    return f"tags.`{PLANS_TAG}` LIKE '%{plan.id}%'"


class Membership:
    """Run key → the plans that have it, the youngest first.

    plans: the ids of all.  What many runs have alike is in memory once: most have the same plans.
    """

    def __init__(self, plans: Iterable[PlanRecord]) -> None:
        self._plans: dict[str, tuple[str, ...]] = {}
        self.plans = set[str]()
        self._told: dict[tuple[tuple[str, ...], str], Mapping[str, str]] = {}
        alike: dict[tuple[str, ...], tuple[str, ...]] = {}
        for plan in sorted(plans, key=lambda plan: (plan.created, plan.id), reverse=True):
            self.plans.add(plan.id)
            for run in plan.runs:
                known = (*self._plans.get(run.key, ()), plan.id)
                self._plans[run.key] = alike.setdefault(known, known)

    def __contains__(self, key: str) -> bool:
        return key in self._plans

    def of(self, key: str, followed: str) -> tuple[str, ...]:
        """followed: the plan that is being tracked, to which a run may have come since."""
        return self._plans.get(key, (followed,))

    def tags(self, key: str, followed: str, parents: Mapping[str, Written]) -> Mapping[str, str]:
        """What says of a run where it belongs. parents: plan → its run; the followed one has one."""
        plans = self.of(key, followed)
        home = next((plan for plan in plans if plan in parents), followed)
        known = plans, parents[home].run_id
        if known not in self._told:
            self._told[known] = {PLANS_TAG: " ".join(plans[:_MOST_PLANS]), PARENT_TAG: known[1]}
        return self._told[known]


@dataclass
class Known:
    """What an experiment holds of a store.

    parents, children: plan or key → its run.  belongs: run id → the tags that say where it belongs.
    doubles: key or plan → ids of runs that are there beside these.  trashed: key or plan → its finished run.
    """

    parents: dict[str, Written] = field(default_factory=dict)
    children: dict[str, Written] = field(default_factory=dict)
    belongs: dict[str, Mapping[str, str]] = field(default_factory=dict)
    doubles: dict[str, list[str]] = field(default_factory=dict)
    trashed: dict[str, Written] = field(default_factory=dict)


def known(held: Iterable[Held]) -> Known:
    """held: the youngest first. Of several parents the oldest counts, of several runs one that is finished."""
    found = Known()
    alike: dict[tuple[str, ...], Mapping[str, str]] = {}
    for run in held:
        plan, key = run.tags.get(PLAN_TAG), run.tags.get(KEY_TAG)
        name = plan if plan is not None else key
        if name is None:
            continue
        written = Written(name, run.run_id, intern(run.status))
        if plan is None:
            told = {tag: run.tags.get(tag, "") for tag in (PLANS_TAG, PARENT_TAG)}
            found.belongs[run.run_id] = alike.setdefault(tuple(told.values()), told)
        if run.deleted:
            if plan is not None or run.status == "FINISHED":  # what is torn or failed was put there by us
                found.trashed[name] = written
            continue
        there = found.parents if plan is not None else found.children
        before = there.get(name)
        if before is None or plan is not None or before.status != "FINISHED":
            there[name] = written
        if before is not None:
            found.doubles.setdefault(name, []).append(run.run_id if there[name] is before else before.run_id)
    return found


@dataclass
class Repairs:
    """What was put right, as numbers of runs.

    restored: out of the trash.  sweeps: parents among them.  moved: put under the sweep that they belong to.
    named: told which plans they are part of.  doubles: put into the trash, being there twice.
    strange: left as they are, for the record has nothing of them.
    taken_out: whether the experiment was in the trash.  called: what it is called now, "" if as we call it.
    """

    restored: int = 0
    sweeps: int = 0
    moved: int = 0
    named: int = 0
    doubles: int = 0
    strange: int = 0
    taken_out: bool = False
    called: str = ""

    def lines(self, *, routine: bool = True) -> list[str]:
        """A sentence for each. routine: with what follows from a changed config, or was told before."""
        moved, named, called = (self.moved, self.named, self.called) if routine else (0, 0, "")
        told = [
            ("its experiment is taken out of MLflow's trash" if self.taken_out else ""),
            (f"MLflow calls its experiment '{called}' now, which is kept" if called else ""),
            _counted(self.sweeps, "sweep", "taken out of MLflow's trash"),
            _counted(self.restored, "run", "taken out of MLflow's trash"),
            _counted(
                moved,
                "run",
                "put under the sweep that it belongs to",
                "put under the sweep that they belong to",
            ),
            _counted(named, "run", "told which sweeps it is part of", "told which sweeps they are part of"),
            _counted(self.doubles, "run", "put into MLflow's trash, being there twice"),
            _counted(
                self.strange,
                "run",
                "left as it is: nothing of it is recorded here",
                "left as they are: nothing of them is recorded here",
            ),
        ]
        return [line for line in told if line]


def _counted(number: int, what: str, done: str, all_done: str = "") -> str:
    if number == 0:
        return ""
    return f"1 {what} {done}" if number == 1 else f"{number} {what}s {all_done or done}"
