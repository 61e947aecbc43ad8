"""Iterative soft thresholding: a gradient step on the smooth part, and then the kinks have their say."""

from __future__ import annotations

from typing import Sequence, Tuple, cast

from gdbench.descent.functions import below, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer


@optimizer(
    "ista",
    facts={
        "also": ("proximal_gradient", "soft_thresholding", "forward_backward"),
        "proximal": True,
        "steady": True,
        "rests": 0,
    },
)
def ista() -> Optimizer:
    """w ← S(w − η ∇s(w), η λ),  S(v, t) = sgn(v) max(|v| − t, 0)  (Daubechies, Defrise & De Mol 2004).

    f = s + λ ‖w‖₁ over the penalised parameters, with s all the rest of the cost, an l2 part included; meant
    for η = 1/L of s, which `over_L` takes  (Beck & Teboulle 2009). Without a 1-norm it is plain gradient
    descent. The cost on record is f; the gradient on record is the least subgradient, 0 where f is least.
    """
    return _ista(())


def _ista(kinks: Sequence[float]) -> Optimizer:
    def init(w: Vector) -> None:
        return None

    def update(w: Vector, g: Vector, state: None, rate: float) -> Tuple[Vector, None]:
        return proximal_step(w, g, rate, kinks), None

    return Optimizer(init, update, traceable=True, proximal=_ista)


def proximal_step(w: Vector, g: Vector, rate: float, kinks: Sequence[float]) -> Vector:
    """S(w − η ∇s, η λ), where g is the least subgradient of s + Σ λⱼ |wⱼ|; w − η g without kinks."""
    if not kinks:
        return [w_j - rate * g_j for w_j, g_j in zip(w, g)]
    return [_stepped(w_j, g_j, rate, kink) for w_j, g_j, kink in zip(w, g, kinks)]


def _stepped(w: float, g: float, rate: float, kink: float) -> float:
    if not kink:
        return w - rate * g
    # of s the slope is g − λ where w > 0 and g + λ where w < 0; at 0, S(−η ∂s, η λ) is −η times the least slope
    right = soft(w - rate * (g - kink), rate * kink)
    left = soft(w - rate * (g + kink), rate * kink)
    return cast(float, where(below(0.0, w), right, where(below(w, 0.0), left, w - rate * g)))


def soft(v: float, t: float) -> float:
    """sgn(v) max(|v| − t, 0): exactly 0 within t of 0, and NaN for NaN."""
    return cast(float, where(below(t, v), v - t, where(below(v, -t), v + t, v - v)))
