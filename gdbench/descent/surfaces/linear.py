"""The linear least-squares problems of Moré, Garbow & Hillstrom (1981): quadratics, two of them of rank one."""

from __future__ import annotations

from typing import Callable, Dict, Sequence

from gdbench.descent.domains import at_least, natural
from gdbench.descent.errors import BadParameter
from gdbench.descent.functions import Scalar
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER
from gdbench.descent.surfaces.registry import Minimum, sum_of_squares, surface, total


def _rows_enough(dimension: int, rows: int) -> None:
    if rows < dimension:
        raise BadParameter("rows", f"'rows' must be 'dimension' or more, and {rows} is below {dimension}.")


def _facts(number: int, minimum: Callable[[int, int], Minimum]) -> Dict[str, object]:
    return {
        "source": f"{PAPER} {number}",
        "start": lambda dimension, rows: [1.0] * dimension,
        "dimension": lambda dimension, rows: dimension,
        "minimum": lambda dimension, rows: minimum(dimension, rows),  # noqa: PLW0108  facts are called by keyword
        "others": lambda dimension, rows: [],
        "check": _rows_enough,
        "quadratic": True,
    }


@surface(
    "linear_full_rank",
    facts=_facts(32, lambda n, m: (float(m - n), [-1.0] * n)),
    dimension=natural,
    rows=natural,
)
def linear_full_rank(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """Σ (wᵢ − 2s/m − 1)² + (m − d)(2s/m + 1)² with s = Σ wⱼ: least value m − d at −1, Hessian 2I.

    dimension: d ≥ 1.  rows: m ≥ d.
    """
    shift = (2.0 / rows) * total(w) + 1.0
    return sum_of_squares([*(w_i - shift for w_i in w), *[-shift] * (rows - dimension)])


@surface(
    "linear_rank_one",
    facts=_facts(33, lambda n, m: (m * (m - 1) / (4.0 * m + 2.0), [3.0 / (2.0 * m + 1.0)] + [0.0] * (n - 1))),
    dimension=natural,
    rows=natural,
)
def linear_rank_one(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """Σ (i·s − 1)², i = 1 … m, with s = Σ j wⱼ: least value m(m − 1)/(4m + 2) wherever s = 3/(2m + 1).

    dimension: d ≥ 1.  rows: m ≥ d.
    """
    s = total(float(j) * w_j for j, w_j in enumerate(w, start=1))
    return sum_of_squares(float(i) * s - 1.0 for i in range(1, rows + 1))


@surface(
    "linear_rank_one_with_zeros",
    facts=_facts(
        34,
        lambda n, m: ((m * m + 3 * m - 6) / (4.0 * m - 6.0), [0.0, 1.5 / (2.0 * m - 3.0)] + [0.0] * (n - 2)),
    ),
    dimension=at_least(3),
    rows=natural,
)
def linear_rank_one_with_zeros(w: Sequence[Scalar], dimension: int = 10, rows: int = 20) -> Scalar:
    """2 + Σ (i·s − 1)², i = 1 … m − 2, with s = Σ j wⱼ over all j but the first and last.

    Its least value is (m² + 3m − 6)/(4m − 6), wherever s = 3/(2m − 3).
    dimension: d ≥ 3.  rows: m ≥ d.
    """
    s = total(float(j) * w_j for j, w_j in enumerate(w[1:-1], start=2))
    return 2.0 + sum_of_squares(float(i) * s - 1.0 for i in range(1, rows - 1))
