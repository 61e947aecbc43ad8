"""What is added to the mean cost to keep weights small; biases are left out unless asked for.

w: the penalised parameters.  A penalty gives a scalar, 0 for no parameters.
"""

from __future__ import annotations

from typing import Any, Sequence

from gdbench.descent.domains import boolean, fraction, non_negative
from gdbench.descent.functions import absolute
from gdbench.descent.registry import Registry

PENALTIES: Registry[Any] = Registry("penalty", "penalties", given=1)
penalty = PENALTIES.register


@penalty("none")
def none(w: Sequence[Any]) -> Any:
    """0: nothing is added."""
    return 0.0


@penalty("l1", strength=non_negative, bias=boolean)
def l1(w: Sequence[Any], strength: float, bias: bool = False) -> Any:  # noqa: FBT001, FBT002  set by name in YAML
    """λ ‖w‖₁: the lasso's (Tibshirani 1996); slope 0 at the kink.

    strength: λ ≥ 0.  bias: whether biases are penalised as well.
    """
    return strength * _sum([absolute(w_j) for w_j in w])


@penalty("l2", strength=non_negative, bias=boolean)
def l2(w: Sequence[Any], strength: float, bias: bool = False) -> Any:  # noqa: FBT001, FBT002  as above
    """(λ/2) ‖w‖₂²: ridge (Hoerl & Kennard 1970; Tikhonov 1943).

    strength: λ ≥ 0.  bias: whether biases are penalised as well.
    """
    return 0.5 * strength * _sum([w_j * w_j for w_j in w])


@penalty("elastic_net", strength=non_negative, ratio=fraction, bias=boolean)
def elastic_net(
    w: Sequence[Any],
    strength: float,
    ratio: float = 0.5,
    bias: bool = False,  # noqa: FBT001, FBT002  as above
) -> Any:
    """λ (ρ ‖w‖₁ + ½ (1 − ρ) ‖w‖₂²)  (Zou & Hastie 2005).

    strength: λ ≥ 0.  ratio: ρ in [0, 1], the share of the 1-norm.  bias: whether biases are penalised.
    """
    shares = [ratio * absolute(w_j) + 0.5 * (1.0 - ratio) * (w_j * w_j) for w_j in w]
    return strength * _sum(shares)


def _sum(values: Sequence[Any]) -> Any:
    """From left to right, because sum() of floats rounds differently from version to version."""
    if not values:
        return 0.0
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
