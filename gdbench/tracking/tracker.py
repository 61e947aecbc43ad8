"""Copies a store's records into one MLflow experiment, each exactly once, whenever it is interrupted.

The order of a run's life is what makes it so: the run is made with the tags that identify it, then
filled, and given its final status last. A child still RUNNING is therefore torn, and is made again.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.expectations import checks
from gdbench.judgement.model import as_json, learned
from gdbench.judgement.next_experiment import next_experiment
from gdbench.judgement.outcome import as_judged, sound
from gdbench.tracking import child, parent
from gdbench.tracking.destination import GROUP, Outgoing, Written, data_of, outgoing
from gdbench.tracking.identity import PARENT_TAG, TELLING, Repairs, known
from gdbench.tracking.models.logged import log_models
from gdbench.tracking.parent import options
from gdbench.tracking.wire import Content, millis
from gdbench.tracking.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gdbench.judgement.study import Study
    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.record.store import Store
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.destination import Destination, Experiment
    from gdbench.tracking.identity import Membership

#: The learned parameters of a sweep, an artifact of its parent.
_PARAMETERS_FILE = "parameters.json"
#: Runs of a plan that are told in the units of the data as well, which takes half a millisecond each.
_UNDONE = 100

#: Runs whose tags are changed together; runs that are told what became of them together.
_TOGETHER, _NOTED = 100, 1000

#: MLflow's words for what a later session may do again, or go on with.
_MAY_BE_BETTERED = ("FAILED", "KILLED")


class Tracker:
    """One store, one MLflow experiment, and what of the one is in the other already.

    Only one tracker at a time may work on a store: it takes any half-written run for a dead one's.
    """

    def __init__(
        self, destination: Destination, store: Store, experiment: Experiment, membership: Membership
    ) -> None:
        self._there, self._store, self.experiment = destination, store, experiment
        self.version = destination.version
        self._problems = store.problems()
        self._words: dict[str, Words] = {}
        self._known = known(destination.held(experiment.id, TELLING))
        self._parents, self._children = self._known.parents, self._known.children
        self._membership = membership
        self.repairs = Repairs()

    # --- what there is to do

    def missing(self, plan: PlanRecord) -> list[str]:
        """The keys of the plan's stored runs that MLflow does not hold yet, in the plan's order."""
        stored = self._store.keys()
        absent = [run.key for run in plan.runs if run.key in stored and self._status(run.key) != "FINISHED"]
        failed = [key for key in absent if self._status(key) in _MAY_BE_BETTERED]
        held = {record.key for record in self._store.runs(failed, curves=False) if self._holds(record)}
        return [key for key in absent if key not in held]

    def _holds(self, record: RunRecord) -> bool:
        """Finished is final. What failed or was paused is sent again only where the store has better since."""
        known = self._status(record.key)
        return known == "FINISHED" or (known in _MAY_BE_BETTERED and known == child.status(record.result))

    def _status(self, key: str) -> str | None:
        known = self._children.get(key)
        return known.status if known else None

    def complete(self, plan: PlanRecord) -> bool:
        """Whether every run of the plan is tracked, and no more may follow."""
        return not plan.grows and all(
            self._status(run.key) in ("FINISHED", *_MAY_BE_BETTERED) for run in plan.runs
        )

    def closed(self, plan: PlanRecord) -> bool:
        """Whether nothing is left to do for this plan."""
        known = self._parents.get(plan.id)
        return known is not None and known.status == "FINISHED" and not self.missing(plan)

    def counts(self) -> tuple[int, int]:
        """(how many of the stored runs of all plans are there, how many there are)."""
        stored = self._store.keys()
        recorded = {key for key in stored if key in self._membership}
        return len(recorded & self._children.keys()), len(recorded)

    # --- putting right what others have done

    def gather(self, plan: PlanRecord) -> None:
        """Have the plan's parent, made where there is none, and each of its runs once: all out of the trash."""
        if plan.id not in self._parents:
            restored = self._restored(plan.id)
            self._parents[plan.id] = restored or self._make_parent(plan)
            self.repairs.sweeps += restored is not None
        for key in (run.key for run in plan.runs):
            restored = None if key in self._children else self._restored(key)
            if restored:
                self._children[key] = restored
                self.repairs.restored += 1
        for name in (plan.id, *(run.key for run in plan.runs)):
            for run_id in self._known.doubles.pop(name, ()):
                self._there.delete_run(run_id)
                self.repairs.doubles += 1

    def _restored(self, name: str) -> Written | None:
        found = self._known.trashed.pop(name, None)
        if found:
            self._there.restore_run(found.run_id)
        return found

    def settle(self, plan: PlanRecord) -> Iterator[int]:
        """Put the plan's runs under the sweeps where they belong, and name all that have them; in groups."""
        wrong: dict[str, Mapping[str, str]] = {}
        for run in plan.runs:
            child_run = self._children.get(run.key)
            wanted = self._belongs(run.key, plan)
            if child_run and self._known.belongs.get(child_run.run_id) != wanted:
                wrong[child_run.run_id] = wanted
        changes = iter(wrong.items())
        for group in iter(lambda: dict(islice(changes, _TOGETHER)), {}):
            self._there.tag_runs(group)
            for run_id, tags in group.items():
                before = self._known.belongs.get(run_id, {}).get(PARENT_TAG)
                self.repairs.moved += before != tags[PARENT_TAG]
                self.repairs.named += before == tags[PARENT_TAG]
                self._known.belongs[run_id] = tags
            yield len(group)

    def strangers(self) -> int:
        """Runs that are there and of which the store has no plan; nobody's to touch but who sent them."""
        return sum(key not in self._membership for key in self._children)

    # --- doing it

    def open(self, plan: PlanRecord, *, live: bool) -> None:
        """Find or make the plan's parent and bring its description of what was asked up to date.

        live: runs are still coming, so the parent is shown as running.
        """
        self.gather(plan)
        run_id, content = self._parents[plan.id].run_id, parent.opening(plan, self._store.sessions())
        # A param can never be changed, and a later version may word it otherwise: what is there stays.
        there = self._there.params(run_id)
        new = {key: value for key, value in content.params.items() if key not in there}
        self._there.log(run_id, Content(new, content.tags))
        self._there.attach(run_id, parent.artifacts(plan))
        status = "RUNNING" if live and self._parents[plan.id].status != "RUNNING" else None
        self._there.update(run_id, name=parent.name(plan), status=status)

    def _make_parent(self, plan: PlanRecord) -> Written:
        name, tags = parent.name(plan), parent.tags(plan)
        return Written(
            plan.id, self._there.make_run(self.experiment, name, millis(plan.created), tags), "RUNNING"
        )

    def send(self, plan: PlanRecord, keys: Iterable[str]) -> Iterator[list[str]]:
        """Track those of these runs that are not held yet; yields keys once they are safely there."""
        if plan.id not in self._words:
            self._words[plan.id] = Words(plan)
        records = (record for record in self._store.runs(keys) if not self._holds(record))
        for group in iter(lambda: list(islice(records, GROUP)), []):
            runs = [self._outgoing(plan, record) for record in group]
            for written in self._there.write(self.experiment, runs):
                self._children.update((run.key, run) for run in written)
                self._known.belongs.update((run.run_id, self._belongs(run.key, plan)) for run in written)
                yield [run.key for run in written]

    def _outgoing(self, plan: PlanRecord, record: RunRecord) -> Outgoing:
        if record.key in self._children:  # torn, or failed once and mended since
            self._there.delete_run(self._children.pop(record.key).run_id)
        if record.problem not in self._problems:
            self._problems = self._store.problems()
        belongs = self._belongs(record.key, plan)
        words, parent_id = self._words[plan.id], belongs[PARENT_TAG]
        problem = self._problems.get(record.problem)
        problem = sound(problem, [record]) if problem else None
        made = outgoing(as_judged(record, problem), plan, words, parent_id, problem, options(plan))
        return replace(made, tags={**made.tags, **belongs})

    def _belongs(self, key: str, plan: PlanRecord) -> Mapping[str, str]:
        return self._membership.tags(key, plan.id, self._parents)

    def abandon(self, plan: PlanRecord) -> None:
        """Show the parent as KILLED, in as little time as there is."""
        self._there.update(self._parents[plan.id].run_id, status="KILLED")

    def close(self, about: Study, files: Mapping[str, Path] | None = None, *, whole: bool = True) -> None:
        """Give the plan's parent the answer, then its status: FINISHED if every run is tracked, KILLED if not.

        KILLED is set at once: nobody takes it for whole, and a user who interrupts may not wait for more.
        files: artifact name → file, for the parent: the report, say.  whole: False leaves them to a later
        session or `gdbench sync`, which see by KILLED that they lack.
        """
        plan = about.plan
        run_id = self._parents[plan.id].run_id
        at, complete = parent.ended(plan, about.runs), whole and self.complete(plan)
        if not complete:
            self._there.update(run_id, status="KILLED", ended=at)
        expected = checks(about, self._store)
        pictures = {name: parent.address_of(run_id, name) for name in files or {} if name.endswith(".svg")}
        offered = next_experiment(about, self._store)
        self._there.log(run_id, parent.closing(about, offered, expected, pictures.get("picture.svg", "")))
        found = diagnoses(about, self._store) if files else about.explained
        told = parent.told_of_runs(about, found, expected, pictures.get("curves.svg", ""))
        theirs = ((self._children[key].run_id, tags) for key, tags in told if key in self._children)
        for group in iter(lambda: dict(islice(theirs, _NOTED)), {}):
            self._there.tag_runs(group)
        self._attach(plan, about.runs, files or {})
        if plan.stages:  # it has become more than it was called
            self._there.update(run_id, name=parent.name(plan))
            self._there.attach(run_id, {"plan.json": parent.artifacts(plan)["plan.json"]})
        log_models(self._there, self.experiment, about, self._store, self._children)
        if complete:
            self._there.update(run_id, status="FINISHED", ended=at)

    def _attach(self, plan: PlanRecord, records: Sequence[RunRecord], files: Mapping[str, Path]) -> None:
        """The data as inputs of the parent, the learned parameters and the given files as its artifacts."""
        run_id, problems = self._parents[plan.id].run_id, self._store.problems()
        data = dict.fromkeys(data_of(problems.get(record.problem), plan) for record in records)
        self._there.log_data(run_id, [one for one in data if one is not None])
        attached = dict[str, str | Path](files)
        with tempfile.TemporaryDirectory() as folder:
            if records:
                attached[_PARAMETERS_FILE] = parameters = Path(folder) / _PARAMETERS_FILE
                labels = {run.key: run.label for run in plan.runs}
                with parameters.open("w", encoding="utf-8") as file:
                    stored = self._store.runs([run.key for run in plan.runs])
                    _write_parameters(file, stored, labels, problems)
            self._there.attach(run_id, attached)


