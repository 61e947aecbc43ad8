"""Steps down the smooth part of a cost, and then by what its 1-norm asks: ISTA and FISTA."""

from __future__ import annotations

from typing import NamedTuple, Sequence, Tuple, cast

from gdbench.descent.functions import below, sqrt, where
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer

# --- Iterative soft thresholding: a gradient step on the smooth part, and then the kinks have their say


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


# --- FISTA: soft thresholding with Nesterov's momentum


class _Fista(NamedTuple):
    x: Vector
    t: float


@optimizer(
    "fista", facts={"also": ("accelerated_proximal_gradient", "fast_ista"), "proximal": True, "answers": True}
)
def fista() -> Optimizer:
    """x_{k+1} = S(y_k − η ∇s(y_k), η λ),  y_{k+1} = x_{k+1} + ((t_k − 1)/t_{k+1}) (x_{k+1} − x_k).

    t_0 = 1, t_{k+1} = ½ (1 + √(1 + 4 t_k²)), S and s as of `ista`, for η = 1/L of s  (Beck & Teboulle 2009).
    The iterates of the run are the y, where the gradient is taken. What the method answers with is x, of which
    f(x_k) − f* ≤ 2 L ‖x_0 − x*‖² / (k + 1)². Without a 1-norm it is `nesterov`.
    """
    return _fista(())


def _fista(kinks: Sequence[float]) -> Optimizer:
    def init(w: Vector) -> _Fista:
        return _Fista(w, 1.0)

    def update(y: Vector, g: Vector, state: _Fista, rate: float) -> Tuple[Vector, _Fista]:
        t = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * state.t * state.t)))
        ahead = (state.t - 1.0) / t
        x = proximal_step(y, g, rate, kinks)
        return [x_j + ahead * (x_j - v_j) for x_j, v_j in zip(x, state.x)], _Fista(x, t)

    return Optimizer(init, update, traceable=True, proximal=_fista, answer=lambda y, state: list(state.x))
