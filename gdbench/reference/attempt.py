"""What cannot be worked out is not known, which is no reason to stop.

Solvers are written for ordinary tables. On one row of zeros SciPy's trust region ends at a variable that it
never set, near 1e160 squares leave the range of floats, and LAPACK gives up on matrices that are not finite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Other = TypeVar("Other")

#: What a solver may end in. A mistake of ours (a missing name, a wrong type) is none of these and is seen.
FAILURES = (ArithmeticError, ValueError, UnboundLocalError)


def attempted(work: Callable[[], T], otherwise: Other) -> T | Other:
    """What the work gives, or the other where it fails."""
    try:
        return work()
    except FAILURES:
        return otherwise
