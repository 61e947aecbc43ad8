"""The axes of the grid in their canonical order, and how the values on each are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gdbench.config.grid.choice import Choice
from gdbench.config.grid.components import combine, named, read_choices
from gdbench.config.grid.ranges import is_number
from gdbench.config.grid.searches import SEARCHES
from gdbench.config.grid.spans import Span
from gdbench.config.yaml.places import ConfigPath, Mistakes
from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, nearest
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers.beside import DECAYS
from gdbench.descent.registry import Registry
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.plugins.choices import BY_AXIS
from gdbench.reference.certified import CERTIFIED

#: What a config calls the kernel that suits each problem.
AUTO = "auto"

Reader = Callable[[object, ConfigPath, Mistakes], list[Choice]]


@dataclass(frozen=True)
class Axis:
    """One axis, and how a value on it is read.

    example: for messages.  default: its value where none is given.
    of_data: the axis belongs to problems with data, so that a surface has no such thing.
    number: the name that a bare number stands for.  extra: names beside those of the registry.
    searches: what may stand in place of a value, to be found by what comes out.
    unsaid: a grid that does not name it has no such axis, and a run's key says nothing of its default.
    """

    name: str
    example: str
    default: str | None = None
    of_data: bool = False
    reader: Reader | None = None
    number: str = ""
    extra: tuple[str, ...] = ()
    searches: Registry[str] | None = None
    unsaid: bool = False

    @property
    def registry(self) -> Registry[object]:
        """Where its names are registered."""
        return BY_AXIS[self.name]

    def read(self, value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
        """The choices that one value stands for; what is wrong goes to the mistakes."""
        if self.reader:
            return self.reader(value, path, mistakes)
        return read_choices(self.registry, value, path, mistakes)


def _read_learning_rate(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """A schedule, a bare number for a constant rate, or `find`, one that is to be searched for."""
    given = named(value, path)
    if given is not None and given.name in SEARCHES:
        return read_choices(SEARCHES, value, path, mistakes)
    if isinstance(value, (dict, list)) or (isinstance(value, str) and value in LEARNING_RATES):
        return read_choices(LEARNING_RATES, value, path, mistakes)
    if isinstance(value, Span):
        return read_choices(LEARNING_RATES, {"constant": value}, path, mistakes)
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


def _read_model(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """A model, or `certified`: whichever model a data set's best fit is certified for."""
    if value == CERTIFIED:
        return [Choice(CERTIFIED, path=path)]
    return read_choices(MODELS, value, path, mistakes)


def _read_batch_size(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """`full`, or a bare number of rows."""
    return read_choices(BATCH_SIZES, {"rows": value} if is_number(value) else value, path, mistakes)


def _read_weight_decay(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """`none`, or a bare number: λ of a decoupled one."""
    return read_choices(
        DECAYS, {"decoupled": {"strength": value}} if is_number(value) else value, path, mistakes
    )


_COMBINED = {"any": any, "all": all}


def _read_convergence(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The trees of rules that one config value stands for."""
    choices = read_rules(value, path, mistakes)
    if not all(map(_is_bounded, choices)):
        mistakes.add(
            path,
            "this rule may never stop a run, as nothing bounds its iterations. Add a limit beside it: "
            "{any: [{cost_change: 1e-9}, {max_iterations: 10000}]}; within 'all', each member needs one.",
        )
    return choices


def read_rules(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The trees of rules that a value stands for; those under `watch:` stop nothing, so need no limit."""
    word = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(value, dict) or word not in _COMBINED:
        return read_choices(STOPPING_RULES, value, path, mistakes)
    members, inner = value[word], (*path, word)
    if not isinstance(members, list) or not members:
        mistakes.add(inner, f"'{word}' takes a list of rules: {{{word}: [{{max_iterations: 5000}}, …]}}.")
        return []
    alternatives = [read_rules(member, (*inner, i), mistakes) for i, member in enumerate(members)]
    return [Choice(word, members=tree, path=path) for tree in combine(alternatives, inner, mistakes)]


def _is_bounded(choice: Choice) -> bool:
    """Whether the iterations have a limit: in one member of `any`, in every member of `all`."""
    if choice.members:
        return _COMBINED[choice.name](map(_is_bounded, choice.members))
    return bool(STOPPING_RULES[choice.name].facts.get("limit"))


def _read_kernel(value: object, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """A kernel, or `auto`: whichever suits what is minimised."""
    if value == AUTO:
        return [Choice(AUTO, path=path)]
    return read_choices(KERNELS, value, path, mistakes)


AXES = (
    Axis("surface", "rosenbrock"),
    Axis("model", "linear", of_data=True, reader=_read_model, extra=(CERTIFIED,)),
    Axis("cost", "mse", of_data=True),
    Axis("penalty", "{l2: 0.1}", "none", of_data=True),
    Axis("gradient", "[analytic, central]", "analytic"),
    Axis("optimizer", "gradient_descent", "gradient_descent"),
    Axis("learning_rate", "[0.01, 0.1]", reader=_read_learning_rate, number="constant", searches=SEARCHES),
    Axis("initialization", "[zeros, {normal: {std: 1.0}}]", "zeros"),
    Axis("batch_size", "[full, 32]", "full", of_data=True, reader=_read_batch_size, number="rows"),
    Axis("clipping", "{norm: 1.0}", "none"),
    Axis("weight_decay", "[none, 0.01]", "none", reader=_read_weight_decay, number="decoupled", unsaid=True),
    Axis("average", "[none, {ema: {decay: 0.99}}]", "none", unsaid=True),
    Axis(
        "convergence",
        "{any: [{cost_change: 1e-9}, {max_iterations: 5000}]}",
        reader=_read_convergence,
        extra=("any", "all"),
    ),
    Axis("kernel", "compiled", AUTO, of_data=True, reader=_read_kernel, extra=(AUTO,)),
)
#: The axes that say what is minimised; the others say how.
DEFINING = ("data", "surface", "model", "cost", "penalty")
AXES_BY_NAME: Mapping[str, Axis] = {axis.name: axis for axis in AXES}
