"""The axes of the grid in their canonical order, and how the values on each are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.clipping import CLIPPINGS
from gdbench.descent.costs import COSTS
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, nearest
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.surfaces import SURFACES
from gdbench.experiment.certified import CERTIFIED
from gdbench.experiment.choice import Choice
from gdbench.experiment.components import MOST_VALUES, read_choices
from gdbench.experiment.convergence import read_convergence
from gdbench.experiment.places import ConfigPath, Findings, each

Reader = Callable[[Any, ConfigPath, Findings], list[Choice]]


@dataclass(frozen=True)
class Axis:
    """One axis: how a value on it is read, an example for messages, and its value where none is given.

    of_data: the axis belongs to problems with data, so that a surface has no such thing.
    """

    name: str
    read: Reader
    example: str
    default: str | None = None
    of_data: bool = False


def _read_learning_rate(value: Any, path: ConfigPath, findings: Findings) -> list[Choice]:
    """A schedule, or a bare number for a constant rate."""
    if isinstance(value, (dict, list)) or (isinstance(value, str) and value in LEARNING_RATES):
        return read_choices(LEARNING_RATES, value, path, findings)
    try:
        return [
            Choice("constant", tuple(LEARNING_RATES["constant"].resolve({"rate": value}).items()), path=path)
        ]
    except BadParameter:
        names = nearest(value if isinstance(value, str) else "", LEARNING_RATES.names)
        expected = "a number above 0, such as 0.1, or the name of a schedule"
        findings.add(
            path,
            f"a learning rate must be {expected}, not {show(value)}. {names} (gdbench list learning_rates)",
        )
        return []


def _read_model(value: Any, path: ConfigPath, findings: Findings) -> list[Choice]:
    """A model, or `certified`: whichever model a data set's best fit is certified for."""
    if value == CERTIFIED:
        return [Choice(CERTIFIED, path=path)]
    return read_choices(MODELS, value, path, findings)


def _read_batch_size(value: Any, path: ConfigPath, findings: Findings) -> list[Choice]:
    """`full`, or a bare number of rows."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return read_choices(BATCH_SIZES, {"rows": value} if is_number else value, path, findings)


AXES = (
    Axis("surface", partial(read_choices, SURFACES), "rosenbrock"),
    Axis("model", _read_model, "linear", of_data=True),
    Axis("cost", partial(read_choices, COSTS), "mse", of_data=True),
    Axis("penalty", partial(read_choices, PENALTIES), "{l2: 0.1}", "none", of_data=True),
    Axis("gradient", partial(read_choices, GRADIENTS), "[analytic, central]", "analytic"),
    Axis("optimizer", partial(read_choices, OPTIMIZERS), "gradient_descent", "gradient_descent"),
    Axis("learning_rate", _read_learning_rate, "[0.01, 0.1]"),
    Axis("initialization", partial(read_choices, INITIALIZERS), "[zeros, {normal: {std: 1.0}}]", "zeros"),
    Axis("batch_size", _read_batch_size, "[full, 32]", "full", of_data=True),
    Axis("clipping", partial(read_choices, CLIPPINGS), "{norm: 1.0}", "none"),
    Axis("convergence", read_convergence, "{any: [{cost_change: 1e-9}, {max_iterations: 5000}]}"),
    Axis("kernel", partial(read_choices, KERNELS), "compiled", "compiled", of_data=True),
)


def read_grid(grid: Mapping[str, Any], findings: Findings) -> dict[str, tuple[Choice, ...]]:
    """Axis → its choices in the order of the config, without repetition, the axes in canonical order."""
    on_surface = "surface" in grid
    for axis in AXES:
        if on_surface and axis.of_data and axis.name in grid:
            message = f"a surface has no {axis.name}: it is minimised as it is. Remove '{axis.name}:'."
            findings.add(("grid", axis.name), message, at_key=True)
    return {
        axis.name: _read_axis(axis, grid.get(axis.name, axis.default), findings)
        for axis in AXES
        if (axis.name in grid or axis.default) and not (on_surface and axis.of_data)
    }


def _read_axis(axis: Axis, value: Any, findings: Findings) -> tuple[Choice, ...]:
    path: ConfigPath = ("grid", axis.name)
    if value is None or value == []:
        findings.add(
            path, f"axis '{axis.name}' needs at least one value, for example {axis.name}: {axis.example}."
        )
        return ()
    read = [axis.read(item, at, findings) for item, at in each(value, path)]
    count = sum(map(len, read))
    if count > MOST_VALUES:
        findings.add(path, f"axis '{axis.name}' has {count:,} values; it may have {MOST_VALUES:,} at most.")
    return tuple(dict.fromkeys(choice for choices in read for choice in choices))
