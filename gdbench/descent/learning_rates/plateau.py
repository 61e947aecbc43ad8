"""A rate that is reduced when the cost has stopped to improve."""

from __future__ import annotations

from gdbench.descent.domains import inner_fraction, non_negative, positive, whole
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates.protocol import Chooser, LearningRate, in_order, learning_rate


def _check(rate: float, factor: float, patience: int, threshold: float, cooldown: int, lowest: float) -> None:
    in_order("reduce_on_plateau", "lowest", lowest, "rate", rate)


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
        eta, best, bad, cooling = rate, float("inf"), 0, 0

        def choose(now: Iterate) -> float:
            nonlocal eta, best, bad, cooling
            # infinity first: ∞ − t·∞ is no number, and nothing is below that
            if now.cost < (best if best == float("inf") else best - threshold * abs(best)):
                best, bad = now.cost, 0
            else:
                bad += 1
            if cooling > 0:
                cooling, bad = cooling - 1, 0
            if bad > patience:
                eta, bad, cooling = max(factor * eta, lowest), 0, cooldown
            return eta

        return choose

    return begin
