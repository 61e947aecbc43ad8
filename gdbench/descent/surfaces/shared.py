"""Test functions that other collections share: SFU's virtual library, Jamil & Yang, COCO's ancestors.

Some are given with a box outside of which they have no least value. Descent knows no box, so these claim no
minimum here: the least point within it, where the slope vanishes, stands among their other minimisers.
"""

from __future__ import annotations

import math
from typing import Sequence

from gdbench.descent.domains import natural
from gdbench.descent.functions import Scalar, absolute, cos, exp, maximum, sin, sqrt
from gdbench.descent.surfaces.registry import any_dimension, fixed, square, surface, total

#: The smallest normal number, below which √|u| is taken to be that of it, so that it keeps a finite slope.
TINY = 2.2250738585072014e-308
JAMIL_YANG = "Jamil & Yang (2013), Int. J. Math. Modelling 4(2)"


def _root(u: Scalar) -> Scalar:
    """√|u|."""
    return sqrt(maximum(absolute(u), TINY))


@surface(
    "matyas",
    facts=fixed(f"{JAMIL_YANG}; start ours", start=[5.0, -4.0], minimum=(0.0, [0.0, 0.0]), quadratic=True),
)
def matyas(w: Sequence[Scalar]) -> Scalar:
    """0.26(x² + y²) − 0.48xy: a quadratic with eigenvalues 0.04 and 1, minimum 0 at 0."""
    x, y = w
    return 0.26 * (x * x + y * y) - 0.48 * (x * y)


@surface(
    "levy",
    facts=any_dimension(
        "Levy & Montalvo (1985), SIAM J. Sci. Stat. Comput. 6(1), as in SFU's library; start ours",
        start=lambda d: [-2.0 + 0.5 * (j % 2) for j in range(d)],
        minimum=lambda d: (0.0, [1.0] * d),
    ),
    dimension=natural,
)
def levy(w: Sequence[Scalar], dimension: int = 2) -> Scalar:
    """sin²πv₁ + Σ(vᵢ − 1)²(1 + 10 sin²(πvᵢ + 1)) + (v_d − 1)²(1 + sin²2πv_d), v = 1 + (w − 1)/4: 0 at 1.

    dimension: d ≥ 1; i from 1 to d − 1.
    """
    v = [1.0 + 0.25 * (w_j - 1.0) for w_j in w]
    waves = [square(v_j - 1.0) * (1.0 + 10.0 * square(sin(math.pi * v_j + 1.0))) for v_j in v[:-1]]
    last = square(v[-1] - 1.0) * (1.0 + square(sin(2.0 * math.pi * v[-1])))
    return total([square(sin(math.pi * v[0])), *waves, last])


@surface(
    "easom",
    facts=fixed(
        f"Easom (1990), M. Eng. thesis, Louisville; {JAMIL_YANG}; start ours",
        start=[2.0, 2.5],
        minimum=(-1.0, [math.pi, math.pi]),
    ),
)
def easom(w: Sequence[Scalar]) -> Scalar:
    """−cos x cos y e^(−(x − π)² − (y − π)²): minimum −1 at (π, π), a hole in a plain without a slope."""
    x, y = w
    return -(cos(x) * cos(y) * exp(-(square(x - math.pi) + square(y - math.pi))))


@surface(
    "goldstein_price",
    facts=fixed(
        f"Goldstein & Price (1971), Math. Comp. 25(115); {JAMIL_YANG}; start ours",
        start=[-0.5, -0.2],
        minimum=(3.0, [0.0, -1.0]),
        others=[(30.0, [-0.6, -0.4]), (84.0, [1.8, 0.2]), (840.0, [1.2, 0.8])],
    ),
)
def goldstein_price(w: Sequence[Scalar]) -> Scalar:
    """Minimum 3 at (0, −1), three more at (−0.6, −0.4), (1.8, 0.2), (1.2, 0.8); up to 10⁶ on |x|, |y| ≤ 2.

    (1 + (x + y + 1)²(19 − 14x + 3x² − 14y + 6xy + 3y²)) ·
    (30 + (2x − 3y)²(18 − 32x + 12x² + 48y − 36xy + 27y²)).
    """
    x, y = w
    xx, xy, yy = x * x, x * y, y * y
    first = 19.0 - 14.0 * x + 3.0 * xx - 14.0 * y + 6.0 * xy + 3.0 * yy
    second = 18.0 - 32.0 * x + 12.0 * xx + 48.0 * y - 36.0 * xy + 27.0 * yy
    return (1.0 + square(x + y + 1.0) * first) * (30.0 + square(2.0 * x - 3.0 * y) * second)


