"""Adam and its kin of PyTorch: AMSGrad, AdamW, Adamax, NAdam and RAdam."""

from __future__ import annotations

import math
from typing import Callable, Dict, NamedTuple, Optional, Tuple

from gdbench.descent.domains import Domain, memory, non_negative, positive
from gdbench.descent.numerics.powers import power
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, average, average_of_squares, optimizer, with_decay
from gdbench.descent.theory.rates import forgotten


def remembers(beta1: float, beta2: float, beta3: float = 0.0, **_: object) -> Optional[int]:
    """As long as the longest of its averages."""
    return forgotten(max(beta1, beta2, beta3))


def kin_of_adam(
    name: str,
    usual_rate: float = 0.001,
    rests: Optional[Callable[..., Optional[int]]] = remembers,
    **further: Domain[object],
) -> Callable[[Callable[..., Optimizer]], Callable[..., Optimizer]]:
    """Register one with Adam's parameters, its steps about η long, which remembers by its βs.

    rests: the fact of that name, where it is another; None where nobody can say it.
    further: the domains of the parameters that it has besides.
    """
    facts: Dict[str, object] = {"usual_rate": usual_rate, "scaled": True}
    return optimizer(
        name,
        facts=facts if rests is None else {**facts, "rests": rests},
        beta1=memory,
        beta2=memory,
        epsilon=positive,
        weight_decay=non_negative,
        **further,
    )


# --- Adam; AMSGrad, which never forgets a large gradient; AdamW


