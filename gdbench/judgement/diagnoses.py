"""The diagnosis of each run of a study, and what theory expected of it, from its records alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from gdbench.config.wording import label
from gdbench.descent.diagnosis import Case, Cause, diagnose
from gdbench.descent.diagnosis.cause import in_order
from gdbench.descent.diagnosis.way import READ, Way
from gdbench.descent.errors import GdbenchError
from gdbench.descent.problems.shape import ParameterName
from gdbench.descent.theory.forecast import Forecast, forecast
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.worst_case.bounds import Bound, slope_at_most, worst_cases
from gdbench.judgement.measured_rate import measured_of
from gdbench.judgement.sentences import sentence
from gdbench.judgement.settings import by_choices
from gdbench.judgement.siblings import causes_among, families, track
from gdbench.judgement.trials import Findings, judged, tried_of
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

if TYPE_CHECKING:
    from gdbench.judgement.study import Study

#: The target that is meant where none is declared.
DEFAULT_TARGET = "1e-06"
#: Of more runs than these a report keeps what their diagnoses come to, 3 kB a run less.
KEPT = 20_000


class Diagnosis(NamedTuple):
    """Why a run ended as it did: every cause that applies, the largest gain first.

    One-line voices tell the first.
    """

    causes: tuple[Cause, ...]

    @property
    def first(self) -> Cause:
        return self.causes[0]

    @property
    def verdict(self) -> str:
        """The first cause's code, which has a page in docs/verdicts."""
        return self.first.code

    @property
    def grade(self) -> str:
        return self.first.grade

    @property
    def evidence(self) -> Mapping[str, object]:
        return self.first.evidence

    @property
    def sentence(self) -> str:
        return sentence(self.first)

    @property
    def text(self) -> str:
        """All causes in sentences, in their order."""
        first, *others = map(sentence, self.causes)
        return " ".join([first, *(f"Also: {other}" for other in others)])

    def cause(self, *codes: str) -> Cause | None:
        """The first of the causes with one of these codes."""
        return next((cause for cause in self.causes if cause.code in codes), None)

    def to_plain(self) -> list[dict[str, object]]:
        """JSON-plain: each cause with its sentence."""
        return [{**cause.to_plain(), "sentence": sentence(cause)} for cause in self.causes]


def diagnosis_of(
    run: RunRecord, problem: ProblemRecord, tried: Findings | None = None, lower: float | None = None
) -> Diagnosis:
    """Why a run, recorded with its curve, ended as it did. tried: what trials found of its remedies.

    lower: the lowest cost at which a run of the problem ended.
    """
    return Diagnosis(judged(_causes(run, problem, lower), tried or {}))


def _causes(run: RunRecord, problem: ProblemRecord, lower: float | None) -> tuple[Cause, ...]:
    """What is the matter."""
    return _with_names(diagnose(case_of(run, problem, lower)), run, problem)


def _with_names(found: tuple[Cause, ...], run: RunRecord, problem: ProblemRecord) -> tuple[Cause, ...]:
    """Of a wrong gradient with the name of the parameter in which it is."""
    if not any(cause.code == "wrong_gradient" for cause in found):
        return found
    try:
        names = problem.names(run.spec, problem.parameters)[1]
    except GdbenchError:
        return found
    return tuple(_with_name(cause, names) if cause.code == "wrong_gradient" else cause for cause in found)


def _with_name(cause: Cause, names: Sequence[ParameterName]) -> Cause:
    place = cause.evidence.get("worst_parameter")
    if not isinstance(place, int) or place >= len(names):
        return cause
    return cause._replace(evidence={**cause.evidence, "name": names[place].text})


def diagnoses(about: Study, store: Store) -> Mapping[str, Diagnosis]:
    """Key → diagnosis of every finished run, in the plan's order; made once, some milliseconds each."""
    if not about.diagnosed:
        found = dict(_each(about, store))
        about.diagnosed.update((run.key, found[run.key]) for run in about.runs)
    return about.diagnosed


def _each(about: Study, store: Store) -> Iterator[tuple[str, Diagnosis]]:
    """Key → diagnosis, family by family: what rests on the start is then worked out once."""
    tried = findings(about, store)
    way_of = by_choices(READ, lambda run: _way(run, about.problems[run.problem]))
    homes = families(about.runs)
    known = {run.key: (number, run.spec) for number, members in enumerate(homes) for run in members}
    # their specs as they are in memory already, where equal parts are the same
    read = (replace(run, spec=known[run.key][1]) for run in store.runs(known))
    for _, members in groupby(read, key=lambda run: known[run.key][0]):
        for key, causes in _causes_of(about, members, way_of).items():
            yield key, Diagnosis(judged(causes, tried.get(key, {})))


def _causes_of(
    about: Study, members: Iterable[RunRecord], way_of: Callable[[RunRecord], Way]
) -> Mapping[str, tuple[Cause, ...]]:
    """Of one family, with what its runs show of one another."""
    found, tracks, firsts = {}, {}, about.firsts
    for run in members:
        problem = about.problems[run.problem]
        case = case_of(run, problem, about.lowest.get(run.problem), way_of(run))
        found[run.key] = _with_names(diagnose(case), run, problem)
        if "forecast" in vars(case):  # it was needed, and is the same
            about.apart[run.key] = apart(run, case.forecast)
            if run.key in firsts:
                about.foreseen[run.key] = case.forecast
        seen = track(run, found[run.key])
        if seen is not None:
            tracks[run.key] = seen
    for key, causes in causes_among(found, tracks):
        found[key] = in_order(causes)
    return found


