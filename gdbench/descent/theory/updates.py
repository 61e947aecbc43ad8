"""Updates with a fixed rate and exact gradients: those of which theorems speak, recognised in a spec."""

from __future__ import annotations

from typing import Optional

from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.optimizers.beside import AVERAGES
from gdbench.descent.registry import Choice, Spec, find
from gdbench.descent.theory.rates import Update

#: What an axis is that has nothing chosen.
NONE: Choice = {"none": {}}


def undisturbed(spec: Spec) -> bool:
    """Whether each step sees the exact gradient of the whole cost: no batches, clipping or differences."""
    (gradient,) = spec.get("gradient", {"analytic": {}})
    exact = gradient in GRADIENTS and bool(GRADIENTS[gradient].facts.get("exact"))
    return exact and full_and_unclipped(spec)


def full_and_unclipped(spec: Spec) -> bool:
    return "full" in spec.get("batch_size", {"full": {}}) and unmodified(spec)


def unmodified(spec: Spec) -> bool:
    """Whether each step is the optimizer's own: nothing beside it clips, decays or sets back."""
    return all("none" in spec.get(axis, NONE) for axis in ("clipping", "weight_decay")) and not _set_back(spec)


def _set_back(spec: Spec) -> bool:
    """Whether an average beside the optimizer takes the place of its iterates now and then."""
    (average,) = spec.get("average", NONE)
    return average not in AVERAGES or bool(AVERAGES[average].facts.get("steps"))


def steps_along_gradient(spec: Spec) -> bool:
    """Whether w_{k+1} = w_k − η_k g_k, whatever η_k: plain gradient descent."""
    return full_and_unclipped(spec) and optimizer_facts(spec["optimizer"]).along_gradient


def goes_on_alike(spec: Spec) -> bool:
    """Whether a step depends on the iterates alone, so that what the tail of a run shows may go on."""
    (rate,) = spec["learning_rate"]
    facts = LEARNING_RATES[rate].facts if rate in LEARNING_RATES else {}
    steady = optimizer_facts(spec["optimizer"]).steady and ("fixed" in facts or bool(facts.get("search")))
    return steady and full_and_unclipped(spec)


def rests(spec: Spec) -> Optional[int]:
    """How many steps in a row may have length zero and yet be followed by others; None where nobody knows."""
    (rate,) = spec["learning_rate"]
    if rate not in LEARNING_RATES:
        return None
    entry, given = find(LEARNING_RATES, spec["learning_rate"])  # with the defaults that a spec may leave out
    facts = entry.facts
    settles = any(facts.get(name) for name in ("fixed", "search", "whole"))
    schedule = facts.get("rests", 0 if settles else None)
    of_rate = schedule(**given) if callable(schedule) else schedule
    of_optimizer = optimizer_facts(spec["optimizer"]).rests
    if of_rate is None or of_optimizer is None or _set_back(spec):
        return None
    return int(of_rate + of_optimizer)


def fixed_update(
    spec: Spec, smoothness: Optional[float] = None, convexity: Optional[float] = None
) -> Optional[Update]:
    """The update of a run, where its rate never changes and it is one that theorems speak of; else None.

    smoothness, convexity: L and μ as the run was told them.
    """
    rate, update = fixed_rate(spec, smoothness, convexity), optimizer_facts(spec["optimizer"]).update
    if rate is None or update is None or not undisturbed(spec):
        return None
    return update(rate, convexity, smoothness)


def fixed_rate(
    spec: Spec, smoothness: Optional[float] = None, convexity: Optional[float] = None
) -> Optional[float]:
    """η where it is a number or follows from L (and μ) alone."""
    ((name, given),) = spec["learning_rate"].items()
    fixed = LEARNING_RATES[name].facts.get("fixed") if name in LEARNING_RATES else None
    if fixed is None:
        return None
    rate: Optional[float] = fixed(smoothness, recommended_rate(spec, smoothness, convexity), **given)
    return rate


def recommended_rate(spec: Spec, smoothness: Optional[float], convexity: Optional[float]) -> Optional[float]:
    """The fixed rate that theory recommends for a spec's optimizer; None where it recommends none."""
    recommend = optimizer_facts(spec["optimizer"]).recommended
    return recommend(convexity, smoothness) if recommend and convexity and smoothness else None
