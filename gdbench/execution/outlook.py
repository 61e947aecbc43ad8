"""What a plan will take, before it is run and while it runs: evaluations at most, and seconds as measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from gdbench.descent.kernels.definition import define, prepare
from gdbench.descent.recording.result import OUTCOMES
from gdbench.descent.registry import Spec
from gdbench.descent.stopping.limits import most_iterations
from gdbench.descent.surfaces import surface_facts
from gdbench.judgement.outcome import outcomes_of
from gdbench.planning.plan import Plan, Run
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from gdbench.reference.problem import Problem

#: Cost evaluations in each gradient: so many for each parameter, and so many more; a fused gradient is one.
_EVALUATIONS = {"analytic": (0, 1), "forward": (1, 1), "central": (2, 1), "complex_step": (1, 1)}

#: What two runs must share for the seconds of an iteration to be comparable, beside their problem.
_PACE = ("gradient", "optimizer", "batch_size", "kernel")


@dataclass(frozen=True)
class Prospect:
    """One run: the outcome that it has, if any, and what it may take.

    iterations: at most, None where only a clock bounds it.  evaluations: of the cost, with or without its
    gradient, at most; a line search, which needs some more for each step, is not counted.
    seconds: at most, from the pace of runs like it; None where none was measured.
    """

    run: Run
    outcome: str
    iterations: int | None
    evaluations: int | None
    seconds: float | None

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, without the spec."""
        return {
            "key": self.run.key,
            "label": self.run.label,
            "outcome": self.outcome or None,
            "iterations_at_most": self.iterations,
            "evaluations_at_most": self.evaluations,
            "seconds_at_most": self.seconds,
        }

    @property
    def done(self) -> bool:
        """Whether it will not be run again; a crash says nothing of the run."""
        return bool(self.outcome) and not OUTCOMES[self.outcome].tried_again


@dataclass(frozen=True)
class Outlook:
    """A plan before it is run. measured: runs whose seconds it rests on."""

    prospects: tuple[Prospect, ...]
    measured: int

    @property
    def left(self) -> list[Prospect]:
        return [prospect for prospect in self.prospects if not prospect.done]

    @property
    def iterations(self) -> int | None:
        """Of what is left, at most."""
        return _total([prospect.iterations for prospect in self.left])

    @property
    def evaluations(self) -> int | None:
        """Of what is left, at most."""
        return _total([prospect.evaluations for prospect in self.left])

    @property
    def seconds(self) -> float | None:
        """Of what is left whose pace is known, at most, one run after another."""
        known = [prospect.seconds for prospect in self.left if prospect.seconds is not None]
        return sum(known) if known else None

    @property
    def timed(self) -> int:
        """Runs that `seconds` counts."""
        return sum(prospect.seconds is not None for prospect in self.left)


def outlook(plan: Plan, folder: Path) -> Outlook:
    """Look at a plan, and at the experiment's folder, where there is one already; nothing is written."""
    outcomes: Mapping[str, str] = {}
    paces: Mapping[str, float] = {}
    measured = 0
    if (folder / STORE_NAME).exists():
        with Store.read(folder) as store:
            outcomes = outcomes_of(store, [run.key for run in plan.runs])
            paces, measured = _paces(store)
    sizes = {id_: parameter_count(problem) for id_, problem in plan.problems.items()}
    prospects = (
        prospect(run, outcomes.get(run.key, ""), sizes[run.problem], paces.get(like(run.problem, run.spec)))
        for run in plan.runs
    )
    return Outlook(tuple(prospects), measured)


def prospect(run: Run, outcome: str, parameters: int, pace: float | None) -> Prospect:
    iterations = most_iterations(run.spec["convergence"])
    ((gradient, _),) = run.spec["gradient"].items()
    evaluations = None
    if iterations is not None and gradient in _EVALUATIONS:
        for_each, more = _EVALUATIONS[gradient]
        # one more than iterations: the start is looked at as well
        evaluations = (iterations + 1) * (for_each * parameters + more)
    seconds = None if iterations is None or pace is None else iterations * pace
    return Prospect(run, outcome, iterations, evaluations, seconds)


def parameter_count(problem: Problem) -> int:
    definition = problem.definition
    if problem.dataset is None:
        return surface_facts(definition["surface"]).dimension
    _, outputs = prepare(definition["cost"], problem.dataset.table)
    features = problem.dataset.table.features
    return define(definition["model"], definition["cost"], features, definition["penalty"], outputs).shape.size


def _paces(store: Store) -> tuple[Mapping[str, float], int]:
    """What runs are alike → seconds of an iteration, the median of those recorded; and how many there are."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for record in store.runs(curves=False):
        if record.result.iterations and record.result.seconds > 0.0:
            found[like(record.problem, record.spec)].append(record.result.seconds / record.result.iterations)
    return {alike: median(paces) for alike, paces in found.items()}, sum(map(len, found.values()))


def like(problem: str, spec: Spec) -> str:
    return f"{problem} {[spec.get(axis) for axis in _PACE]}"


def _total(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


#: What a run costs besides its iterations, in iterations.
_OVERHEAD = 100


class Pace:
    """Learns from each finished run what an iteration of its problem costs.

    An iteration is one that a run was allowed, whether or not it needed it: runs that end early make the
    others look shorter as well. began: monotonic seconds.
    """

    def __init__(self, runs: Sequence[Run], began: float) -> None:
        self._began, self._done = began, 0
        self._left: Counter[str] = Counter()
        self.more(runs)
        self._learned: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}

    def more(self, runs: Sequence[Run]) -> None:
        """These are to be done as well."""
        for run in runs:
            self._left[run.problem] += _weight(run)

    def learn(self, run: Run, seconds: float) -> None:
        """A run has ended and took so many seconds of a worker."""
        self._done += 1
        self._left[run.problem] -= _weight(run)
        self._learned[run.problem] += _weight(run)
        self._seconds[run.problem] = self._seconds.get(run.problem, 0.0) + max(0.0, seconds)

    def runs_per_second(self, now: float) -> float:
        return self._done / max(now - self._began, 1e-9)

    def seconds_left(self, now: float) -> float | None:
        """None before the first run has ended.  now: monotonic seconds.

        Workers are as busy as they were: `elapsed` seconds of the clock had `worked` seconds of work in them.
        """
        worked, weighed = _sum(self._seconds), self._learned.total()
        if not worked or not weighed:
            return None
        usual = worked / weighed
        work = _sum(
            {
                problem: left
                * (self._seconds[problem] / self._learned[problem] if problem in self._seconds else usual)
                for problem, left in self._left.items()
            }
        )
        return work * (now - self._began) / worked


def _weight(run: Run) -> int:
    return _OVERHEAD + (most_iterations(run.spec["convergence"]) or 0)


def _sum(seconds: Mapping[str, float]) -> float:
    return sum(seconds.values())