def _write_parameters(
    file: IO[str],
    records: Iterable[RunRecord],
    labels: Mapping[str, str],
    problems: Mapping[str, ProblemRecord],
) -> None:
    """Write run key → its name and learned parameters, bit for bit, a line each; infinities and NaN as text.

    "problems", behind the runs: what the parameters are called, and the means and deviations of the features.
    One file for all: a folder and a file for each run took 25 times as long (0.12 against 0.005 ms a run), left
    10,000 folders of a large study, and through a server is a request more.
    """
    before, named = "{", dict[str, object]()
    for record in records:
        held: dict[str, object] = {
            "run": labels.get(record.key, record.key),
            "parameters": [as_json(value) for value in record.result.answered],
        }
        problem = problems.get(record.problem)
        wanted = problem is not None and (len(labels) <= _UNDONE or problem.id not in named)
        model = learned(record, problem) if problem and wanted else None
        if model:
            held |= {"problem": record.problem, "original": model.original}
            named[record.problem] = model.naming
        file.write(f"{before}\n  {json.dumps(record.key)}: {json.dumps(held, ensure_ascii=False)}")
        before = ","
    if named:
        file.write(f'{before}\n  "problems": {json.dumps(named, ensure_ascii=False)}')
    file.write("{}\n" if before == "{" else "\n}\n")
