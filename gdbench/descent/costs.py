"""What is minimised: each cost compares one prediction with one target; a run minimises the mean.

p: the model's response, or its raw score z for costs that say so (`on`: "score").  y: the target; for
costs over classes, p and y are lists, y being 1 for the row's class and 0 elsewhere.  `CostFacts` lists
what a cost may claim of itself.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence, Union

from gdbench.descent.domains import inner_fraction, positive
from gdbench.descent.functions import (
    Scalar,
    absolute,
    below,
    dot,
    exp,
    log_sum_exp,
    maximum,
    softplus,
    where,
)
from gdbench.descent.functions import log_cosh as log_cosh_of
from gdbench.descent.registry import Choice, Registry, find, settled

COSTS: Registry[Scalar] = Registry("cost", "costs", given=2, also=("loss", "losses", "criterion", "objective"))
cost = COSTS.register

#: A row's target; of costs over classes a list, 1 for the row's class and 0 elsewhere.
Target = Any
#: The derivative of a row's cost by its prediction; of costs over classes a list.
Slope = Callable[..., Target]


class CostFacts(NamedTuple):
    """What a cost claims of itself, as a function of what it looks at; None: not known.

    on: "response", or "score" to see the raw score.  targets: what the data must hold: "binary" (0 and 1),
    "classes" (0, 1, 2, …), "counts", or "" for any number.  link: how a mean of the targets becomes a
    score: "identity", "log", "logit", "softmax", "" for in no way; None: as the model says.
    convex: for every target.  curvature: c, above which the second derivative never is (of classes its
    largest eigenvalue); inf where it has no bound.  most_curved_at: where it is c whatever the target.
    quadratic: it is ½ c (p − y)².  steepest: above which its slope never is, in either direction.
    gradient: (p, y) → the slope as its author wrote it down: `gradient: given` goes by it, checks compare it.
    kinks: y → where the slope jumps; () for nowhere.  falls: y → the direction in which the cost falls for
    ever without a least value; 0 for none.
    """

    on: str = "response"
    targets: str = ""
    link: Optional[str] = None
    convex: Optional[bool] = None
    curvature: Optional[float] = None
    most_curved_at: Optional[float] = None
    quadratic: bool = False
    steepest: Optional[float] = None
    gradient: Optional[Slope] = None
    kinks: Union[Sequence[float], Callable[[Target], Sequence[float]], None] = None
    falls: Union[float, Callable[[Target], Union[float, Sequence[float]]], None] = None

    @property
    def kinked(self) -> Optional[bool]:
        """Whether there is a target for which it has a kink."""
        return None if self.kinks is None else bool(self.kinks)

    @property
    def smooth_curvature(self) -> Optional[float]:
        """c, a Lipschitz constant of the slope; None where there is none or it is not known."""
        bound = self.curvature
        return bound if self.kinked is False and bound is not None and math.isfinite(bound) else None

    def kinks_at(self, y: Target) -> Sequence[float]:
        return self.kinks(y) if callable(self.kinks) else self.kinks or ()

    def falls_at(self, y: Target) -> Union[float, Sequence[float]]:
        return self.falls(y) if callable(self.falls) else self.falls or 0.0


def cost_facts(choice: Choice) -> CostFacts:
    """The facts of a cost in config form; none of one whose plug-in a record has outlived."""
    (name,) = choice
    if name not in COSTS:
        return CostFacts()
    entry, parameters = find(COSTS, choice)
    return CostFacts(**settled(entry.facts, parameters, functions=("kinks", "falls", "gradient")))


#: Of a convex cost without kinks that grows on both sides, or comes to rest at its least value.
SMOOTH: Mapping[str, object] = {"convex": True, "kinks": (), "falls": 0.0}
#: Of one made of straight pieces: between its kinks it does not bend.
STRAIGHT: Mapping[str, object] = {"convex": True, "curvature": 0.0, "falls": 0.0}
BINARY: Mapping[str, object] = {"on": "score", "targets": "binary"}


def _at_the_target(y: float, **_: float) -> Sequence[float]:
    return (y,)


@cost(
    "mse",
    facts={
        "also": ("mean_squared_error", "squared_error", "l2_loss", "least_squares", "sse"),
        **SMOOTH,
        "curvature": 2.0,
        "quadratic": True,
    },
)
def mse(p: Scalar, y: Scalar) -> Scalar:
    """(p − y)²: squared error; its mean is the mean squared error (Legendre 1805; Gauss 1809)."""
    r = p - y
    return r * r


@cost("half_mse", facts={**SMOOTH, "curvature": 1.0, "quadratic": True})
def half_mse(p: Scalar, y: Scalar) -> Scalar:
    """½ (p − y)²: squared error with the ½ that makes its slope p − y."""
    r = p - y
    return 0.5 * r * r


@cost(
    "mae",
    facts={
        "also": ("mean_absolute_error", "absolute_error", "l1_loss", "lad"),
        **STRAIGHT,
        "steepest": 1.0,
        "kinks": _at_the_target,
    },
)
def mae(p: Scalar, y: Scalar) -> Scalar:
    """|p − y|: absolute error (Boscovich 1757); slope 0 at the kink."""
    return absolute(p - y)


@cost("huber", facts={"also": ("smooth_l1", "smooth_mae"), **SMOOTH, "curvature": 1.0}, delta=positive)
def huber(p: Scalar, y: Scalar, delta: float = 1.0) -> Scalar:
    """½ r² for |r| ≤ δ, else δ (|r| − ½ δ), with r = p − y (Huber 1964).

    delta: δ > 0, in units of the target.
    """
    r = p - y
    size = absolute(r)
    return where(below(delta, size), delta * (size - 0.5 * delta), 0.5 * r * r)


@cost("log_cosh", facts={"also": ("logcosh",), **SMOOTH, "curvature": 1.0})
def log_cosh(p: Scalar, y: Scalar) -> Scalar:
    """log cosh(p − y): like ½ r² near 0 and |r| − log 2 far away; its slope is tanh r."""
    return log_cosh_of(p - y)


@cost(
    "pinball",
    facts={
        "also": ("quantile", "quantile_loss"),
        **STRAIGHT,
        "steepest": lambda tau: max(tau, 1.0 - tau),
        "kinks": _at_the_target,
    },
    tau=inner_fraction,
)
def pinball(p: Scalar, y: Scalar, tau: float = 0.5) -> Scalar:
    """max(τ e, (τ − 1) e) with e = y − p: quantile regression (Koenker & Bassett 1978).

    tau: τ in (0, 1), the quantile; ½ gives half the absolute error.
    """
    e = y - p
    return maximum(tau * e, (tau - 1.0) * e)


@cost(
    "logistic",
    facts={
        "also": ("cross_entropy", "binary_cross_entropy", "bce", "log_loss", "logloss", "nll"),
        **BINARY,
        **SMOOTH,
        "link": "logit",
        "curvature": 0.25,  # σ' is ¼ at 0
        "most_curved_at": 0.0,
        "falls": lambda y: 2.0 * y - 1.0,
    },
)
def logistic(z: Scalar, y: Scalar) -> Scalar:
    """log(1 + eᶻ) − y z: cross-entropy of the log-odds z for y in {0, 1} (Cox 1958).

    Written as softplus((1 − 2y) z), which is the same for y = 0 and y = 1 and keeps its relative
    precision where the plain form subtracts two large numbers (y = 1, z ≫ 0).
    """
    return softplus((1.0 - 2.0 * y) * z)


@cost(
    "softmax",
    facts={
        "also": (
            "cross_entropy",
            "categorical_cross_entropy",
            "sparse_categorical_crossentropy",
            "multinomial",
        ),
        **SMOOTH,
        "on": "score",
        "targets": "classes",
        "link": "softmax",
        "curvature": 0.5,  # which the largest eigenvalue of diag(π) − ππᵀ approaches (Böhning 1992)
        "falls": lambda y: y,
    },
)
def softmax(z: Sequence[Scalar], y: Sequence[Scalar]) -> Scalar:
    """log Σₖ e^(zₖ) − z_y: cross-entropy of the scores z, one for each class (Bridle 1990)."""
    return log_sum_exp(z) - dot(z, y)


@cost(
    "hinge",
    facts={
        "also": ("svm",),
        **BINARY,
        **STRAIGHT,
        "steepest": 1.0,
        "link": "",
        "kinks": lambda y: (2.0 * y - 1.0,),
    },
)
def hinge(z: Scalar, y: Scalar) -> Scalar:
    """max(0, 1 − s z) with s = 2y − 1 in {−1, +1} (Cortes & Vapnik 1995); half the slope at the kink."""
    return maximum(0.0, 1.0 - (2.0 * y - 1.0) * z)


@cost("squared_hinge", facts={**BINARY, **SMOOTH, "link": "", "curvature": 2.0})
def squared_hinge(z: Scalar, y: Scalar) -> Scalar:
    """max(0, 1 − s z)² with s = 2y − 1 in {−1, +1}."""
    h = maximum(0.0, 1.0 - (2.0 * y - 1.0) * z)
    return h * h


@cost(
    "poisson",
    facts={
        "also": ("poisson_nll", "count"),
        **SMOOTH,
        "on": "score",
        "targets": "counts",
        "link": "log",
        "curvature": math.inf,
        "falls": lambda y: 0.0 if y > 0.0 else -1.0,
    },
)
def poisson(z: Scalar, y: Scalar) -> Scalar:
    """eᶻ − y z: Poisson deviance of the log-rate z, without the constant log y! (Nelder & Wedderburn 1972)."""
    return exp(z) - y * z
