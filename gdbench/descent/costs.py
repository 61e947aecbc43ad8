"""What is minimised: each cost compares one prediction with one target; a run minimises the mean.

p: the model's response, or its raw score for costs that say so (`on`: "score").  y: the target.
"""

from __future__ import annotations

from typing import Any

from gdbench.descent.functions import softplus
from gdbench.descent.registry import Registry

COSTS = Registry("cost", "costs", given=2)
cost = COSTS.register


@cost("mse", facts={"on": "response"})
def mse(p: Any, y: Any) -> Any:
    """(p − y)²: squared error; its mean is the mean squared error (Legendre 1805; Gauss 1809)."""
    r = p - y
    return r * r


@cost("logistic", facts={"on": "score", "targets": "binary"})
def logistic(z: Any, y: Any) -> Any:
    """log(1 + eᶻ) − y z: cross-entropy of the log-odds z for y in {0, 1} (Cox 1958).

    Written as softplus((1 − 2y) z), which is the same for y = 0 and y = 1 and keeps its relative
    precision where the plain form subtracts two large numbers (y = 1, z ≫ 0).
    """
    return softplus((1.0 - 2.0 * y) * z)
