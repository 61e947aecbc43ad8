"""What a combination would build, worked out from its numbers alone: what is too large is refused in time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import comb

from gdbench.config.grid.choice import Choice, Choices
from gdbench.data.data import Dataset
from gdbench.descent.costs import COSTS, cost_facts
from gdbench.descent.errors import GdbenchError
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.limits import (
    DIMENSIONS,
    EXACT_SECONDS,
    MULTIPLICATIONS,
    NUMBER_BYTES,
    OPERATIONS,
    PARAMETER_BYTES,
    PARAMETERS,
    SLOW_PASS,
    TABLE_NUMBERS,
    as_bytes,
    as_count,
    as_time,
    as_whole,
    too_much,
)
from gdbench.descent.problems.quadratic import effort
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import find
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.descent.theory.curvature import terms
from gdbench.reference.attempt import attempted
from gdbench.reference.optimum import theory_left_out

#: (axis to blame, reason)
Complaint = tuple[str, str]

#: Seconds that CPython takes for a billion multiplications of rows with parameters, about.
_SECONDS_A_BILLION = 50.0
#: Operations of a function and its slopes, for each of the function alone.
_WITH_SLOPES = 2.5

#: Of how many factors products are counted: of more there are too many in any case.
_ENOUGH = 50


def too_large(choices: Choices, dataset: Dataset | None) -> Iterator[Complaint]:
    """What would fill the memory, or take for ever, before a first step; nothing of that size is built here."""
    if dataset is None:
        yield from _surface(choices["surface"])
        return
    yield from _model(choices, dataset.table)
    yield from _classes(choices, dataset)
    yield from _work_before(choices, dataset.table)


def remarks(choices: Choices, dataset: Dataset | None) -> Iterator[str]:
    """What will be done with large numbers although it takes long, or left out because of them."""
    if dataset is None:
        return
    parameters = parameters_of(choices["model"], dataset.table.features, _outputs(choices, dataset))
    multiplications = 2 * len(dataset.table.rows) * parameters
    if multiplications > SLOW_PASS:
        seconds = as_time(_SECONDS_A_BILLION * multiplications / 1e9)
        yield (
            f"{as_whole(parameters)} parameters on {len(dataset.table.rows):,} rows of {dataset.label}: each "
            f"evaluation takes {as_count(multiplications)} multiplications, about {seconds}."
        )
    model, cost, penalty = (choices[axis].to_plain() for axis in ("model", "cost", "penalty"))
    left_out = attempted(lambda: theory_left_out(model, cost, penalty, dataset.table), "")
    if left_out:
        yield f"{dataset.label}: {left_out}"


def _surface(choice: Choice) -> Iterator[Complaint]:
    given = choice.parameters
    dimensions = max(given.get("dimension") or 1, given.get("rows") or 1)
    if dimensions > DIMENSIONS:
        what = f"surface '{choice.name}' of {as_whole(dimensions)} dimensions"
        need = as_bytes(PARAMETER_BYTES * dimensions)
        yield (
            "surface",
            too_much(
                what,
                need,
                f"{DIMENSIONS:,} dimensions",
                "Lower 'dimension' or 'rows'." if "rows" in given else "Lower 'dimension'.",
            ),
        )
        return
    try:
        operations = _WITH_SLOPES * _operations(choice)
    except GdbenchError as error:
        yield "surface", str(error)
        return
    if operations > OPERATIONS:
        what = f"surface '{choice.name}'"
        need = f"{as_count(operations)} operations"
        yield "surface", too_much(what, need, f"{OPERATIONS:,}", "Take fewer dimensions.")


@lru_cache(maxsize=256)
def _operations(choice: Choice) -> int:
    """Of the surface's function without its slopes; raises GdbenchError where there is no end to them."""
    entry, parameters = find(SURFACES, choice.to_plain())
    trace = Trace()
    entry.function(trace.variables("w", surface_facts(choice.to_plain()).dimension), **parameters)
    return len(trace.nodes)


