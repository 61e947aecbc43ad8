"""Models affine in many parameters: products in small tiles, and the costs column by column.

Straight-line code for hundreds of parameters overruns a tracing interpreter. Here an evaluation is many short
loops over the rows, each for a few features and outputs. Every score still adds up its features from left to
right, and every slope its rows in their order: the bits are those of the compiled function.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

from gdbench.descent.kernels.compiler import function, indented, load, together
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.reference import penalty_and_gradient_of
from gdbench.descent.kernels.tiles.stages import pointwise
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.objective import Functions
from gdbench.descent.problems.table import Row

#: The largest tile, forward and backward. On PyPy 7.3 (x86-64: 16 registers for floats) none from 2 × 1 to
#: 64 × 1 and 8 × 10 was faster by more than a tenth, and most were slower.
FEATURES, FORWARD_OUTPUTS, BACKWARD_OUTPUTS = 4, 5, 2

Column = List[float]
#: (x, z, w, n): add the tile's share to the scores z, a list for each output.
Forward = Callable[[Column, Sequence[Column], Sequence[float], int], None]
#: (x, s, n) → Σ s x over the rows, for each output and feature of the tile.
Backward = Callable[[Column, Sequence[Column], int], List[float]]


class Tile(NamedTuple):
    """A piece of the features by some outputs; weights: where theirs lie among the parameters."""

    piece: int
    shape: Tuple[int, int]
    outputs: slice
    weights: List[int]


def tiles(definition: Definition) -> Callable[[Sequence[Row]], Functions]:
    """rows → (cost, cost_and_gradient): f(w) = (1/n) Σ c(z, y) + penalty(w) with z = w · x + b.

    Everything is printed now, before there are rows.
    """
    forth = [(forward(*t.shape, first=t.piece == 0), t) for t in cut(definition, FORWARD_OUTPUTS)]
    back = [(backward(*t.shape), t) for t in cut(definition, BACKWARD_OUTPUTS)]
    cost_of, _ = pointwise(definition, slopes=False)
    cost_and_slopes_of, factor = pointwise(definition, slopes=True)
    penalize, outputs = penalty_and_gradient_of(definition), range(definition.outputs)

    def on(rows: Sequence[Row]) -> Functions:
        n, x = len(rows), gathered(definition, rows)
        y = [[row[definition.features + k] for row in rows] for k in outputs]
        z, s = [[0.0] * n for _ in outputs], [[0.0] * n for _ in outputs]
        columns = {f"{name}{k}": of[k] for name, of in (("z", z), ("y", y), ("s", s)) for k in outputs}

        def score(w: Vector) -> None:
            for add_to, (piece, _, ks, weights) in forth:
                add_to(x[piece], z[ks], [w[i] for i in weights], n)

        def cost(w: Vector) -> float:
            score(w)
            value: float = cost_of(columns, n) / n + definition.penalty(w)
            return value

        def cost_and_gradient(w: Vector) -> Tuple[float, Vector]:
            score(w)
            total, gradient = cost_and_slopes_of(columns, n), [0.0] * len(w)
            for sums_of, (piece, _, ks, weights) in back:
                for i, g in zip(weights, sums_of(x[piece], s[ks], n)):
                    gradient[i] = factor * g / n
            return penalize(w, total / n, gradient)

        return cost, cost_and_gradient

    return on


def cut(definition: Definition, most: int) -> List[Tile]:
    """The tiles, of at most `most` outputs; those of the first features come first."""
    width = definition.size // definition.outputs
    return [
        Tile(piece, (len(js), len(ks)), slice(ks.start, ks.stop), [k * width + j for k in ks for j in js])
        for piece, js in enumerate(even(width, FEATURES))
        for ks in even(definition.outputs, most)
    ]


def even(count: int, most: int) -> List[range]:
    """0 … count − 1 in as few ranges of at most `most` as it takes, as equal in length as can be."""
    parts = -(-count // most)
    return [range(part * count // parts, (part + 1) * count // parts) for part in range(parts)]


def gathered(definition: Definition, rows: Sequence[Row]) -> List[List[float]]:
    """Each piece of the features, row by row; the last one is the bias's 1, if there is one (b · 1 = b)."""
    assert definition.terms is not None
    pieces = [slice(js.start, js.stop) for js in even(definition.size // definition.outputs, FEATURES)]
    columns: List[List[float]] = [[] for _ in pieces]
    for row in rows:
        x = definition.terms(row[: definition.features])
        for column, piece in zip(columns, pieces):
            column.extend(x[piece])
    return columns


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
