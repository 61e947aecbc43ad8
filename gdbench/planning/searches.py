"""A rate that is to be searched for, as a stage of a plan: where it begins, and the run that probes a rate."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.config.grid.choice import Choice, Choices
from gdbench.config.grid.searches import FASTEST, MOST, SEARCH, SEARCHES, TOLERANCE
from gdbench.config.wording import run_label
from gdbench.descent.registry import Spec
from gdbench.planning.runs import Run, Stage
from gdbench.planning.specs import digest_of, key_of
from gdbench.reference.problem import Problem
from gdbench.reference.problem_records import usual_curvature

#: The axis on which a rate is searched for, and the kind of such a stage.
AXIS, KIND = "learning_rate", SEARCH

#: Significant digits of a rate that is probed: two searches that come by the same rate share its run.
_DIGITS = 6


def rounded(rate: float) -> float:
    """A rate as it is probed."""
    return float(f"{rate:.{_DIGITS}g}")


def is_searched(choices: Choices) -> bool:
    """Whether a combination leaves its rate to be found."""
    return choices[AXIS].name in SEARCHES


def at_some_rate(choices: Choices) -> Choices:
    """The same combination with a rate in its place, for all that is asked of a combination before."""
    return {**choices, AXIS: Choice("constant", (("rate", 1.0),), path=choices[AXIS].path)}


def search_stage(
    asked: Choice, specs: Sequence[Spec], problem: Problem, varying: Sequence[str], targets: Sequence[str]
) -> Stage:
    """The stage that finds a rate.  specs: one for each repeat, at some rate."""
    spec = {**specs[0], AXIS: asked.to_plain()}
    given = asked.parameters
    what = given["what"]
    return {
        "kind": KIND,
        "id": digest_of([KIND, key_of(spec), len(specs)]),
        "what": what,
        "start": _start(given, specs[0], problem),
        "tolerance": given.get("tolerance") or TOLERANCE[what],
        "from": given.get("from"),
        "to": given.get("to"),
        "most": given.get("most", MOST),
        "target": min(targets, key=float, default=None),
        "problem": problem.id,
        "label": run_label(spec, [axis for axis in varying if axis != AXIS]) if len(varying) > 1 else "",
        "varying": list(varying),
        "spec": spec,
        "repeats": len(specs),
    }


def _start(given: Spec, spec: Spec, problem: Problem) -> float:
    """The first rate: what is given, else 1/L, L being known or measured at the start; else 1."""
    said = given.get("to") if given["what"] == FASTEST else given.get("from")
    if said:
        return rounded(said)
    bend = usual_curvature(problem, spec)
    start = 1.0 / bend if bend else 1.0
    return rounded(min(max(start, given.get("from") or 0.0), given.get("to") or start))


def probes(stage: Stage, rate: float) -> list[Run]:
    """The runs of a stage at one rate, one for each repeat."""
    specs = (
        {**stage["spec"], AXIS: {"constant": {"rate": rate}}, "replicate": number}
        for number in range(stage["repeats"])
    )
    return [
        Run(key_of(spec), spec, stage["problem"], run_label(spec, stage["varying"]), stage["id"])
        for spec in specs
    ]
