"""Which learning rates, optimizers and what stands beside them make a step together."""

from __future__ import annotations

from collections.abc import Iterator

from gdbench.config.grid.choice import Choices
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.optimizers.beside.averages import AVERAGES

#: (axis to blame, reason): the first of a pair of choices that is named is the one to change.
Complaint = tuple[str, str]


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
        yield "average", f"optimizer '{optimizer.name}' keeps an average of its own: it goes with average none."
    directs = optimizer_facts(optimizer.to_plain()).directs
    if searches and (AVERAGES[average].facts.get("steps") or (directs and average != "none")):
        yield (
            "average",
            f"learning rate '{rate}' searches along steps that {average} does not see: average none.",
        )