@surface(
    "three_hump_camel",
    facts=fixed(
        f"{JAMIL_YANG}; start ours",
        start=[2.0, 1.0],
        minimum=(0.0, [0.0, 0.0]),
        others=[
            (0.29863844223685982, [1.7475523458302889, -0.87377617291514445]),
            (0.29863844223685982, [-1.7475523458302889, 0.87377617291514445]),
        ],
    ),
)
def three_hump_camel(w: Sequence[Scalar]) -> Scalar:
    """2x² − 1.05x⁴ + x⁶/6 + xy + y²: minimum 0 at 0, and a local one on either side."""
    x, y = w
    xx = x * x
    return 2.0 * xx - 1.05 * square(xx) + xx * square(xx) / 6.0 + x * y + y * y


@surface(
    "mccormick",
    facts=fixed(
        f"McCormick (1976), Math. Programming 10; {JAMIL_YANG}; start ours",
        start=[1.0, 1.0],
        minimum=None,
        others=[(-1.9132229549810362, [-0.54719755119659775, -1.5471975511965977])],
        unbounded=True,
    ),
)
def mccormick(w: Sequence[Scalar]) -> Scalar:
    """sin(x + y) + (x − y)² − 1.5x + 2.5y + 1: a minimum of −√3/2 − π/3 at (½ − π/3, −½ − π/3).

    It is the least for −1.5 ≤ x ≤ 4, −3 ≤ y ≤ 4. Beyond there is one after the other, each lower by π.
    """
    x, y = w
    return sin(x + y) + square(x - y) - 1.5 * x + 2.5 * y + 1.0


@surface(
    "eggholder",
    facts=fixed(
        f"{JAMIL_YANG} (Whitley et al. 1996); start ours",
        start=[470.0, 430.0],
        minimum=None,
        others=[(-956.91823162466554677, [482.35331046478843639, 432.87899894548344706])],
        kinked=True,
        unbounded=True,
    ),
)
def eggholder(w: Sequence[Scalar]) -> Scalar:
    """−(y + 47) sin √|x/2 + y + 47| − x sin √|x − y − 47|: ridges everywhere, and unbounded below.

    In the box |x|, |y| ≤ 512 it is least on the edge, −959.6406627 at (512, 404.2318051); where the slope
    vanishes, −956.918 at (482.353, 432.879). Where a root's argument changes its sign it has a vertical slope.
    """
    x, y = w
    v = y + 47.0
    return -(v * sin(_root(0.5 * x + v))) - x * sin(_root(x - v))


@surface(
    "schwefel",
    facts={
        "source": "Schwefel (1981), Numerical Optimization of Computer Models, as in SFU's library; start ours",
        "start": lambda dimension: [400.0 + 10.0 * (j % 2) for j in range(dimension)],
        "dimension": lambda dimension: dimension,
        "minimum": lambda dimension: None,
        "others": lambda dimension: [(-418.98288727243371 * dimension, [420.96874635998203] * dimension)],
        "kinked": True,
        "unbounded": True,
    },
    dimension=natural,
)
def schwefel(w: Sequence[Scalar], dimension: int = 2) -> Scalar:
    """−Σ wⱼ sin √|wⱼ|: −418.9829 d at (420.9687, …), least for |wⱼ| ≤ 500; the next best is far away.

    Without the box it is unbounded below. Some collections add 418.9829 d, to have about 0 there.
    dimension: d ≥ 1.
    """
    return -total(w_j * sin(_root(w_j)) for w_j in w)
