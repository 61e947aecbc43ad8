"""Weight decay apart from the gradient, beside any optimizer: parameters shrink a little in each step."""

from __future__ import annotations

from typing import Callable, Tuple

from gdbench.descent.domains import positive
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, State
from gdbench.descent.registry import Registry, Spec, build

Decay = Callable[[Optimizer], Optimizer]
DECAYS: Registry[Decay] = Registry("weight decay", "weight_decays", also=("decay", "decoupled_weight_decay"))
decay = DECAYS.register


@decay("none")
def none() -> Decay:
    """The optimizer, as it is."""
    return lambda optimizer: optimizer


@decay("decoupled", facts={"also": ("adamw", "decoupled_weight_decay")}, strength=positive)
def decoupled(strength: float) -> Decay:
    """w ← the optimizer's step − η λ w: apart from the gradient  (Loshchilov & Hutter 2019).

    strength: λ > 0; a step shrinks parameters by η λ, so that a schedule of η is one of the decay as well.
    """

    def decaying(optimizer: Optimizer) -> Optimizer:
        def update(w: Vector, g: Vector, state: State, rate: float, *cost: float) -> Tuple[Vector, State]:
            moved, state = optimizer.update(w, g, state, rate, *cost)
            less = rate * strength
            return [m_j - less * w_j for m_j, w_j in zip(moved, w)], state

        return optimizer._replace(update=update, traceable=False, aim=None)

    return decaying


def decayed(optimizer: Optimizer, spec: Spec) -> Optimizer:
    """The optimizer with the weight decay of a spec."""
    chosen = spec.get("weight_decay", {"none": {}})
    return optimizer if "none" in chosen else build(DECAYS, chosen)(optimizer)
