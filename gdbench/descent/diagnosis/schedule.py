"""The rates of a run after the fact: of any iteration, and all that were still to come."""

from __future__ import annotations

from typing import Callable, Optional

from gdbench.descent.errors import GdbenchError
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import LEARNING_RATES, needs_of
from gdbench.descent.registry import Spec, build
from gdbench.descent.theory.updates import fixed_rate

#: Blocks of iterations, each a thirty-second longer, over which falling rates are summed.
MOST_BLOCKS = 3000


def settled(spec: Spec, smoothness: Optional[float], convexity: Optional[float], k: int) -> Optional[float]:
    """η_k, where it was settled in advance."""
    ((name, _),) = spec["learning_rate"].items()
    facts = LEARNING_RATES[name].facts if name in LEARNING_RATES else {"search": True}
    if facts.get("search") or facts.get("whole"):
        return None
    told = fixed_rate(spec, smoothness, convexity)
    if told is not None or needs_of(spec["learning_rate"]):
        return told
    # of a plug-in only where it does not look at where it is
    try:
        rates = {_chosen(spec, Iterate(k, [at], at, [at], at)) for at in (0.0, 1.0)}
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, GdbenchError):
        return None
    return rates.pop() if len(rates) == 1 else None


def _chosen(spec: Spec, now: Iterate) -> float:
    return build(LEARNING_RATES, spec["learning_rate"])(Landscape(lambda w: (0.0, w)))(now)


def left(rate_at: Callable[[int], Optional[float]], k: int) -> Optional[float]:
    """Σ η_j from k on, of rates that fall and whose sum is finite: from above, by a few %."""
    total = 0.0
    for _ in range(MOST_BLOCKS):
        rate = rate_at(k)
        if rate is None:
            return None
        length = 1 + k // 32
        total, k = total + length * rate, k + length
        if length * rate <= 1e-12 * total:
            return total
    return None