class _Adam(NamedTuple):
    """m, v, the largest v so far, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    largest: Vector
    beta1_t: float
    beta2_t: float


@kin_of_adam("adam")
def adam(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """w ← w − η m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)  (Kingma & Ba 2015).

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g².  beta1, beta2: in [0, 1).  epsilon: ε > 0, in units
    of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    """
    return _adam(beta1, beta2, epsilon, coupled=weight_decay)


@kin_of_adam("amsgrad")
def amsgrad(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """Adam with the largest v so far in place of v, so that no rate ever grows  (Reddi et al. 2018).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    As in PyTorch the maximum is taken of v before its bias is corrected.
    """
    return _adam(beta1, beta2, epsilon, coupled=weight_decay, remember=True)


@kin_of_adam("adamw")
def adamw(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.01
) -> Optimizer:
    """w ← (1 − η λ) w, then Adam's step: weight decay apart from the gradient  (Loshchilov & Hutter 2019).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0.
    """
    return _adam(beta1, beta2, epsilon, decoupled=weight_decay)


def _adam(
    beta1: float,
    beta2: float,
    epsilon: float,
    coupled: float = 0.0,
    decoupled: float = 0.0,
    *,
    remember: bool = False,
) -> Optimizer:
    def init(w: Vector) -> _Adam:
        zeros = [0.0] * len(w)
        return _Adam(zeros, zeros, zeros, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _Adam, rate: float) -> Tuple[Vector, _Adam]:
        g = with_decay(g, w, coupled)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        largest = [max(l_j, v_j) for l_j, v_j in zip(state.largest, v)] if remember else v
        beta1_t, beta2_t = beta1 * state.beta1_t, beta2 * state.beta2_t
        eta, root, kept = rate / (1.0 - beta1_t), math.sqrt(1.0 - beta2_t), 1.0 - rate * decoupled
        moved = [
            kept * w_j - eta * (m_j / (math.sqrt(v_j) / root + epsilon)) for w_j, m_j, v_j in zip(w, m, largest)
        ]
        return moved, _Adam(m, v, largest, beta1_t, beta2_t)

    return Optimizer(init, update)


# --- Adamax: Adam with the largest recent gradient in place of the root mean square


class _Adamax(NamedTuple):
    m: Vector
    largest: Vector
    beta1_t: float


@kin_of_adam("adamax", usual_rate=0.002)
def adamax(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """m ← β₁ m + (1 − β₁) g,  u ← max(β₂ u, |g| + ε),  w ← w − η / (1 − β₁ᵗ) · m / u  (Kingma & Ba 2015, §7.1).

    beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.
    """

    def init(w: Vector) -> _Adamax:
        return _Adamax([0.0] * len(w), [0.0] * len(w), 1.0)

    def update(w: Vector, g: Vector, state: _Adamax, rate: float) -> Tuple[Vector, _Adamax]:
        g = with_decay(g, w, weight_decay)
        m, beta1_t = average(state.m, g, beta1), beta1 * state.beta1_t
        largest = [max(beta2 * u_j, abs(g_j) + epsilon) for u_j, g_j in zip(state.largest, g)]
        eta = rate / (1.0 - beta1_t)
        moved = [w_j - eta * (m_j / u_j) for w_j, m_j, u_j in zip(w, m, largest)]
        return moved, _Adamax(m, largest, beta1_t)

    return Optimizer(init, update)


# --- NAdam: Adam that looks ahead along its momentum, as Nesterov's method does

_WARMING = 0.96  # Dozat 2016, §3.2: "in practice"


class _NAdam(NamedTuple):
    """m, v, β₂ᵗ, 0.96^(tψ), and the product of the μ so far."""

    m: Vector
    v: Vector
    beta2_t: float
    warming_t: float
    product: float


@kin_of_adam("nadam", usual_rate=0.002, momentum_decay=non_negative)
def nadam(
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    momentum_decay: float = 0.004,
) -> Optimizer:
    """w ← w − η (μ_{t+1} m / (1 − Π_{i≤t+1} μᵢ) + (1 − μ_t) g / (1 − Π_{i≤t} μᵢ)) / (√v̂ + ε)  (Dozat 2016).

    m, v and v̂ as in Adam;  μ_t = β₁ (1 − ½ · 0.96^(tψ)).  beta1, beta2: in [0, 1).  epsilon: ε > 0, in
    units of the gradient.  weight_decay: λ ≥ 0, g ← g + λ w.  momentum_decay: ψ ≥ 0.
    """
    warming = power(_WARMING, momentum_decay)

    def init(w: Vector) -> _NAdam:
        return _NAdam([0.0] * len(w), [0.0] * len(w), 1.0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _NAdam, rate: float) -> Tuple[Vector, _NAdam]:
        g = with_decay(g, w, weight_decay)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        beta2_t, warming_t = beta2 * state.beta2_t, warming * state.warming_t
        mu, mu_next = beta1 * (1.0 - 0.5 * warming_t), beta1 * (1.0 - 0.5 * warming * warming_t)
        product = mu * state.product
        eta_g, eta_m = rate * (1.0 - mu) / (1.0 - product), rate * mu_next / (1.0 - mu_next * product)
        scale = [math.sqrt(v_j / (1.0 - beta2_t)) + epsilon for v_j in v]
        moved = [w_j - eta_g * (g_j / s_j) - eta_m * (m_j / s_j) for w_j, g_j, m_j, s_j in zip(w, g, m, scale)]
        return moved, _NAdam(m, v, beta2_t, warming_t, product)

    return Optimizer(init, update)


# --- RAdam: Adam that waits for its second moment to mean something before it divides by it

_TRACTABLE = 5.0  # above it the variance of the adaptive rate is taken to be tractable; 4 in the paper


class _RAdam(NamedTuple):
    """m, v, the number of steps t, and β₁ᵗ and β₂ᵗ."""

    m: Vector
    v: Vector
    t: int
    beta1_t: float
    beta2_t: float


@kin_of_adam("radam")
def radam(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """w ← w − η r_t m̂ √(1 − β₂ᵗ) / (√v + ε)  where ρ_t > 5,  else  w ← w − η m̂  (Liu et al. 2020).

    r_t = √((ρ_t−4)(ρ_t−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ_t)),  ρ∞ = 2/(1−β₂) − 1,  ρ_t = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ);  m, v and
    m̂ as in Adam.  beta1, beta2: in [0, 1).  epsilon: ε > 0, in units of the gradient.  weight_decay:
    λ ≥ 0, g ← g + λ w.
    """
    rho_inf = 2.0 / (1.0 - beta2) - 1.0

    def init(w: Vector) -> _RAdam:
        return _RAdam([0.0] * len(w), [0.0] * len(w), 0, 1.0, 1.0)

    def update(w: Vector, g: Vector, state: _RAdam, rate: float) -> Tuple[Vector, _RAdam]:
        g = with_decay(g, w, weight_decay)
        m, v = average(state.m, g, beta1), average_of_squares(state.v, g, beta2)
        t, beta1_t, beta2_t = state.t + 1, beta1 * state.beta1_t, beta2 * state.beta2_t
        rho = rho_inf - 2.0 * t * beta2_t / (1.0 - beta2_t)
        eta = rate / (1.0 - beta1_t)
        if rho > _TRACTABLE:
            eta *= _rectification(rho, rho_inf) * math.sqrt(1.0 - beta2_t)
            moved = [w_j - eta * m_j / (math.sqrt(v_j) + epsilon) for w_j, m_j, v_j in zip(w, m, v)]
        else:
            moved = [w_j - eta * m_j for w_j, m_j in zip(w, m)]
        return moved, _RAdam(m, v, t, beta1_t, beta2_t)

    return Optimizer(init, update)


def _rectification(rho: float, rho_inf: float) -> float:
    """√((ρ_t − 4)(ρ_t − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ_t)), from 0 up to 1."""
    return math.sqrt((rho - 4.0) * (rho - 2.0) * rho_inf / ((rho_inf - 4.0) * (rho_inf - 2.0) * rho))
