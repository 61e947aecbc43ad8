"""The fits among the problems of Moré, Garbow & Hillstrom (1981), to the paper's data or a formula's.

Sums of squared residuals, without ½ or 1/m. The least values were found by Newton's method in 50 digits
and agree with those of the paper in all the digits that it prints.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

from gdbench.descent.functions import Scalar, absolute, cos, exp, log, sin
from gdbench.descent.surfaces.more_garbow_hillstrom import PAPER
from gdbench.descent.surfaces.registry import fixed, square, sum_of_squares, surface

# --- Sums of exponentials and waves, fitted to points that a formula gives


@surface(
    "jennrich_sampson",
    facts=fixed(
        f"{PAPER} 6, m = 10",
        start=[0.3, 0.4],
        minimum=(124.36218235561485, [0.2578252136703641, 0.2578252136703641]),
    ),
)
def jennrich_sampson(w: Sequence[Scalar]) -> Scalar:
    """Σ (2 + 2i − (e^(ix) + e^(iy)))², i = 1 … 10."""
    x, y = w
    return sum_of_squares((2.0 + 2.0 * i) - (exp(i * x) + exp(i * y)) for i in range(1, 11))


@surface(
    "gulf",
    facts=fixed(f"{PAPER} 11, m = 99", start=[5.0, 2.5, 0.15], minimum=(0.0, [50.0, 25.0, 1.5])),
)
def gulf(w: Sequence[Scalar]) -> Scalar:
    """Σ (e^(−|yᵢ − b|^c / a) − tᵢ)², yᵢ = 25 + (−50 log tᵢ)^⅔, tᵢ = i/100, i = 1 … 99: minimum 0.

    The paper prints "mi" for the minus sign. Where b = yᵢ there is no value (a logarithm of 0).
    """
    a, b, c = w
    times = [i / 100.0 for i in range(1, 100)]
    places = [25.0 + exp(log(-50.0 * log(t)) * 2.0 / 3.0) for t in times]
    return sum_of_squares(exp(-exp(c * log(absolute(y - b))) / a) - t for y, t in zip(places, times))


@surface(
    "box_three_dimensional",
    facts=fixed(
        f"{PAPER} 12, m = 10",
        start=[0.0, 10.0, 20.0],
        minimum=(0.0, [1.0, 10.0, 1.0]),
        others=[(0.0, [10.0, 1.0, -1.0])],
    ),
)
def box_three_dimensional(w: Sequence[Scalar]) -> Scalar:
    """Σ (e^(−tᵢa) − e^(−tᵢb) − c(e^(−tᵢ) − e^(−10tᵢ)))², tᵢ = i/10, i ≤ 10; 0 also where a = b, c = 0."""
    a, b, c = w
    return sum_of_squares(exp(-t * a) - exp(-t * b) - c * (exp(-t) - exp(-10.0 * t)) for t in _tenths(10))


@surface(
    "brown_dennis",
    facts=fixed(
        f"{PAPER} 16, m = 20",
        start=[25.0, 5.0, -5.0, -1.0],
        minimum=(
            85822.201626356344,
            [-11.594439904762165, 13.203630051207204, -0.40343948817685952, 0.23677877445573630],
        ),
    ),
)
def brown_dennis(w: Sequence[Scalar]) -> Scalar:
    """Σ ((a + tᵢb − e^tᵢ)² + (c + d·sin tᵢ − cos tᵢ)²)², tᵢ = i/5, i = 1 … 20."""
    a, b, c, d = w
    times = [i / 5.0 for i in range(1, 21)]
    return sum_of_squares(square(a + t * b - exp(t)) + square(c + d * sin(t) - cos(t)) for t in times)


@surface(
    "biggs_exp6",
    facts=fixed(
        f"{PAPER} 18, m = 13",
        start=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        minimum=(0.0, [1.0, 10.0, 1.0, 5.0, 4.0, 3.0]),
    ),
)
def biggs_exp6(w: Sequence[Scalar]) -> Scalar:
    """Σ (c·e^(−tᵢa) − d·e^(−tᵢb) + f·e^(−tᵢe) − yᵢ)², yᵢ = e^−tᵢ − 5e^(−10tᵢ) + 3e^(−4tᵢ), tᵢ = 0.1 … 1.3.

    The start has a = e and c = f, and gradient descent keeps both for ever: it can only end at 5.65565·10⁻³,
    which the paper lists as a minimum and which is a saddle (a curvature of −0.0098 leads down from it).
    """
    a, b, c, d, e, f = w
    return sum_of_squares(
        c * exp(-t * a)
        - d * exp(-t * b)
        + f * exp(-t * e)
        - (exp(-t) - 5.0 * exp(-10.0 * t) + 3.0 * exp(-4.0 * t))
        for t in _tenths(13)
    )


def _tenths(count: int) -> List[float]:
    """0.1, 0.2, …"""
    return [i / 10.0 for i in range(1, count + 1)]


# --- Fits to the paper's data

_BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
_HALF_BELL = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521)
_GAUSSIAN = (*_HALF_BELL, 0.3989, *reversed(_HALF_BELL))
_MEYER: Tuple[float, ...] = (
    *(34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0),
    *(8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0, 3307.0, 2872.0),
)
_KOWALIK_OSBORNE = (
    *((0.1957, 4.0), (0.1947, 2.0), (0.1735, 1.0), (0.1600, 0.5), (0.0844, 0.25), (0.0627, 0.167)),
    *((0.0456, 0.125), (0.0342, 0.1), (0.0323, 0.0833), (0.0235, 0.0714), (0.0246, 0.0625)),
)
_OSBORNE_1: Tuple[float, ...] = (
    *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751),
    *(0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490),
    *(0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406),
)
_OSBORNE_2: Tuple[float, ...] = (
    *(1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608),
    *(0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661),
    *(0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428),
    *(0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559),
    *(0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054),
)


@surface(
    "bard",
    facts=fixed(
        f"{PAPER} 8",
        start=[1.0, 1.0, 1.0],
        minimum=(0.008214877306578975, [0.08241055974978893, 1.1330360920297216, 2.343695178642537]),
    ),
)
def bard(w: Sequence[Scalar]) -> Scalar:
    """Σ (yᵢ − (a + i/(vᵢb + uᵢc)))², vᵢ = 16 − i, uᵢ = min(i, vᵢ), i = 1 … 15."""
    a, b, c = w
    numbered = enumerate(_BARD, start=1)
    return sum_of_squares(y - (a + i / ((16 - i) * b + min(i, 16 - i) * c)) for i, y in numbered)


@surface(
    "gaussian",
    facts=fixed(
        f"{PAPER} 9",
        start=[0.4, 1.0, 0.0],
        minimum=(1.127932769618648e-08, [0.39895613783875666, 1.0000190844878056, 0.0]),
    ),
)
def gaussian(w: Sequence[Scalar]) -> Scalar:
    """Σ (a·e^(−b(tᵢ − c)²/2) − yᵢ)², tᵢ = 3.5, 3, … −3.5: 15 points of a bell."""
    a, b, c = w
    return sum_of_squares(a * exp(-0.5 * b * square((3.5 - 0.5 * i) - c)) - y for i, y in enumerate(_GAUSSIAN))


@surface(
    "meyer",
    facts=fixed(
        f"{PAPER} 10",
        start=[0.02, 4000.0, 250.0],
        minimum=(87.94585517085112, [0.005609636471028053, 6181.346346286372, 345.2236346241365]),
    ),
)
def meyer(w: Sequence[Scalar]) -> Scalar:
    """Σ (a·e^(b/(tᵢ + c)) − yᵢ)², tᵢ = 50, 55, … 125: the resistance of a thermistor."""
    a, b, c = w
    return sum_of_squares(a * exp(b / ((50.0 + 5.0 * i) + c)) - y for i, y in enumerate(_MEYER))


@surface(
    "kowalik_osborne",
    facts=fixed(
        f"{PAPER} 15",
        start=[0.25, 0.39, 0.415, 0.39],
        minimum=(
            0.00030750560384923745,
            [0.19280693457903786, 0.19128232873436696, 0.12305650692632064, 0.13606233068379484],
        ),
    ),
)
def kowalik_osborne(w: Sequence[Scalar]) -> Scalar:
    """Σ (yᵢ − a(uᵢ² + uᵢb)/(uᵢ² + uᵢc + d))²: 11 rates of an enzyme."""
    a, b, c, d = w
    return sum_of_squares(y - a * (u * u + u * b) / (u * u + u * c + d) for y, u in _KOWALIK_OSBORNE)


@surface(
    "osborne_1",
    facts=fixed(
        f"{PAPER} 17",
        start=[0.5, 1.5, -1.0, 0.01, 0.02],
        minimum=(
            5.4648946974829064e-05,
            [
                *(0.37541005210695204, 1.9358469127123674, -1.4646871366134231),
                *(0.012867534640057289, 0.022122699661672611),
            ],
        ),
    ),
)
def osborne_1(w: Sequence[Scalar]) -> Scalar:
    """Σ (yᵢ − (a + b·e^(−tᵢd) + c·e^(−tᵢe)))², tᵢ = 0, 10, … 320: 33 points of two decays."""
    a, b, c, d, e = w
    numbered = enumerate(_OSBORNE_1)
    return sum_of_squares(y - (a + b * exp(-10.0 * i * d) + c * exp(-10.0 * i * e)) for i, y in numbered)


@surface(
    "osborne_2",
    facts=fixed(
        f"{PAPER} 19",
        start=[1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5],
        minimum=(
            0.040137736293547735,
            [
                *(1.3099771546273005, 0.4315537946029889, 0.633661698960724, 0.5994305347859163),
                *(0.7541832263280113, 0.9042885798596336, 1.3658118352370285, 4.8236988172271555),
                *(2.3986848661317546, 4.568874597667672, 5.6753414705806415),
            ],
        ),
    ),
)
def osborne_2(w: Sequence[Scalar]) -> Scalar:
    """Σ (yᵢ − (a·e^(−tᵢe) + Σₖ bₖ·e^(−fₖ(tᵢ − cₖ)²)))², k = 1, 2, 3, tᵢ = 0, … 6.4: a decay and three bells.

    w: a, b₁, b₂, b₃, e, f₁, f₂, f₃, c₁, c₂, c₃.
    """
    return sum_of_squares(y - _decay_and_bells(w, i / 10.0) for i, y in enumerate(_OSBORNE_2))


def _decay_and_bells(w: Sequence[Scalar], t: float) -> Scalar:
    value = w[0] * exp(-t * w[4])
    for k in (1, 2, 3):
        value = value + w[k] * exp(-w[4 + k] * square(t - w[7 + k]))
    return value
