"""The problems of Moré, Garbow & Hillstrom (1981) in every dimension."""

from __future__ import annotations

from typing import Mapping, Sequence

from gdbench.descent.domains import at_least, multiple_of, natural, within
from gdbench.descent.functions import Scalar, cos, exp, sin
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER, quartet
from gdbench.descent.surfaces.registry import Minimum, any_dimension, square, sum_of_squares, surface, total

# --- Whose minimum 0 is at a plain point


@surface(
    "extended_rosenbrock",
    facts=any_dimension(
        f"{PAPER} 21", start=lambda n: [-1.2, 1.0] * (n // 2), minimum=lambda n: (0.0, [1.0] * n)
    ),
    dimension=multiple_of(2),
)
def extended_rosenbrock(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ 100(y − x²)² + (1 − x)² over pairs (x, y): so many valleys side by side, not linked.

    dimension: even.
    """
    pairs = zip(w[::2], w[1::2])
    return total(100.0 * square(y - x * x) + square(1.0 - x) for x, y in pairs)


@surface(
    "extended_powell_singular",
    facts=any_dimension(
        f"{PAPER} 22", start=lambda n: [3.0, -1.0, 0.0, 1.0] * (n // 4), minimum=lambda n: (0.0, [0.0] * n)
    ),
    dimension=multiple_of(4),
)
def extended_powell_singular(w: Sequence[Scalar], dimension: int = 8) -> Scalar:
    """Powell's singular function of each four parameters in turn, added up.

    dimension: a multiple of 4.
    """
    return total(quartet(*w[i : i + 4]) for i in range(0, dimension, 4))


@surface(
    "variably_dimensioned",
    facts=any_dimension(
        f"{PAPER} 25",
        start=lambda n: [1.0 - j / n for j in range(1, n + 1)],
        minimum=lambda n: (0.0, [1.0] * n),
    ),
    dimension=natural,
)
def variably_dimensioned(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (wⱼ − 1)² + s² + s⁴ with s = Σ j(wⱼ − 1): minimum 0 at 1.

    dimension: d ≥ 1.
    """
    s = total(float(j) * (w_j - 1.0) for j, w_j in enumerate(w, start=1))
    return total(square(w_j - 1.0) for w_j in w) + square(s) + square(square(s))


@surface(
    "trigonometric",
    facts=any_dimension(f"{PAPER} 26", start=lambda n: [1.0 / n] * n, minimum=lambda n: (0.0, [0.0] * n)),
    dimension=natural,
)
def trigonometric(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (d − Σ cos wⱼ + i(1 − cos wᵢ) − sin wᵢ)²: minimum 0 at 0 and elsewhere, with local ones.

    dimension: d ≥ 1.
    """
    cosines = [cos(w_j) for w_j in w]
    missing = dimension - total(cosines)
    numbered = enumerate(zip(w, cosines), start=1)
    return sum_of_squares(missing + i * (1.0 - c_i) - sin(w_i) for i, (w_i, c_i) in numbered)


@surface(
    "brown_almost_linear",
    facts=any_dimension(f"{PAPER} 27", start=lambda n: [0.5] * n, minimum=lambda n: (0.0, [1.0] * n)),
    dimension=at_least(2),
)
def brown_almost_linear(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """Σ (wᵢ + Σ wⱼ − (d + 1))² over all i but the last, and (Π wⱼ − 1)²: minimum 0 at 1.

    dimension: d ≥ 2.
    """
    sum_of_all, product = total(w), w[0]
    for w_j in w[1:]:
        product = product * w_j
    return sum_of_squares([*(w_i + sum_of_all - (dimension + 1.0) for w_i in w[:-1]), product - 1.0])


# --- Whose least value is a mere number


#: dimension → the least value, found by Newton's method in 50 digits; the paper prints six of them.
_WATSON = {6: 0.002287670053552436, 9: 1.39976013809902e-06, 12: 4.722381105891762e-10}
_PENALTY_2 = {4: 9.376293007355446e-06, 10: 0.00029366053745674594}
_CHEBYQUAD = {8: 0.0035168737256779286, 10: 0.0065039548008823085}


def _tabulated(least: Mapping[int, float], n: int) -> Minimum:
    return (least[n], None) if n in least else None


@surface(
    "watson",
    facts=any_dimension(f"{PAPER} 20", start=lambda n: [0.0] * n, minimum=lambda n: _tabulated(_WATSON, n)),
    dimension=within(2, 31),
)
def watson(w: Sequence[Scalar], dimension: int = 6) -> Scalar:
    """Σ (p′(tᵢ) − p(tᵢ)² − 1)² + w₁² + (w₂ − w₁² − 1)²: p the polynomial with coefficients w, tᵢ = i/29.

    dimension: 2 to 31; the condition number soars with it.
    """
    fits = [_slope(w, i / 29.0) - square(_polynomial(w, i / 29.0)) - 1.0 for i in range(1, 30)]
    return sum_of_squares([*fits, w[0], w[1] - w[0] * w[0] - 1.0])


def _polynomial(w: Sequence[Scalar], t: float) -> Scalar:
    """Σ wⱼ tʲ, j from 0, by Horner's rule."""
    value = w[-1]
    for w_j in reversed(w[:-1]):
        value = value * t + w_j
    return value


def _slope(w: Sequence[Scalar], t: float) -> Scalar:
    """The derivative of the same polynomial."""
    return _polynomial([float(j) * w_j for j, w_j in enumerate(w)][1:], t)


_SLIGHT = 1e-5


def _penalty_1_minimum(n: int) -> Minimum:
    """All parameters alike, at the largest root of 2nx³ + (a − ½)x − a: Newton from above, so monotone."""
    x = 1.0
    for _ in range(60):
        x -= (2.0 * n * x * x * x + (_SLIGHT - 0.5) * x - _SLIGHT) / (6.0 * n * x * x + _SLIGHT - 0.5)
    near, far = x - 1.0, n * x * x - 0.25
    return _SLIGHT * n * (near * near) + far * far, [x] * n


@surface(
    "penalty_1",
    facts=any_dimension(
        f"{PAPER} 23", start=lambda n: [float(j) for j in range(1, n + 1)], minimum=_penalty_1_minimum
    ),
    dimension=natural,
)
def penalty_1(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """10⁻⁵ Σ (wⱼ − 1)² + (Σ wⱼ² − ¼)²: a steep wall around a sphere, and hardly any slope along it.

    dimension: d ≥ 1.
    """
    pull = total(square(w_j - 1.0) for w_j in w)
    return _SLIGHT * pull + square(total(w_j * w_j for w_j in w) - 0.25)


@surface(
    "penalty_2",
    facts=any_dimension(f"{PAPER} 24", start=lambda n: [0.5] * n, minimum=lambda n: _tabulated(_PENALTY_2, n)),
    dimension=at_least(2),
)
def penalty_2(w: Sequence[Scalar], dimension: int = 10) -> Scalar:
    """(w₁ − ⅕)² + 10⁻⁵ Σ (eⱼ + eⱼ₋₁ − yⱼ)² + 10⁻⁵ Σ (eⱼ − e^(−⅒))² + (Σ (d − j + 1)wⱼ² − 1)².

    eⱼ = e^(wⱼ/10), yⱼ = e^(j/10) + e^((j−1)/10), j = 2 … d in the two middle sums.
    dimension: d ≥ 2.
    """
    e = [exp(0.1 * w_j) for w_j in w]
    linked = total(square(e[j] + e[j - 1] - (exp((j + 1) / 10.0) + exp(j / 10.0))) for j in range(1, dimension))
    single = total(square(e_j - exp(-0.1)) for e_j in e[1:])
    sphere = total((dimension - j) * (w_j * w_j) for j, w_j in enumerate(w)) - 1.0
    return square(w[0] - 0.2) + _SLIGHT * (linked + single) + square(sphere)


def _chebyquad_minimum(n: int) -> Minimum:
    """0 wherever n-point quadrature with equal weights exists: n ≤ 7 and 9  (Bernstein 1937)."""
    return (0.0, None) if n in (1, 2, 3, 4, 5, 6, 7, 9) else _tabulated(_CHEBYQUAD, n)


@surface(
    "chebyquad",
    facts=any_dimension(
        f"{PAPER} 35, m = n",
        start=lambda n: [j / (n + 1.0) for j in range(1, n + 1)],
        minimum=_chebyquad_minimum,
    ),
    dimension=natural,
)
def chebyquad(w: Sequence[Scalar], dimension: int = 8) -> Scalar:
    """Σ (mean Tᵢ(wⱼ) − ∫Tᵢ)², Tᵢ the Chebyshev polynomials of [0, 1]: nodes of an equal-weight quadrature.

    dimension: d ≥ 1; i = 1 … d.
    """
    before: Sequence[Scalar] = [1.0] * dimension
    now = [2.0 * w_j - 1.0 for w_j in w]
    doubled = [x + x for x in now]
    residuals = []
    for i in range(1, dimension + 1):
        area = -1.0 / (i * i - 1.0) if i % 2 == 0 else 0.0
        residuals.append(total(now) / dimension - area)
        before, now = now, [x * t - s for x, t, s in zip(doubled, now, before)]
    return sum_of_squares(residuals)
