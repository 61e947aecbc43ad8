"""FISTA: soft thresholding with Nesterov's momentum."""

from __future__ import annotations

from typing import NamedTuple, Sequence, Tuple, cast

from gdbench.descent.functions import sqrt
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, optimizer
from gdbench.descent.optimizers.proximal.ista import proximal_step


class _State(NamedTuple):
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
    def init(w: Vector) -> _State:
        return _State(w, 1.0)

    def update(y: Vector, g: Vector, state: _State, rate: float) -> Tuple[Vector, _State]:
        t = cast(float, 0.5 * (1.0 + sqrt(1.0 + 4.0 * state.t * state.t)))
        ahead = (state.t - 1.0) / t
        x = proximal_step(y, g, rate, kinks)
        return [x_j + ahead * (x_j - v_j) for x_j, v_j in zip(x, state.x)], _State(x, t)

    return Optimizer(init, update, traceable=True, proximal=_fista, answer=lambda y, state: list(state.x))
