"""Certified optima: where a data set comes with the best fit of the very model that is fitted."""

from __future__ import annotations

from gdbench.config.grid.choice import Choice
from gdbench.data.nist import NIST
from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import BadPairing
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.objective import Objective
from gdbench.descent.registry import Spec
from gdbench.reference.optimum import Optimum

#: What a config calls the model that each data set is certified for.
CERTIFIED = "certified"

#: NIST certifies 11 digits of nonlinear fits; the cost is less sensitive than its parameters.
_AGREEMENT = 1e-8


def certified_model(choice: Choice, dataset: str) -> Choice:
    """The model in place of `certified`; raises BadPairing for data without one. Others stay as they are."""
    if choice.name != CERTIFIED:
        return choice
    if dataset not in NIST:
        raise BadPairing(f"model 'certified' is for NIST's sets, and {dataset} is none of them. Name a model.")
    ((name, parameters),) = NIST[dataset].model.items()
    return Choice(name, tuple(parameters.items()), path=choice.path)


def certified_optimum(dataset: str, spec: Spec, objective: Objective) -> Optimum | None:
    """The certified fit, if this objective has the certified cost there; None if it is another problem.

    Nothing is taken on trust: a formula written another way is recognised, and one that differs is not.
    """
    known, added, facts = NIST.get(dataset), strengths(spec["penalty"]), cost_facts(spec["cost"])
    squared = facts.quadratic and facts.curvature == 2.0
    if known is None or not squared or added is None or added.l1 or added.l2:
        return None
    least = known.residual_sum_of_squares / len(known.y)
    if objective.size != len(known.optimum) or least == 0.0:
        return None
    try:
        cost, gradient = objective.cost_and_gradient(list(known.optimum))
    except (ArithmeticError, ValueError):
        return None
    if not abs(cost - least) <= _AGREEMENT * least:
        return None
    said = f"Certified by NIST (StRD {known.name}, {known.difficulty} difficulty), confirmed on this objective."
    return Optimum("certified", said, least, known.optimum, norm(gradient))
