"""Which learning rates, optimizers and what stands beside them make a step together."""

from __future__ import annotations

from collections.abc import Iterator

from gdbench.config.grid.choice import Choices
from gdbench.data.data import Dataset
from gdbench.descent.costs import COSTS
from gdbench.descent.gradients import GIVEN, GRADIENTS, NOT_GIVEN
from gdbench.descent.learning_rates import LEARNING_RATES, needs_of
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.optimizers.beside import AVERAGES
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.problem import is_quadratic_surface
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.theory.curvature import is_quadratic

#: (axis to blame, reason): the first of a pair of choices that is named is the one to change.
Complaint = tuple[str, str]


def steps(choices: Choices, dataset: Dataset | None) -> Iterator[Complaint]:
    """What is wrong with how far a run goes, and which way."""
    rate, axis = choices["learning_rate"], "learning_rate"
    facts = LEARNING_RATES[rate.name].facts
    if facts.get("search"):
        yield from searching(choices)
    if (facts.get("search") or facts.get("whole")) and in_batches(choices):
        yield axis, f"learning rate '{rate.name}' looks at the whole cost: it goes with batch_size full."
    yield from beside(choices, searches=bool(facts.get("search")))
    if dataset is not None and optimizer_facts(choices["optimizer"].to_plain()).proximal:
        yield from _proximal(choices)
    gradient = choices["gradient"].name
    if gradient == GIVEN:
        yield from _given(choices)
    if in_batches(choices) and not GRADIENTS[gradient].facts.get("batches"):
        # steps on batches take the exact gradient: the run would be told of one that it did not use
        yield "gradient", f"gradient '{gradient}' looks at the whole cost: it goes with batch_size full."
    if "curvature" in needs_of(rate.to_plain()) and not quadratic(choices, dataset):
        yield axis, f"learning rate '{rate.name}' is for quadratics: affine models with mse or half_mse."


def _proximal(choices: Choices) -> Iterator[Complaint]:
    """Its step needs to know the kinks, and the slope of all the rest, as it is."""
    name, penalty = choices["optimizer"].name, choices["penalty"]
    added = strengths(penalty.to_plain())
    if added is None:
        yield (
            "optimizer",
            (
                f"optimizer '{name}' steps by the proximal map of the penalty, which is not known of "
                f"'{penalty.name}': it goes with penalties that say their l1 and l2."
            ),
        )
    elif added.l1 > 0.0 and not GRADIENTS[choices["gradient"].name].facts.get("at_kinks"):
        yield "gradient", f"optimizer '{name}' tells slopes at a kink apart: it goes with gradient analytic."
    elif added.l1 > 0.0 and choices["clipping"].name != "none":
        yield "clipping", f"optimizer '{name}' takes the slope of the smooth part as it is: clipping none."


def searching(choices: Choices) -> Iterator[Complaint]:
    """A search looks along the step that is taken, by the gradient that is taken."""
    name, claims = choices["learning_rate"].name, optimizer_facts(choices["optimizer"].to_plain())
    along = bool(LEARNING_RATES[name].facts.get("along"))
    if not (claims.along_gradient or (claims.directs and along)):
        others = " or an optimizer with a direction of its own" if along else ""
        yield (
            "learning_rate",
            f"learning rate '{name}' searches along −∇f: it goes with plain gradient_descent{others}.",
        )
    if choices["clipping"].name != "none":
        yield (
            "learning_rate",
            f"learning rate '{name}' searches along the whole gradient: it goes with clipping none.",
        )


def beside(choices: Choices, *, searches: bool) -> Iterator[Complaint]:
    """What stands beside an optimizer: it may have its own, and a search along −∇f knows nothing of it."""
    optimizer, rate = choices["optimizer"], choices["learning_rate"].name
    decay, average = (choices[axis].name if axis in choices else "none" for axis in ("weight_decay", "average"))
    if decay != "none" and optimizer.parameters.get("weight_decay"):
        yield (
            "weight_decay",
            f"optimizer '{optimizer.name}' has a weight_decay of its own: keep one.",
        )
    if decay != "none" and searches:
        yield (
            "weight_decay",
            f"learning rate '{rate}' searches along the optimizer's step: it goes with weight_decay none.",
        )
    if average != "none" and optimizer_facts(optimizer.to_plain()).answers:
        yield (
            "average",
            f"optimizer '{optimizer.name}' answers with a point of its own: it goes with average none.",
        )
    directs = optimizer_facts(optimizer.to_plain()).directs
    if searches and (AVERAGES[average].facts.get("steps") or (directs and average != "none")):
        yield (
            "average",
            f"learning rate '{rate}' searches along steps that {average} does not see: average none.",
        )


def _given(choices: Choices) -> Iterator[Complaint]:
    """A gradient written by hand is one of the whole cost, and somebody must have written it."""
    minimised = SURFACES[choices["surface"].name] if "surface" in choices else COSTS[choices["cost"].name]
    if "gradient" not in minimised.facts:
        yield "gradient", NOT_GIVEN


def in_batches(choices: Choices) -> bool:
    """Whether a run looks at some of the rows at a time."""
    return "batch_size" in choices and choices["batch_size"].name != "full"


def quadratic(choices: Choices, dataset: Dataset | None) -> bool:
    """Whether what is minimised is known to be one."""
    if dataset is None:
        return is_quadratic_surface(choices["surface"].to_plain())
    plain = [choices[axis].to_plain() for axis in ("model", "cost", "penalty")]
    return is_quadratic(plain[0], plain[1], plain[2])