class Verdicts(NamedTuple):
    """What the diagnoses of a study come to.

    of: key → verdict and grade of each finished run.  examples: key → diagnosis, of the first run of each
    setting with these at least.
    """

    of: Mapping[str, tuple[str, str]]
    examples: Mapping[str, Diagnosis]


def verdicts(about: Study, store: Store) -> Verdicts:
    """The same for who tells of settings; of very many runs only the examples are kept whole."""
    if not about.verdicts:
        about.verdicts.append(_verdicts(about, store))
    return about.verdicts[0]


def _verdicts(about: Study, store: Store) -> Verdicts:
    if about.diagnosed or len(about.runs) <= KEPT:
        whole = diagnoses(about, store)
        return Verdicts({key: (found.verdict, found.grade) for key, found in whole.items()}, whole)
    places = {run.key: place for place, run in enumerate(about.runs)}
    homes = {run.key: number for number, setting in enumerate(about.settings) for run in setting.runs}
    of: dict[str, tuple[str, str]] = {}
    first: dict[tuple[int, str, str], tuple[int, Diagnosis]] = {}
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for key, found in _each(about, store):
        said = found.verdict, found.grade
        of[key] = pairs.setdefault(said, said)
        known = first.get((homes[key], *said))
        if known is None or places[key] < known[0]:
            first[homes[key], *said] = places[key], found
    of = {run.key: of[run.key] for run in about.runs}  # of equally many verdicts the plan's first is told first
    return Verdicts(of, {about.runs[place].key: found for place, found in first.values()})


def findings(about: Study, store: Store) -> Mapping[str, Findings]:
    """Key of each run → what trials found of its setting's remedies."""
    trials = store.trials()
    runs = {run.key: run for run in store.runs(dict.fromkeys(trial.of for trial in trials))}
    return tried_of(about.settings, trials, runs)


def causes_plain(about: Study, store: Store) -> list[dict[str, object]]:
    """JSON-plain: every cause of every finished run, in the plan's order."""
    found = diagnoses(about, store)
    return [
        {
            "run": run.key,
            "problem": about.problems[run.problem].label,
            "axes": {axis: label(run.spec[axis]) for axis in about.plan.varying if axis in run.spec},
            "replicate": run.spec.get("replicate"),
            "causes": found[run.key].to_plain(),
        }
        for run in about.runs
    ]


def case_of(run: RunRecord, problem: ProblemRecord, lower: float | None = None, way: Way | None = None) -> Case:
    """What a diagnosis looks at. lower: the lowest cost at which a run of the problem ended."""
    case = Case(
        run.spec,
        run.result,
        known_of(run, problem),
        problem.optimum.kind,
        problem.optimum.cost,
        problem.baseline,
        lower=lower,
        shared=way,
    )
    measured = measured_of(case, problem)
    return replace(case, measured=measured) if measured else case


def _way(run: RunRecord, problem: ProblemRecord) -> Way:
    return Way(run.spec, problem.smoothness, problem.convexity)


def known_of(run: RunRecord, problem: ProblemRecord) -> Known:
    """What is known around a run: its problem's card and optimum, and where it began."""
    best, first = problem.optimum.cost, run.result.initial_cost
    return Known(
        card=problem.theory,
        smoothness=problem.smoothness,
        convexity=problem.convexity,
        start=run.result.evidence.get("start", ()),
        minimiser=problem.optimum.parameters if best is not None else (),
        gap=None if best is None or first is None else first - best,
        gaps=problem.constants.thresholds(run.spec.get("targets") or [DEFAULT_TARGET]),
    )


def forecast_of(run: RunRecord, problem: ProblemRecord) -> Forecast | None:
    """What theory expects of a run; None where no theorem speaks of it."""
    if "learning_rate" not in run.spec or "optimizer" not in run.spec:
        return None
    return forecast(run.spec, known_of(run, problem), most=2 * run.result.iterations + 1000)


def apart(run: RunRecord, foreseen: Forecast | None) -> tuple[int, ...]:
    """How far each count of iterations is from the one that is predicted exactly, of targets that are met."""
    if foreseen is None or foreseen.kind != "exact":
        return ()
    met = run.result.iterations_to
    pairs = ((k, met.get(target)) for target, k in foreseen.iterations.items())
    return tuple(abs(k - m) for k, m in pairs if k is not None and m is not None)


def worst_cases_of(run: RunRecord, problem: ProblemRecord) -> Sequence[Bound]:
    """How slow the run's method can be at worst from such a start; empty where no theorem says."""
    if "learning_rate" not in run.spec or "optimizer" not in run.spec:
        return ()
    return worst_cases(run.spec, known_of(run, problem))


def slope_at_most_of(run: RunRecord, problem: ProblemRecord) -> float | None:
    """What ‖∇f‖ was at most somewhere on the run's way, by how far it fell; None where no theorem says."""
    first, last = run.result.initial_cost, run.result.final_cost
    if "learning_rate" not in run.spec or "optimizer" not in run.spec or first is None or last is None:
        return None
    return slope_at_most(run.spec, known_of(run, problem), run.result.iterations, first - last)
