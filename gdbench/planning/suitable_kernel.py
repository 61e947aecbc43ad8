"""Which kernel `auto` stands for: centred where what is minimised is a sum of squares, and known to be one."""

from __future__ import annotations

from gdbench.descent.costs import cost_facts
from gdbench.descent.kernels.definition import define
from gdbench.descent.numerics.vectors import dot
from gdbench.descent.penalties import Strengths, strengths
from gdbench.descent.problems.quadratic import affordable
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice
from gdbench.descent.theory.curvature import terms

#: A definition that its claims describe differs from them by rounding alone.
_AGREEMENT = 1e-9
#: Rows that claims are tried on.
_TRIED = 5


def suitable_kernel(model: Choice, cost: Choice, penalty: Choice, table: Table) -> str:
    """`centred` for a squared error of an affine model with penalty none or l2, if soon worked out exactly.

    Else `compiled`. It goes by facts, and tries them: `centred` is made of what a plug-in claims, not its code.
    """
    expand, facts, added = terms(model, cost), cost_facts(cost), strengths(penalty)
    squared = facts.quadratic and facts.curvature is not None and added is not None and not added.l1
    if expand is None or not squared or table.targets != 1:
        return "compiled"
    assert added is not None
    try:
        fits = affordable(expand, table) and _as_claimed((model, cost, penalty), expand, added, table)
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return "compiled"  # its basis is not for every number
    return "centred" if fits else "compiled"


def _as_claimed(choices: tuple[Choice, Choice, Choice], expand: Terms, added: Strengths, table: Table) -> bool:
    """Whether on a few rows, each at a point of its own, it is ½ c (w · row − y)² plus ½ λ ‖w‖²."""
    model, cost, penalty = choices
    definition, curvature = define(model, cost, table.features, penalty), cost_facts(cost).curvature
    for i, row in enumerate(table.rows[:_TRIED]):
        x = expand(row[: table.features])
        w = [0.9 - 0.37 * ((i + j) % _TRIED) for j in range(len(x))]
        if definition.size != len(w):
            return False
        penalised = [w_j for w_j, on in zip(w, expand.penalised(added, len(w)), strict=True) if on]
        error = dot(x, w) - row[-1]
        claimed = 0.5 * (curvature or 0.0) * error * error, 0.5 * added.l2 * dot(penalised, penalised)
        written = definition.cost_of_row(w, row[: table.features], row[-1]), definition.penalty(w)
        size = dot(x, x) + row[-1] * row[-1]
        for a, b, scale in zip(claimed, written, (size, claimed[1]), strict=True):
            if not abs(a - b) <= _AGREEMENT * max(abs(a), scale):
                return False
    return True
