"""The two printed loops over rows: scores from weights, and slopes of weights from slopes of scores.

A tile is a few features by a few outputs: its trace is short, most of its numbers stay in registers, and its
sums do not wait for one another. Its features lie row by row in one list, because a list for each of them
would take a register more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, List, Sequence

from gdbench.descent.kernels.compiler import function, indented, load, together

Column = List[float]
#: (x, z, w, n): add the tile's share to the scores z, a list for each output.
Forward = Callable[[Column, Sequence[Column], Sequence[float], int], None]
#: (x, s, n) → Σ s x over the rows, for each output and feature of the tile.
Backward = Callable[[Column, Sequence[Column], int], List[float]]


@lru_cache(maxsize=64)
def forward(features: int, outputs: int, *, first: bool) -> Forward:
    """zₖ ← zₖ + wₖ₀ x₀ + wₖ₁ x₁ + … from left to right.

    first: zₖ ← wₖ₀ x₀ + …, because 0 + −0 is not −0.
    """
    ks, js = range(outputs), range(features)
    shares = [" + ".join(f"w{k}_{j} * x{j}" for j in js) for k in ks]
    return _loop(
        "forward",
        "x, z, w, n",
        [f"{together(f'z{k}' for k in ks)} = z", f"{together(f'w{k}_{j}' for k in ks for j in js)} = w"],
        features,
        [f"z{k}[i] = {shares[k] if first else f'z{k}[i] + {shares[k]}'}" for k in ks],
        "None",
    )


@lru_cache(maxsize=64)
def backward(features: int, outputs: int) -> Backward:
    """gₖⱼ = Σ sₖ xⱼ, each sum in the order of the rows."""
    ks, js = range(outputs), range(features)
    sums = [f"g{k}_{j}" for k in ks for j in js]
    adding = [f"t{k} = s{k}[i]; " + "; ".join(f"g{k}_{j} += t{k} * x{j}" for j in js) for k in ks]
    before = [f"{together(f's{k}' for k in ks)} = s", f"{' = '.join(sums)} = 0.0"]
    return _loop("backward", "x, s, n", before, features, adding, f"[{', '.join(sums)}]")


def _loop(
    name: str, arguments: str, before: List[str], features: int, inside: List[str], result: str
) -> Callable[..., Any]:
    """The function that passes over the rows of a tile, x0, x1, … being the row's features."""
    taken = [f"x{j} = x[p + {j}]" if j else "x0 = x[p]" for j in range(features)]
    loop = ["p = 0", "for i in range(n):", *indented([*taken, f"p += {features}", *inside])]
    return load(function(f"{name}({arguments})", [*before, *loop], result))[name]
