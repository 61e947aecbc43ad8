"""How a run descends, as far as its spec says: worked out once for all runs of a setting, as it is the same."""

from __future__ import annotations

from functools import cached_property
from typing import Optional

from gdbench.descent.costs import cost_facts
from gdbench.descent.diagnosis.schedule import settled
from gdbench.descent.kernels.definition import NO_PENALTY
from gdbench.descent.kernels.kernel import measures_gaps
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.optimizers.protocol import OptimizerFacts
from gdbench.descent.penalties import strengths
from gdbench.descent.registry import Spec
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.updates import (
    fixed_rate,
    fixed_update,
    goes_on_alike,
    steps_along_gradient,
    undisturbed,
)

#: The parts of a spec that say how its run descends.
READ = (
    "optimizer",
    "learning_rate",
    "gradient",
    "batch_size",
    "clipping",
    "weight_decay",
    "average",
    "surface",
    "cost",
    "penalty",
    "kernel",
)


class Way:
    """These parts of a spec. smoothness, convexity: L and μ as the run was told them."""

    def __init__(
        self, spec: Spec, smoothness: Optional[float] = None, convexity: Optional[float] = None
    ) -> None:
        self.spec = {name: spec[name] for name in READ if name in spec}
        self._smoothness, self._convexity = smoothness, convexity

    @cached_property
    def optimizer(self) -> OptimizerFacts:
        return optimizer_facts(self.spec["optimizer"])

    @cached_property
    def update(self) -> Optional[Update]:
        """The update, where it is one that theorems speak of."""
        return fixed_update(self.spec, self._smoothness, self._convexity)

    @cached_property
    def fixed(self) -> Optional[float]:
        """η, where it never changes."""
        return fixed_rate(self.spec, self._smoothness, self._convexity)

    def rate_at(self, k: int) -> Optional[float]:
        """η_k, where it was settled in advance."""
        return self._at(k) if self.fixed is None else self._at_first

    def _at(self, k: int) -> Optional[float]:
        return settled(self.spec, self._smoothness, self._convexity, k)

    @cached_property
    def _at_first(self) -> Optional[float]:
        return self._at(0)

    @cached_property
    def exact_steps(self) -> bool:
        """Whether each step sees the exact gradient of the whole cost."""
        return undisturbed(self.spec)

    @cached_property
    def along_gradient(self) -> bool:
        """Whether each step is −η_k times the full gradient, whatever η_k."""
        return steps_along_gradient(self.spec)

    @cached_property
    def goes_on_alike(self) -> bool:
        """Whether a step depends on the iterates alone."""
        return goes_on_alike(self.spec)

    @cached_property
    def measures_gaps(self) -> bool:
        """Whether the run carries its gap, instead of subtracting two costs."""
        return measures_gaps(self.spec)

    @cached_property
    def kinked(self) -> bool:
        """Whether f is known to have kinks, of its cost, of its penalty, or its own."""
        if "surface" in self.spec:
            return next(iter(self.spec["surface"])) in SURFACES and surface_facts(self.spec["surface"]).kinked
        added = strengths(self.spec.get("penalty", NO_PENALTY))
        return bool(cost_facts(self.spec["cost"]).kinked or (added and added.l1 > 0.0))

    @cached_property
    def scheduled(self) -> bool:
        """Whether each step is −η_k times the full gradient with η_k settled in advance: no line search."""
        (name,) = self.spec["learning_rate"]
        chosen = name in LEARNING_RATES and not LEARNING_RATES[name].facts.get("search")
        return self.along_gradient and bool(chosen)

    @cached_property
    def batch(self) -> Optional[int]:
        """Rows of an update, where it does not see all of them."""
        given = self.spec.get("batch_size", {}).get("rows")
        return given["size"] if given else None

    @cached_property
    def leads_on(self) -> bool:
        """Whether further steps would go on as the last ones did, down the cost itself and nothing else.

        Not with a rate that falls, batches, clipping or weight decay, nor towards a kink.
        """
        ((_, given),) = self.spec["optimizer"].items()
        return self.goes_on_alike and self.exact_steps and not given.get("weight_decay") and not self.kinked
