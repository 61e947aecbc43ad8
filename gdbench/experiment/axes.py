"""The axes of the grid in their canonical order, and how the values on each are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gdbench.descent.costs import COSTS
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, nearest
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.experiment.choice import Choice
from gdbench.experiment.components import MOST_VALUES, read_choices
from gdbench.experiment.convergence import read_convergence
from gdbench.experiment.places import ConfigPath, Findings, each

Reader = Callable[[Any, ConfigPath, Findings], list[Choice]]


@dataclass(frozen=True)
class Axis:
    """One axis: how a value on it is read, an example for messages, and its value where none is given."""

    name: str
    read: Reader
    example: str
    default: str | None = None


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


AXES = (
    Axis("model", partial(read_choices, MODELS), "linear"),
    Axis("cost", partial(read_choices, COSTS), "mse"),
    Axis("gradient", partial(read_choices, GRADIENTS), "[analytic, central]", "analytic"),
    Axis("optimizer", partial(read_choices, OPTIMIZERS), "gradient_descent", "gradient_descent"),
    Axis("learning_rate", _read_learning_rate, "[0.01, 0.1]"),
    Axis("initialization", partial(read_choices, INITIALIZERS), "[zeros, {normal: {std: 1.0}}]", "zeros"),
    Axis("convergence", read_convergence, "{any: [{cost_change: 1e-9}, {max_iterations: 5000}]}"),
    Axis("kernel", partial(read_choices, KERNELS), "compiled", "compiled"),
)


def read_grid(grid: Mapping[str, Any], findings: Findings) -> dict[str, tuple[Choice, ...]]:
    """Axis → its choices in the order of the config, without repetition, the axes in canonical order."""
    return {
        axis.name: _read_axis(axis, grid.get(axis.name, axis.default), findings)
        for axis in AXES
        if axis.name in grid or axis.default
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
