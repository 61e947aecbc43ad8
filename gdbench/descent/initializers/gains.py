"""By how much each nonlinearity shrinks a signal, so that weights can make up for it."""

from __future__ import annotations

import math
from typing import Dict

from gdbench.descent.domains import Domain, one_of

#: He et al. 2015 (relu), Klambauer et al. 2017 (selu: 1 to the paper, ¾ is steadier in practice), and
#: PyTorch's `calculate_gain`, which has ¾ for selu and 5/3 for tanh.
_GAINS: Dict[str, float] = {
    "identity": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}

nonlinearity_name: Domain[str] = one_of(*_GAINS, "leaky_relu")


def gain_of(nonlinearity: str, slope: float = 0.01) -> float:
    """1 for identity and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + slope²)) for leaky_relu, ¾ for selu.

    slope: of leaky_relu below 0; the others ignore it.
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + slope * slope))
    return _GAINS[nonlinearity]
