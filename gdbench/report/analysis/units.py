"""What a chart of descents counts along its horizontal axis, and when a unit is worth showing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from gdbench.judgement.numerals import listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store

#: Units that differ by less than this from one run to the next show nothing that iterations do not.
_SAME = 1.01


@dataclass(frozen=True)
class Unit:
    """name: of the choice.  title: of the axis.  field: in data, how much of it an iteration takes."""

    name: str
    title: str
    field: str

    def per_iteration(self, setting: Setting) -> float:
        """How much of it an iteration of the setting takes: the median over its runs."""
        return float(median(self._of(run) for run in setting.runs))

    def _of(self, run: RunRecord) -> float:
        result = run.result
        if self.name == "iterations":
            return 1.0
        spent = {
            "gradient evaluations": float(result.gradient_evaluations),
            "evaluations": float(result.cost_evaluations + result.gradient_evaluations),
            "seconds": result.seconds,
        }[self.name]
        return spent / (result.iterations + 1)


ITERATIONS = Unit("iterations", "iteration", "pace")
GRADIENTS = Unit("gradient evaluations", "gradient evaluations", "gradients")
EVALUATIONS = Unit("evaluations", "evaluations of cost and gradient", "evaluations")
SECONDS = Unit("seconds", "seconds in the loop", "seconds")
MEASURED = (GRADIENTS, EVALUATIONS, SECONDS)


def units(study: Study, settings: Sequence[Setting], store: Store) -> tuple[list[Unit], str]:
    """The units in which these settings can be compared, iterations first; and what to know of the others."""
    found = [ITERATIONS]
    # Gradients where there are any: finite differences evaluate the cost alone.
    evaluated = GRADIENTS if all(GRADIENTS.per_iteration(setting) > 0 for setting in settings) else EVALUATIONS
    rates = [evaluated.per_iteration(setting) for setting in settings]
    if min(rates) > 0 and max(rates) > _SAME * min(rates):
        found.append(evaluated)
    why = incomparable(study, store)
    if not why and all(SECONDS.per_iteration(setting) > 0 for setting in settings):
        found.append(SECONDS)
    return found, f"No axis of seconds: {why}." if why else ""


def incomparable(study: Study, store: Store) -> str:
    """Why the seconds of a study's runs cannot be compared; "" if they can."""
    differing = {
        "interpreters": {run.result.interpreter for run in study.runs},
        "machines": {run.result.host for run in study.runs},
        "runners": {run.runner for run in study.runs},
    }
    several = [word for word, found in differing.items() if len(found) > 1]
    if several:
        return f"the runs had different {listing(several)}"
    if any(not session.comparable for session in store.sessions()):
        return "more workers than cores shared the machine"
    return ""
