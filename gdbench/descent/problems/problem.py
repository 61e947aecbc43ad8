"""A spec's problem, ready to be minimised: its objective, its shape, and what is known around it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple, cast

from gdbench.descent.functions import Scalar
from gdbench.descent.kernels.compiler import Compiled, compile_surface
from gdbench.descent.kernels.definition import NO_PENALTY, Definition, define, prepare, with_given_slope
from gdbench.descent.kernels.kernel import KERNELS, along_any
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import CostAndGradient, NumericCost, Objective
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.shape import Shape
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice, Spec, build, find
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.descent.theory.curvature import is_quadratic


class Problem(NamedTuple):
    """The objective, the shape of its parameters, the rows that batches come from, whether it is quadratic."""

    objective: Objective
    shape: Shape
    table: Optional[Table]
    quadratic: bool

    def about(self, start: Vector) -> Problem:
        """The same problem, worked out about the point where a run starts, where its kernel can."""
        about = self.objective.about
        return self._replace(objective=about(start)) if about else self


def build_problem(spec: Spec, table: Optional[Table], constants: ProblemConstants) -> Problem:
    """The problem of a spec: a surface, or a model and a cost on a table."""
    if "surface" in spec:
        return _on_surface(spec, constants)
    assert table is not None
    return _on_table(spec, table, constants)


def _on_table(spec: Spec, table: Table, constants: ProblemConstants) -> Problem:
    prepared, outputs = prepare(spec["cost"], table)
    penalty = spec.get("penalty", NO_PENALTY)
    definition = define(spec["model"], spec["cost"], table.features, penalty, outputs)
    objective = _with_given(build(KERNELS, spec["kernel"], definition, prepared), definition, prepared)
    shape = definition.shape._replace(table=table, starts=constants.starts)
    return Problem(objective, shape, prepared, is_quadratic(spec["model"], spec["cost"], penalty))


def _with_given(objective: Objective, definition: Definition, table: Table) -> Objective:
    """With the gradient that the cost's author wrote down, if one did; it is compiled when it is asked for."""
    if definition.slope is None:
        return objective
    made: List[CostAndGradient] = []

    def given(w: Vector) -> Tuple[float, Vector]:
        if not made:
            made.append(build(KERNELS, {"compiled": {}}, with_given_slope(definition), table).cost_and_gradient)
        return objective.cost(w), made[0](w)[1]

    return objective._replace(given=given)


def _on_surface(spec: Spec, constants: ProblemConstants) -> Problem:
    entry, _ = find(SURFACES, spec["surface"])
    surface, size, functions = _compiled_surface(json.dumps(spec["surface"], sort_keys=True), entry.function)

    def both(w: Vector) -> Tuple[float, Vector]:
        return functions.cost_and_gradient(w, ())

    def cost(w: Vector) -> float:
        return functions.cost(w, ())

    slope = surface_facts(spec["surface"]).gradient

    def given(w: Vector) -> Tuple[float, Vector]:
        assert slope is not None
        return cost(w), [float(g) for g in slope(w)]

    by_hand = None if slope is None else given
    objective = Objective(cost, both, size, 0, complex_cost=surface, along=along_any(both), given=by_hand)
    return Problem(objective, Shape(size, starts=constants.starts), None, is_quadratic_surface(spec["surface"]))


@lru_cache(maxsize=64)
def _compiled_surface(choice: str, made_of: Callable[..., Scalar]) -> Tuple[NumericCost, int, Compiled]:
    """(definition, dimension, compiled functions) of a surface in config form; a large one takes a second.

    made_of: the function behind its name, which a plug-in that is loaded anew may replace.
    """
    entry, parameters = find(SURFACES, json.loads(choice))

    def surface(w: Sequence[Scalar]) -> Scalar:
        return entry.function(w, **parameters)

    size = surface_facts(json.loads(choice)).dimension
    # a formula gives what its parameters are, which its type does not say
    return cast(NumericCost, surface), size, compile_surface(surface, size)


def is_quadratic_surface(choice: Choice) -> bool:
    return surface_facts(choice).quadratic


def curvature_of(objective: Objective) -> Callable[[Vector, Vector], float]:
    """(w, d) → dᵀ∇²f d of a quadratic: φ′(1) − φ′(0) along the ray."""

    def curvature(w: Vector, d: Vector) -> float:
        assert objective.along is not None
        ray = objective.along(w, d)
        return ray(1.0)[1] - ray(0.0)[1]

    return curvature
