"""What is added to the mean cost to keep weights small; biases are left out unless asked for.

w: the penalised parameters.  A penalty gives a scalar, 0 for no parameters.  `PenaltyFacts` lists what one
may claim of itself.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from gdbench.descent.domains import boolean, fraction, non_negative
from gdbench.descent.functions import Scalar, absolute
from gdbench.descent.registry import Choice, Registry, find, settled

PENALTIES: Registry[Scalar] = Registry(
    "penalty", "penalties", given=1, also=("regularization", "regularizer", "regularisation", "reg", "alpha")
)
penalty = PENALTIES.register


class PenaltyFacts(NamedTuple):
    """What a penalty claims of itself: to be Σⱼ l1 |wⱼ| + ½ l2 wⱼ². None: not known to be of this form."""

    l1: Optional[float] = None
    l2: Optional[float] = None


class Strengths(NamedTuple):
    """A penalty as Σⱼ l1 |wⱼ| + ½ l2 wⱼ² over the weights, and over the biases if `bias`."""

    l1: float
    l2: float
    bias: bool


def strengths(choice: Choice) -> Optional[Strengths]:
    """A penalty in config form as strengths; None where it does not say that it is of this form."""
    (name,) = choice
    if name not in PENALTIES:  # a record may outlive a plug-in
        return None
    entry, parameters = find(PENALTIES, choice)
    facts = PenaltyFacts(**settled(entry.facts, parameters))
    if facts.l1 is None or facts.l2 is None:
        return None
    return Strengths(facts.l1, facts.l2, bool(parameters.get("bias", False)))


@penalty("none", facts={"l1": 0.0, "l2": 0.0})
def none(w: Sequence[Scalar]) -> Scalar:
    """0: nothing is added."""
    return 0.0


@penalty(
    "l1",
    facts={"also": ("lasso",), "l1": lambda strength, bias: strength, "l2": 0.0},
    strength=non_negative,
    bias=boolean,
)
def l1(w: Sequence[Scalar], strength: float, bias: bool = False) -> Scalar:  # noqa: FBT001, FBT002  set by name in YAML
    """λ ‖w‖₁: the lasso's (Tibshirani 1996); slope 0 at the kink.

    strength: λ ≥ 0.  bias: whether biases are penalised as well.
    """
    return strength * _sum([absolute(w_j) for w_j in w])


@penalty(
    "l2",
    facts={
        "also": ("ridge", "weight_decay", "tikhonov", "decay"),
        "l1": 0.0,
        "l2": lambda strength, bias: strength,
    },
    strength=non_negative,
    bias=boolean,
)
def l2(w: Sequence[Scalar], strength: float, bias: bool = False) -> Scalar:  # noqa: FBT001, FBT002  as above
    """(λ/2) ‖w‖₂²: ridge (Hoerl & Kennard 1970; Tikhonov 1943).

    strength: λ ≥ 0.  bias: whether biases are penalised as well.
    """
    return 0.5 * strength * _sum([w_j * w_j for w_j in w])


@penalty(
    "elastic_net",
    facts={
        "also": ("enet", "elasticnet"),
        "l1": lambda strength, ratio, bias: strength * ratio,
        "l2": lambda strength, ratio, bias: strength * (1.0 - ratio),
    },
    strength=non_negative,
    ratio=fraction,
    bias=boolean,
)
def elastic_net(
    w: Sequence[Scalar],
    strength: float,
    ratio: float = 0.5,
    bias: bool = False,  # noqa: FBT001, FBT002  as above
) -> Scalar:
    """λ (ρ ‖w‖₁ + ½ (1 − ρ) ‖w‖₂²)  (Zou & Hastie 2005).

    strength: λ ≥ 0.  ratio: ρ in [0, 1], the share of the 1-norm.  bias: whether biases are penalised.
    """
    shares = [ratio * absolute(w_j) + 0.5 * (1.0 - ratio) * (w_j * w_j) for w_j in w]
    return strength * _sum(shares)


def _sum(values: Sequence[Scalar]) -> Scalar:
    """From left to right, because sum() of floats rounds differently from version to version."""
    if not values:
        return 0.0
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
