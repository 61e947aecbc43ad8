"""What is known around a run before theory speaks of it."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Sequence

from gdbench.descent.theory.card import Card


class Known(NamedTuple):
    """What is known around a run.

    smoothness, convexity: L and μ as the run was told them.  start: w_0.  minimiser: w*.
    gap: f(w_0) − f*.  gaps: target → the gap f − f* at which it is met.
    """

    card: Card
    smoothness: Optional[float] = None
    convexity: Optional[float] = None
    start: Sequence[float] = ()
    minimiser: Sequence[float] = ()
    gap: Optional[float] = None
    gaps: Mapping[str, float] = {}
