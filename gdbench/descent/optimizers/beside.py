"""What may stand beside any optimizer: an average that is answered with, slow weights, weight decay."""

from __future__ import annotations

from typing import Callable, NamedTuple, Tuple

from gdbench.descent.domains import memory, natural, part, positive, whole
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, State, average
from gdbench.descent.registry import Registry, Spec, build

# --- Averages of iterates beside any optimizer: the point that a run then answers with


Average = Callable[[Optimizer], Optimizer]
AVERAGES: Registry[Average] = Registry("average", "averages", also=("averaging", "weight_averaging"))
averaging = AVERAGES.register


class _Beside(NamedTuple):
    """The optimizer's own state, the average, and the number of steps."""

    own: State
    mean: Vector
    k: int


def _beside(optimizer: Optimizer, weight: Callable[[int], float]) -> Optimizer:
    """a ← a + c_k (w_k − a) after each step, a = w₀ at the start: what it sees does not change a step.

    weight: k → c_k.
    """

    def init(w: Vector) -> _Beside:
        return _Beside(optimizer.init(w), list(w), 0)

    def update(w: Vector, g: Vector, state: _Beside, rate: float, *cost: float) -> Tuple[Vector, _Beside]:
        moved, own = optimizer.update(w, g, state.own, rate, *cost)
        k = state.k + 1
        return moved, _Beside(own, average(state.mean, moved, 1.0 - weight(k)), k)

    return optimizer._replace(
        init=init, update=update, answer=lambda w, state: list(state.mean), traceable=False, aim=None
    )


@averaging("none")
def no_average() -> Average:
    """No average: a run answers with its last iterate, or with what its optimizer names."""
    return lambda optimizer: optimizer


@averaging("ema", facts={"also": ("exponential_moving_average", "polyak_ema")}, decay=memory, start=whole)
def ema(decay: float = 0.999, start: int = 0) -> Average:
    """a ← ρ a + (1 − ρ) w, beside the optimizer's steps, which it does not change.

    decay: ρ in [0, 1).  start: the iteration whose w the average begins with; until then it is w itself.
    """
    return lambda optimizer: _beside(optimizer, lambda k: 1.0 - decay if k > start else 1.0)


@averaging("polyak", facts={"also": ("swa", "mean", "tail_average", "polyak_ruppert")}, start=whole)
def polyak(start: int = 0) -> Average:
    """a_k = the mean of w_start, …, w_k, beside the optimizer's steps  (Polyak & Juditsky 1992).

    start: the first iterate of the mean, so that a long way to go may be left out of it; until then it is w.
    """
    return lambda optimizer: _beside(optimizer, lambda k: 1.0 / (k - start + 1) if k > start else 1.0)


@averaging("lookahead", facts={"steps": True}, steps=natural, alpha=part)
def lookahead(steps: int = 5, alpha: float = 0.5) -> Average:
    """After each `steps` steps  φ ← φ + α (w − φ),  then w ← φ  (Zhang et al. 2019).

    The iterates of the run are the fast w; the slow φ, at first w₀, is what it answers with. The optimizer
    keeps its state.  steps: 1 or more.  alpha: α in (0, 1].
    """

    def looking(optimizer: Optimizer) -> Optimizer:
        def init(w: Vector) -> _Beside:
            return _Beside(optimizer.init(w), list(w), 0)

        def update(w: Vector, g: Vector, state: _Beside, rate: float, *cost: float) -> Tuple[Vector, _Beside]:
            moved, own = optimizer.update(w, g, state.own, rate, *cost)
            k = state.k + 1
            if k % steps:
                return moved, _Beside(own, state.mean, k)
            slow = [phi + alpha * (w_j - phi) for phi, w_j in zip(state.mean, moved)]
            return list(slow), _Beside(own, slow, k)

        return optimizer._replace(
            init=init, update=update, answer=lambda w, state: list(state.mean), traceable=False, aim=None
        )

    return looking


def averaged(optimizer: Optimizer, spec: Spec) -> Optimizer:
    """The optimizer with the average of a spec beside it."""
    chosen = spec.get("average", {"none": {}})
    return optimizer if "none" in chosen else build(AVERAGES, chosen)(optimizer)


# --- Weight decay apart from the gradient, beside any optimizer: parameters shrink a little in each step


Decay = Callable[[Optimizer], Optimizer]
DECAYS: Registry[Decay] = Registry("weight decay", "weight_decays", also=("decay", "decoupled_weight_decay"))
decay = DECAYS.register


@decay("none")
def no_decay() -> Decay:
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
