"""Which remedies are worth a few steps of their own once the runs of a plan are done.

One remedy for each setting and cause, on the setting's median run, from where that ended; together within a
small share of the iterations that the problem's runs took. It follows from the record alone, so that a sweep
that was killed tries the same ones when it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gdbench.descent.diagnosis import Cause, diagnose
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.descent.recording.result import UNDONE
from gdbench.descent.registry import Spec
from gdbench.judgement.diagnoses import case_of
from gdbench.judgement.study import Study, median_run
from gdbench.judgement.trials import goes_on, is_estimate
from gdbench.planning.specs import digest_of
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: Of the iterations of a problem's runs: with what judgement takes, 3 % of an ordinary sweep.
SHARE = 0.02
#: Steps of one trial: fewer say nothing, and more are not needed.
LEAST, MOST = 10, 200
#: Settings of a problem that are looked at, the best first: to judge a run takes a few milliseconds.
LOOKED_AT = 20
#: What of a run's spec a trial has no use for.
_LEFT_OUT = ("watch", "audit", TEST_DIGEST)


class Trial(NamedTuple):
    """A remedy to be tried. of: the key of the run that it goes on from.  spec: of what is to be run.

    standardized: whether on standardized features, of which the spec does not know the content yet.
    """

    key: str
    of: str
    cause: str
    remedy: str
    problem: str
    spec: Spec
    standardized: bool


def worth_trying(about: Study, store: Store) -> list[Trial]:
    """What is tried after a plan whose runs are all done, and was not tried yet."""
    if not about.runs or not about.complete:
        return []
    done = {trial.key for trial in store.trials()}
    found = [trial for problem in about.problems.values() for trial in _on(about, store, problem)]
    return [trial for trial in found if trial.key not in done]


def _on(about: Study, store: Store, problem: ProblemRecord) -> list[Trial]:
    iterations = sum(run.result.iterations for run in about.runs if run.problem == problem.id)
    budget = int(SHARE * iterations)
    chosen: list[tuple[RunRecord, Cause]] = []
    for pair in _estimates(about, store, problem):
        if len(chosen) == budget // LEAST:
            break
        chosen.append(pair)
    steps = min(MOST, budget // max(len(chosen), 1))
    return [_trial(run, cause, steps) for run, cause in chosen]


def _estimates(about: Study, store: Store, problem: ProblemRecord) -> Iterator[tuple[RunRecord, Cause]]:
    """Each remedy of the median runs, the best settings first."""
    settings = sorted(about.of_problem(problem), key=about.places.__getitem__)
    for setting in settings[:LOOKED_AT]:
        key = median_run(setting).key
        for run in store.runs([key]):
            if run.result.outcome not in UNDONE and not _arrived(run, problem, about.tightest):
                causes = diagnose(case_of(run, problem))
                yield from ((run, cause) for cause in causes if is_estimate(cause))


def _arrived(run: RunRecord, problem: ProblemRecord, target: str | None) -> bool:
    """Whether it ended within the tightest target that was declared."""
    gap = problem.relative_gap_of(run.result)
    return target is not None and gap is not None and gap <= float(target)


def _trial(run: RunRecord, cause: Cause, steps: int) -> Trial:
    remedy = cause.remedy
    assert remedy is not None
    standardized = "data.standardize" in remedy.changes
    changed = {axis: choice for axis, choice in remedy.changes.items() if "." not in axis}
    if remedy.code == "falling_rate":
        changed["learning_rate"] = _fallen(changed["learning_rate"], run.result.iterations)
    if goes_on(run, remedy.code):
        changed["initialization"] = {"values": {"given": list(run.result.parameters)}}
    if standardized and "kernel" in run.spec:
        # the others may have been chosen for these very rows
        changed["kernel"] = {"compiled": {}}
    told = {name: value for name, value in run.spec.items() if name not in _LEFT_OUT}
    limit = {"max_iterations": {"limit": steps}}
    spec = {**told, **changed, "convergence": limit, "targets": []}
    key = digest_of([run.key, cause.code, remedy.code, standardized, spec])
    return Trial(key, run.key, cause.code, remedy.code, run.problem, spec, standardized)


def _fallen(schedule: Mapping[str, Mapping[str, float]], iterations: int) -> Mapping[str, Any]:
    """The constant rate that a falling one would have come to at the end of the run."""
    ((_, given),) = schedule.items()
    rate = given["rate"] / (1.0 + given.get("decay", 0.0) * iterations)
    return {"constant": {"rate": rate}}
