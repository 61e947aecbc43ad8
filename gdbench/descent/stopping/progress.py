"""Rules on what a run can still hope for: no better cost for a while, or little left by extrapolation."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Deque, Optional

from gdbench.descent.domains import natural, non_negative
from gdbench.descent.errors import BadPairing
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.stopping.rule import Foreseeing, Rule, Verdict, Watcher, patient, stopping_rule
from gdbench.descent.stopping.settling import Rest, settled

NONE_HELD_OUT = (
    "stopping rule 'test_cost' looks at rows that are held out, and this data holds none out. Add them, as in "
    "data: {dataset: diabetes, test: 0.2}, or take no_improvement, which looks at the cost itself."
)


@dataclass
class _Best:
    """The lowest cost so far, and the iteration that had it."""

    cost: float = math.inf
    k: int = 0


@stopping_rule(
    "no_improvement", facts={"also": ("early_stopping", "patience")}, patience=natural, min_delta=non_negative
)
def no_improvement(patience: int, min_delta: float = 0.0) -> Rule:
    """f(w_i) ≥ best − min_delta for `patience` iterations in a row: early stopping (Prechelt 1998).

    best: the lowest cost so far; one that is lower by min_delta or less does not count.
    patience: iterations without improvement, ≥ 1; in batches the cost is looked at once an epoch, and where
    they have passed.  min_delta: ≥ 0, in units of the cost.
    The run is stopped, not converged: a cost that rises or jumps about does not improve either.
    """

    def watch(landscape: Landscape) -> Watcher:
        best = _Best()

        def watcher(now: Iterate) -> Optional[Verdict]:
            if now.cost < best.cost - min_delta:
                best.cost, best.k = now.cost, now.k
            if now.k - best.k >= patience:
                return Verdict("no_improvement", "stopped", f"no cost {_lower(best, min_delta, patience)}")
            return None

        return Foreseeing(watcher, lambda k: k - best.k >= patience, memory=(best,))

    return patient(watch, 1)


@stopping_rule(
    "test_cost",
    facts={"also": ("early_stopping", "validation"), "held_out": True},
    patience=natural,
    min_delta=non_negative,
)
def no_test_improvement(patience: int, min_delta: float = 0.0) -> Rule:
    """The same of the rows held out: no lower cost on them for `patience` iterations (Prechelt 1998).

    The data must have rows held out. What is chosen by them is not tested by them: a run that this rule ends
    has seen them.
    patience, min_delta: as in no_improvement.
    The run is stopped, not converged: the cost that it minimises may be far from its minimum.
    """

    def watch(landscape: Landscape) -> Watcher:
        held_out = landscape.held_out
        if held_out is None:
            raise BadPairing(NONE_HELD_OUT)
        best = _Best()

        def watcher(now: Iterate) -> Optional[Verdict]:
            found = held_out(now)
            if found < best.cost - min_delta:
                best.cost, best.k = found, now.k
            if now.k - best.k >= patience:
                return Verdict("test_cost", "stopped", f"no test cost {_lower(best, min_delta, patience)}")
            return None

        return Foreseeing(watcher, lambda k: k - best.k >= patience, memory=(best,))

    return patient(watch, 1)


def _lower(best: _Best, min_delta: float, patience: int) -> str:
    return f"lower than {best.cost:.6g} by more than {min_delta:g} in {patience} iterations"


@stopping_rule("aitken_gap", tolerance=non_negative, patience=natural)
def aitken_gap(tolerance: float, patience: int = 1) -> Rule:
    """f(w_k) − f_∞ ≤ tolerance, where f_∞ = f_k − (Δ_k)² / (Δ_k − Δ_{k−1}), Δ_k = f_k − f_{k−1}  (Aitken 1926).

    The estimate is exact for a cost that falls by a constant factor towards f_∞. It is made only where
    the cost falls ever more slowly (Δ_{k−1} < Δ_k ≤ 0), or has not changed twice; it knows nothing of a
    plateau's far end, and too little of a cost with several rates, whose slowest has yet to show.
    tolerance: ≥ 0, in units of the cost.  patience: iterates in a row, ≥ 1.
    """

    def watch(landscape: Landscape) -> Watcher:
        seen: Deque[Iterate] = deque(maxlen=3)
        rest = Rest(landscape.rests)

        def watcher(now: Iterate) -> Optional[Verdict]:
            seen.append(now)
            if len(seen) < 3:
                return None
            resting = rest.on_a_slope(seen[1], now)
            change = now.cost - seen[1].cost
            gap = _remaining(seen[1].cost - seen[0].cost, change)
            if gap is None or gap > tolerance:
                return None
            if resting:
                return rest.stalled("aitken_gap", now)
            reason = f"estimated gap {gap:.3g} ≤ {tolerance:g}"
            return settled("aitken_gap", seen[1], now, reason, max(tolerance, -change))

        return Foreseeing(watcher, memory=(seen, rest))

    return patient(watch, patience)


def _remaining(before: float, change: float) -> Optional[float]:
    """Δ_k² / (Δ_k − Δ_{k−1}), the sum of the falls to come if each is the same fraction of the last."""
    if before == change == 0.0:
        return 0.0
    if not -math.inf < before < change <= 0.0:
        return None
    ratio = change / before  # Δ_k · ratio / (1 − ratio) and not Δ_k², which may underflow
    return -change * ratio / (1.0 - ratio)
