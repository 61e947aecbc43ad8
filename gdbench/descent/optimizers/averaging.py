"""Optimizers that average their iterates: ASGD, and the schedule-free methods."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Tuple

from gdbench.descent.domains import Domain, memory, non_negative, part, positive, whole
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay

# --- Averaged gradient descent: a rate that decays slowly, and the mean of the iterates beside them


class Averaged(NamedTuple):
    """The mean of the iterates so far, and how many steps it has seen."""

    mean: Vector
    steps: int


@optimizer(
    "asgd",
    facts={"usual_rate": 0.01, "rests": 0},
    decay=non_negative,
    alpha=non_negative,
    average_from=non_negative,
    weight_decay=non_negative,
)
def asgd(
    decay: float = 1e-4, alpha: float = 0.75, average_from: float = 1e6, weight_decay: float = 0.0
) -> Optimizer:
    """w ← (1 − λη_t) w − η_t g,  η_t = η / (1 + λη(t−1))^α,  t ≥ 1  (Polyak & Juditsky 1992; Bottou 2010).

    decay: λ ≥ 0.  alpha: α ≥ 0.  average_from: t₀ ≥ 0, in steps.  weight_decay: ≥ 0, g ← g + weight_decay · w.
    As in PyTorch the iterates of the run are the w; the state has w̄ ← w̄ + (w − w̄) / max(1, t − 1 − t₀).
    """

    def init(w: Vector) -> Averaged:
        return Averaged([0.0] * len(w), 0)

    def update(w: Vector, g: Vector, state: Averaged, rate: float) -> Tuple[Vector, Averaged]:
        g = with_decay(g, w, weight_decay)
        eta = rate / power(1.0 + decay * rate * state.steps, alpha)
        moved = [(1.0 - decay * eta) * w_j - eta * g_j for w_j, g_j in zip(w, g)]
        weight = 1.0 / max(1.0, state.steps - average_from)
        # a weight of 1 replaces the mean, without the rounding of w̄ + (w − w̄)
        mean = moved if weight == 1.0 else [m + (w_j - m) * weight for m, w_j in zip(state.mean, moved)]
        return moved, Averaged(mean, state.steps + 1)

    return Optimizer(init, update)


# --- Schedule-free methods: a weighted average of the iterates takes the place of a falling rate


class _ScheduleFree(NamedTuple):
    """x, the average that the method answers with; z, what goes down; the steps k, the largest rate, Σ weights.

    further: what gives z its direction.
    """

    x: Vector
    z: Vector
    k: int
    largest: float
    total: float
    further: Tuple[Vector, float]


#: (g, y, further) → the direction in which z goes down, and further.
_Direction = Callable[[Vector, Vector, Tuple[Vector, float]], Tuple[Vector, Tuple[Vector, float]]]


def schedule_free(
    name: str, also: Tuple[str, ...], usual_rate: float, **further: Domain[object]
) -> Callable[[Callable[..., Optimizer]], Callable[..., Optimizer]]:
    """Register one that answers with a weighted average of its iterates.

    also: what others call it.  further: the domains of the parameters that are its own.
    """
    return optimizer(
        name,
        facts={"also": also, "usual_rate": usual_rate, "answers": True},
        weight_decay=non_negative,
        warmup=whole,
        weight_power=non_negative,
        rate_power=non_negative,
        **further,
    )


@schedule_free("schedule_free_sgd", ("schedule_free", "schedulefree", "sgd_schedule_free"), 1.0, momentum=part)
def schedule_free_sgd(
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    warmup: int = 0,
    weight_power: float = 0.0,
    rate_power: float = 2.0,
) -> Optimizer:
    """z ← z − γ g(y),  x ← (1 − c) x + c z,  y ← (1 − β) z + β x  (Defazio et al. 2024).

    The iterates of the run are the y, where gradients are taken; x is what the method answers with.
    c: this step's weight kʳ γ_maxᵖ over the sum of all so far, k = 1, 2, ….  momentum: β in (0, 1]; 1 is primal
    averaging.  weight_decay: λ ≥ 0, g ← g + λ y.  warmup: γ = η k / warmup in the first steps, η after.
    weight_power: r ≥ 0.  rate_power: p ≥ 0.
    """

    def direction(g: Vector, y: Vector, further: Tuple[Vector, float]) -> Tuple[Vector, Tuple[Vector, float]]:
        return with_decay(g, y, weight_decay), further

    return _schedule_free(direction, momentum, warmup, weight_power, rate_power)


@schedule_free(
    "schedule_free_adamw",
    ("schedule_free_adam", "adamw_schedule_free"),
    0.0025,
    beta1=part,
    beta2=memory,
    epsilon=positive,
)
def schedule_free_adamw(
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    warmup: int = 0,
    weight_power: float = 0.0,
    rate_power: float = 2.0,
) -> Optimizer:
    """z ← z − γ (g(y) / (√v̂ + ε) + λ y),  x ← (1 − c) x + c z,  y ← (1 − β₁) z + β₁ x  (Defazio et al. 2024).

    v ← β₂ v + (1 − β₂) g², v̂ = v / (1 − β₂ᵏ);  the rest is `schedule_free_sgd`.  beta1: in (0, 1].  beta2: in
    [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, apart from the gradient.
    """

    def direction(g: Vector, y: Vector, further: Tuple[Vector, float]) -> Tuple[Vector, Tuple[Vector, float]]:
        v, beta2_t = average_of_squares(further[0], g, beta2), beta2 * further[1]
        scaled = [g_j / (math.sqrt(v_j / (1.0 - beta2_t)) + epsilon) for g_j, v_j in zip(g, v)]
        return with_decay(scaled, y, weight_decay), (v, beta2_t)

    return _schedule_free(direction, beta1, warmup, weight_power, rate_power)


def _schedule_free(
    direction: _Direction, beta: float, warmup: int, weight_power: float, rate_power: float
) -> Optimizer:
    def init(w: Vector) -> _ScheduleFree:
        return _ScheduleFree(list(w), list(w), 0, 0.0, 0.0, ([0.0] * len(w), 1.0))

    def update(y: Vector, g: Vector, state: _ScheduleFree, rate: float) -> Tuple[Vector, _ScheduleFree]:
        k = state.k + 1
        gamma = rate * k / warmup if k < warmup else rate
        largest = max(gamma, state.largest)
        weight = power(float(k), weight_power) * power(largest, rate_power)
        total = state.total + weight
        d, further = direction(g, y, state.further)
        z = [z_j - gamma * d_j for z_j, d_j in zip(state.z, d)]
        x = average(z, state.x, weight / total if total else 0.0)
        return average(x, z, beta), _ScheduleFree(x, z, k, largest, total, further)

    return Optimizer(init, update, answer=lambda y, state: list(state.x))
