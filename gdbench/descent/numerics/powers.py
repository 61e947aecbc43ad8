"""Powers that round alike on every machine: products and square roots only, which IEEE 754 makes exact.

The ** of floats goes to the C library, and two libraries may differ in the last bit.
"""

from __future__ import annotations

import math


def whole_power(x: float, n: int) -> float:
    """xⁿ by repeated squaring (Knuth, The Art of Computer Programming 2, §4.6.3).

    n: ≥ 0. The relative error grows to about n · 10⁻¹⁶; what overflows is infinite.
    """
    result = 1.0
    while n:
        if n & 1:
            result *= x
        x, n = x * x, n >> 1
    return result


def power(x: float, y: float) -> float:
    """xʸ as the product of the roots x^(1/2), x^(1/4), … that y's binary fraction names.

    x: ≥ 0.  y: ≥ 0. The relative error of the fractional part is below 2 · 10⁻¹⁴.
    """
    result, root, rest = whole_power(x, int(y)), x, y - int(y)
    while rest > 0.0:
        root, rest = math.sqrt(root), 2.0 * rest
        if rest >= 1.0:
            result, rest = result * root, rest - 1.0
    return result
