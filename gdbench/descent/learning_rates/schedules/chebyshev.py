"""Chebyshev's steps: rates that end a period with the least error on every spectrum between μ and L."""

from __future__ import annotations

import math
from typing import List, Optional

from gdbench.descent.domains import natural, optional, positive
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates.protocol import (
    Chooser,
    LearningRate,
    Schedule,
    curvatures,
    curvatures_needed,
    learning_rate,
    of_curvatures,
)


@learning_rate(
    "chebyshev",
    facts={
        "also": ("richardson", "young"),
        "check": of_curvatures("chebyshev"),
        "needs": curvatures_needed,
        "rests": lambda period, **_: period,
    },
    period=natural,
    mu=optional(positive),
    smoothness=optional(positive),
)
def chebyshev(period: int, mu: Optional[float] = None, smoothness: Optional[float] = None) -> LearningRate:
    """1/η_k = ½ (L + μ) + ½ (L − μ) cos(½π θ_k / N), over and over again in N steps  (Young 1953).

    θ is a permutation of 1, 3, …, 2N − 1, in an order in which no step undoes what others have reached (Lebedev
    & Finogenov 1971). On quadratics N steps shrink the distance to the minimum by 1 / T_N((L + μ)/(L − μ)) at
    least, which no other N rates do for every spectrum in [μ, L]; on other functions nothing is promised.
    period: N ≥ 1.  mu, smoothness: μ ≤ L; those of the problem unless given.
    """

    def begin(landscape: Landscape) -> Chooser:
        least, top = curvatures("chebyshev", landscape, mu, smoothness)
        middle, width = 0.5 * (top + least), 0.5 * (top - least)
        rates = [
            1.0 / (middle + width * math.cos(0.5 * math.pi * theta / period)) for theta in stable_order(period)
        ]
        return Schedule(lambda k: rates[k % period])

    return begin


def stable_order(count: int) -> List[int]:
    """1, 3, …, 2N − 1 such that each small rate is followed by a large one that it makes up for.

    θ of 2m is θ_i, 4m − θ_i for each of m, and of 2m + 1 it is θ_i, 4m + 2 − θ_i, and 2m + 1 at the end
    (Lebedev & Finogenov 1971; Samarskii & Nikolaev 1989).
    """
    if count == 1:
        return [1]
    half, odd = divmod(count, 2)
    found = [theta for first in stable_order(half) for theta in (first, 2 * count - first)]
    return found + [count] * odd
