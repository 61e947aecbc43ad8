"""The axes of the grid in their canonical order, and how the values on each are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gdbench.config.grid.choice import Choice
from gdbench.config.grid.components import read_choices
from gdbench.config.grid.convergence import read_convergence
from gdbench.config.yaml.places import ConfigPath, Mistakes
from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.clipping import CLIPPINGS
from gdbench.descent.costs import COSTS
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, nearest
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.registry import Registry
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.surfaces import SURFACES
from gdbench.reference.certified import CERTIFIED

Reader = Callable[[Any, ConfigPath, Mistakes], list[Choice]]


@dataclass(frozen=True)
class Axis:
    """One axis: where its names are registered, and how a value on it is read.

    example: for messages.  default: its value where none is given.
    of_data: the axis belongs to problems with data, so that a surface has no such thing.
    number: the name that a bare number stands for.  extra: names beside those of the registry.
    """

    name: str
    registry: Registry[object]
    example: str
    default: str | None = None
    of_data: bool = False
    reader: Reader | None = None
    number: str = ""
    extra: tuple[str, ...] = ()

    def read(self, value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
        """The choices that one value stands for; what is wrong goes to the mistakes."""
        if self.reader:
            return self.reader(value, path, mistakes)
        return read_choices(self.registry, value, path, mistakes)


def _read_learning_rate(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """A schedule, or a bare number for a constant rate."""
    if isinstance(value, (dict, list)) or (isinstance(value, str) and value in LEARNING_RATES):
        return read_choices(LEARNING_RATES, value, path, mistakes)
    try:
        return [
            Choice("constant", tuple(LEARNING_RATES["constant"].resolve({"rate": value}).items()), path=path)
        ]
    except BadParameter:
        names = f"{nearest(value, LEARNING_RATES.names)} " if isinstance(value, str) else ""
        expected = "a number above 0, such as 0.1, or the name of a schedule"
        mistakes.add(
            path,
            f"a learning rate must be {expected}, not {show(value)}. {names}(gdbench list learning_rates)",
        )
        return []


def _read_model(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """A model, or `certified`: whichever model a data set's best fit is certified for."""
    if value == CERTIFIED:
        return [Choice(CERTIFIED, path=path)]
    return read_choices(MODELS, value, path, mistakes)


def _read_batch_size(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """`full`, or a bare number of rows."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return read_choices(BATCH_SIZES, {"rows": value} if is_number else value, path, mistakes)


AXES = (
    Axis("surface", SURFACES, "rosenbrock"),
    Axis("model", MODELS, "linear", of_data=True, reader=_read_model, extra=(CERTIFIED,)),
    Axis("cost", COSTS, "mse", of_data=True),
    Axis("penalty", PENALTIES, "{l2: 0.1}", "none", of_data=True),
    Axis("gradient", GRADIENTS, "[analytic, central]", "analytic"),
    Axis("optimizer", OPTIMIZERS, "gradient_descent", "gradient_descent"),
    Axis("learning_rate", LEARNING_RATES, "[0.01, 0.1]", reader=_read_learning_rate, number="constant"),
    Axis("initialization", INITIALIZERS, "[zeros, {normal: {std: 1.0}}]", "zeros"),
    Axis("batch_size", BATCH_SIZES, "[full, 32]", "full", of_data=True, reader=_read_batch_size, number="rows"),
    Axis("clipping", CLIPPINGS, "{norm: 1.0}", "none"),
    Axis(
        "convergence",
        STOPPING_RULES,
        "{any: [{cost_change: 1e-9}, {max_iterations: 5000}]}",
        reader=read_convergence,
        extra=("any", "all"),
    ),
    Axis("kernel", KERNELS, "compiled", "compiled", of_data=True),
)
AXES_BY_NAME: Mapping[str, Axis] = {axis.name: axis for axis in AXES}
