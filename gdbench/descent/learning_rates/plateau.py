"""A rate that is reduced when the cost has stopped to improve."""

from __future__ import annotations

from dataclasses import dataclass

from gdbench.descent.domains import inner_fraction, non_negative, positive, whole
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import Chooser, LearningRate, Remembering, in_order, learning_rate


def _check(rate: float, factor: float, patience: int, threshold: float, cooldown: int, lowest: float) -> None:
    in_order("reduce_on_plateau", "lowest", lowest, "rate", rate)


@dataclass
class _Seen:
    """eta: the rate.  best: the lowest cost.  bad, cooling: iterates without improvement, and not to count."""

    eta: float
    best: float = float("inf")
    bad: int = 0
    cooling: int = 0


@learning_rate(
    "reduce_on_plateau",
    facts={"check": _check, "whole": True},  # it compares costs, which batches make noisy
    rate=positive,
    factor=inner_fraction,
    patience=whole,
    threshold=non_negative,
    cooldown=whole,
    lowest=non_negative,
)
def reduce_on_plateau(
    rate: float,
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    cooldown: int = 0,
    lowest: float = 0.0,
) -> LearningRate:
    """η ← max(factor · η, lowest) after more than `patience` iterates without an improvement.

    An improvement is f(w_k) < best − threshold · |best|.  rate: η₀ > 0.  factor: in (0, 1).
    patience: ≥ 0, iterates.  threshold: ≥ 0, a fraction.  cooldown: iterates after a reduction that do
    not count, ≥ 0.  lowest: in [0, rate].  (The rule is PyTorch's; η_k has seen f(w_0) … f(w_k).)
    """

    def begin(landscape: Landscape) -> Chooser:
        seen = _Seen(rate)

        def choose(now: Iterate) -> float:
            best = seen.best
            # infinity first: ∞ − t·∞ is no number, and nothing is below that
            if now.cost < (best if best == float("inf") else best - threshold * abs(best)):
                seen.best, seen.bad = now.cost, 0
            else:
                seen.bad += 1
            if seen.cooling > 0:
                seen.cooling, seen.bad = seen.cooling - 1, 0
            if seen.bad > patience:
                seen.eta, seen.bad, seen.cooling = max(factor * seen.eta, lowest), 0, cooldown
            return seen.eta

        return Remembering(choose, (seen,))

    return begin
