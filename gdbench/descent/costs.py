"""What is minimised: each cost compares one prediction with one target; a run minimises the mean.

p: the model's response, or its raw score z for costs that say so (`on`: "score").  y: the target; for
costs over classes, p and y are lists, y being 1 for the row's class and 0 elsewhere.
`targets` says what the data must hold: "binary" (0 and 1), "classes" (0, 1, 2, …), "counts", or any number.
"""

from __future__ import annotations

from typing import Any, Sequence

from gdbench.descent.domains import inner_fraction, positive
from gdbench.descent.functions import absolute, below, dot, exp, log_sum_exp, maximum, softplus, where
from gdbench.descent.functions import log_cosh as log_cosh_of
from gdbench.descent.registry import Registry

COSTS: Registry[Any] = Registry("cost", "costs", given=2)
cost = COSTS.register

RESPONSE = {"on": "response"}
BINARY = {"on": "score", "targets": "binary"}


@cost("mse", facts=RESPONSE)
def mse(p: Any, y: Any) -> Any:
    """(p − y)²: squared error; its mean is the mean squared error (Legendre 1805; Gauss 1809)."""
    r = p - y
    return r * r


@cost("half_mse", facts=RESPONSE)
def half_mse(p: Any, y: Any) -> Any:
    """½ (p − y)²: squared error with the ½ that makes its slope p − y."""
    r = p - y
    return 0.5 * r * r


@cost("mae", facts=RESPONSE)
def mae(p: Any, y: Any) -> Any:
    """|p − y|: absolute error (Boscovich 1757); slope 0 at the kink."""
    return absolute(p - y)


@cost("huber", facts=RESPONSE, delta=positive)
def huber(p: Any, y: Any, delta: float = 1.0) -> Any:
    """½ r² for |r| ≤ δ, else δ (|r| − ½ δ), with r = p − y (Huber 1964).

    delta: δ > 0, in units of the target.
    """
    r = p - y
    size = absolute(r)
    return where(below(delta, size), delta * (size - 0.5 * delta), 0.5 * r * r)


@cost("log_cosh", facts=RESPONSE)
def log_cosh(p: Any, y: Any) -> Any:
    """log cosh(p − y): like ½ r² near 0 and |r| − log 2 far away; its slope is tanh r."""
    return log_cosh_of(p - y)


@cost("pinball", facts=RESPONSE, tau=inner_fraction)
def pinball(p: Any, y: Any, tau: float = 0.5) -> Any:
    """max(τ e, (τ − 1) e) with e = y − p: quantile regression (Koenker & Bassett 1978).

    tau: τ in (0, 1), the quantile; ½ gives half the absolute error.
    """
    e = y - p
    return maximum(tau * e, (tau - 1.0) * e)


@cost("logistic", facts=BINARY)
def logistic(z: Any, y: Any) -> Any:
    """log(1 + eᶻ) − y z: cross-entropy of the log-odds z for y in {0, 1} (Cox 1958).

    Written as softplus((1 − 2y) z), which is the same for y = 0 and y = 1 and keeps its relative
    precision where the plain form subtracts two large numbers (y = 1, z ≫ 0).
    """
    return softplus((1.0 - 2.0 * y) * z)


@cost("softmax", facts={"on": "score", "targets": "classes"})
def softmax(z: Sequence[Any], y: Sequence[Any]) -> Any:
    """log Σₖ e^(zₖ) − z_y: cross-entropy of the scores z, one for each class (Bridle 1990)."""
    return log_sum_exp(z) - dot(z, y)


@cost("hinge", facts=BINARY)
def hinge(z: Any, y: Any) -> Any:
    """max(0, 1 − s z) with s = 2y − 1 in {−1, +1} (Cortes & Vapnik 1995); half the slope at the kink."""
    return maximum(0.0, 1.0 - (2.0 * y - 1.0) * z)


@cost("squared_hinge", facts=BINARY)
def squared_hinge(z: Any, y: Any) -> Any:
    """max(0, 1 − s z)² with s = 2y − 1 in {−1, +1}."""
    h = maximum(0.0, 1.0 - (2.0 * y - 1.0) * z)
    return h * h


@cost("poisson", facts={"on": "score", "targets": "counts"})
def poisson(z: Any, y: Any) -> Any:
    """eᶻ − y z: Poisson deviance of the log-rate z, without the constant log y! (Nelder & Wedderburn 1972)."""
    return exp(z) - y * z