def _model(choices: Choices, table: Table) -> Iterator[Complaint]:
    model, given = choices["model"], choices["model"].parameters
    parameters = parameters_of(model, table.features)
    widest = "degree" if "degree" in given else "hidden" if "hidden" in given else ""
    remedy = {
        "degree": "Lower 'degree', or choose fewer columns with 'features:'.",
        "hidden": "Take fewer or narrower layers.",
        "": "Choose fewer columns with 'features:'.",
    }[widest]
    if parameters > PARAMETERS:
        what, need = (
            f"model '{model.name}' with {as_whole(parameters)} parameters",
            as_bytes(PARAMETER_BYTES * parameters),
        )
        yield "model", too_much(what, need, f"{PARAMETERS:,} parameters", remedy)
    derived = len(table.rows) * derived_columns(model, table.features)
    if derived > TABLE_NUMBERS:
        what, need = f"model '{model.name}' on {len(table.rows):,} rows", as_bytes(NUMBER_BYTES * derived)
        yield "model", too_much(what, need, f"{TABLE_NUMBERS:,} numbers", remedy)


def parameters_of(model: Choice, features: int, outputs: int = 1) -> int:
    """About how many there are, of models that say their widths; of others, as of a linear one."""
    given = model.parameters
    widths = [derived_columns(model, features), *given.get("hidden", ()), outputs]
    return sum((inner + 1) * outer for inner, outer in pairwise(widths))


def derived_columns(model: Choice, features: int) -> int:
    """How many numbers the score is affine in, at least: powers of each feature, and their products."""
    degree: int = model.parameters.get("degree", 1)
    if not model.parameters.get("interactions"):
        return features * degree
    # of C(features + degree, degree) no more than is surely too much
    return max(features * degree, comb(features + degree, min(features, degree, _ENOUGH)) - 1)


def _outputs(choices: Choices, dataset: Dataset) -> int:
    over_classes = COSTS[choices["cost"].name].facts.get("targets") == "classes"
    return len(dataset.target_values) if over_classes else 1


def _classes(choices: Choices, dataset: Dataset) -> Iterator[Complaint]:
    """Each class is a column of its own, and a row of parameters."""
    outputs, rows = _outputs(choices, dataset), len(dataset.table.rows)
    if outputs == 1:
        return
    cost, remedy = choices["cost"].name, "Keep two of them with 'classes:', or choose another cost or target."
    parameters = parameters_of(choices["model"], dataset.table.features, outputs)
    what = f"cost '{cost}' over {outputs:,} classes"
    if outputs * (rows + outputs) > TABLE_NUMBERS:
        need = as_bytes(NUMBER_BYTES * outputs * (rows + outputs))
        yield "cost", too_much(what, need, f"{TABLE_NUMBERS:,} numbers", remedy)
    elif parameters > PARAMETERS:
        need = as_bytes(PARAMETER_BYTES * parameters)
        yield (
            "cost",
            too_much(f"{what}, {as_whole(parameters)} parameters,", need, f"{PARAMETERS:,} parameters", remedy),
        )


def _work_before(choices: Choices, table: Table) -> Iterator[Complaint]:
    """What a kernel or a start works out before the first step."""
    rows, kernel, start = len(table.rows), choices["kernel"], choices["initialization"]
    columns = derived_columns(choices["model"], table.features) + 1
    if kernel.name == "qr" and rows * columns * columns > MULTIPLICATIONS:
        yield "kernel", _multiplied(f"kernel 'qr' on {columns:,} columns", rows * columns * columns)
    if KERNELS[kernel.name].facts.get("gap"):
        yield from _exactly(choices, table)
    if start.parameters.get("least_squares") and rows * columns * columns > MULTIPLICATIONS:
        what = f"initialization '{start.name}' by least squares"
        yield "initialization", _multiplied(what, rows * columns * columns)


def _multiplied(what: str, count: float) -> str:
    remedy = "Choose another, or fewer columns with 'features:'."
    return too_much(what, f"{as_count(count)} multiplications", as_count(MULTIPLICATIONS), remedy)


def _exactly(choices: Choices, table: Table) -> Iterator[Complaint]:
    """A kernel that is worked out in whole numbers."""
    model, cost = choices["model"].to_plain(), choices["cost"].to_plain()
    expand, facts = terms(model, cost), cost_facts(cost)
    if expand is None or not facts.quadratic:
        return  # that is refused with a reason of its own
    seconds = attempted(lambda: effort(expand, table, 1e9 * EXACT_SECONDS), 0.0) / 1e9
    if seconds > EXACT_SECONDS:
        name, remedy = choices["kernel"].name, "Choose kernel compiled, or fewer columns with 'features:'."
        what = f"kernel '{name}' on this table, in whole numbers,"
        yield "kernel", too_much(what, as_time(seconds), as_time(EXACT_SECONDS), remedy)
