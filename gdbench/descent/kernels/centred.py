"""Squared error about a point where it is known exactly: O(p²) each time, and no digit lost near the minimum.

With d = w − c the cost is f* + ½ ‖R d + e‖² and its gradient ḡ + Rᵀ(R d), where f*, ḡ = ∇f(c), e and R are
worked out in whole numbers and rounded once. Nothing large is subtracted from its like but w and c. There are
two such points, the start and the minimiser that is nearest to it, and the nearer one serves.
"""

from __future__ import annotations

import sys
from functools import lru_cache, partial
from typing import Callable, Iterable, List, NamedTuple, Sequence, Tuple

from gdbench.descent.costs import cost_facts
from gdbench.descent.errors import BadPairing
from gdbench.descent.functions import Number
from gdbench.descent.kernels.compiler import function, indented, load, together
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.numerics.exact import rounded
from gdbench.descent.numerics.vectors import Vector, dot
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.objective import CostAndGradient, NumericCost, Objective, Ray
from gdbench.descent.problems.quadratic import Expansion, Quadratic, quadratic_of
from gdbench.descent.problems.table import Row, SameTable, Table
from gdbench.descent.theory.curvature import terms

#: Parameters up to which the functions are printed without loops: from 35 to 40 on straight-line code no longer
#: fits into one trace of PyPy 7.3. CPython has no such limit, and no such problem is much larger.
WIDEST = 30 if sys.implementation.name == "pypy" else 100

WithGap = Callable[[Vector], Tuple[float, Vector, float]]
OnRows = Callable[[Sequence[Row]], CostAndGradient]


class Centred(NamedTuple):
    """What the functions are made of.

    least: f*.  rows: of R, each from its first column on.  toward, beyond: w is nearer to the minimiser than
    to the start where w · toward > beyond.
    """

    least: float
    rows: Tuple[Row, ...]
    first: Tuple[int, ...]
    toward: Tuple[float, ...]
    beyond: float
    start: Expansion
    minimiser: Expansion


def centred(definition: Definition, table: Table, on: OnRows) -> Objective:
    """f about zero and the minimum; `about` gives it about another start.  on: what serves for batches."""
    quadratic = _quadratic(definition, SameTable(table))
    return _objective(quadratic, len(table.rows), on, [0.0] * quadratic.size)


def _objective(quadratic: Quadratic, n: int, on: OnRows, start: Sequence[float]) -> Objective:
    known = centred_at(quadratic, tuple(start))
    chosen = unrolled(quadratic.size, known.first) if quadratic.size <= WIDEST else looped
    cost, both, with_gap = chosen(known)
    return Objective(
        cost=cost,
        cost_and_gradient=both,
        size=quadratic.size,
        rows=n,
        complex_cost=partial(_cost, known),
        along=partial(_along, known),
        rise=partial(_rise, known),
        with_gap=with_gap,
        minimum=known.least,
        on=on,
        about=partial(_objective, quadratic, n, on),
    )


@lru_cache(maxsize=4)
def _quadratic(definition: Definition, data: SameTable) -> Quadratic:
    """Worked out once per problem: the runs of a sweep share it."""
    model, cost, penalty = definition.choices
    expand, facts, added = terms(model, cost), cost_facts(cost), strengths(penalty)
    if not facts.quadratic or facts.curvature is None or added is None or added.l1:
        raise BadPairing(
            "kernel 'centred' is for squared error, such as cost mse or half_mse, with penalty none or l2; "
            "use kernel 'compiled'."
        )
    if expand is None or definition.outputs > 1:
        raise BadPairing(
            "kernel 'centred' is for one prediction of the form w · x + b, "
            f"unlike model '{next(iter(model))}'; use kernel 'compiled'."
        )
    return quadratic_of(expand, facts.curvature, added, data.table)


@lru_cache(maxsize=64)
def centred_at(quadratic: Quadratic, start: Tuple[float, ...]) -> Centred:
    """Expanded about this start and the minimiser nearest to it.

    Near is measured as the cost bends along each axis, because so large are the errors that distance makes.
    """
    here, there = quadratic.about(start), quadratic.about(quadratic.minimiser(start))
    rows, first = quadratic.triangle, quadratic.first
    bends = [0.0] * quadratic.size
    for k, row in zip(first, rows):
        for j, r in enumerate(row, k):
            bends[j] += r * r
    toward = [h_j * (b_j - a_j) for h_j, a_j, b_j in zip(bends, here.point, there.point)]
    middle = [0.5 * a_j + 0.5 * b_j for a_j, b_j in zip(here.point, there.point)]
    least = rounded(quadratic.minimum)
    return Centred(least, rows, first, tuple(toward), dot(toward, middle), here, there)


# --- as loops: what the printed functions do, and for more parameters than those are printed for


def looped(known: Centred) -> Tuple[NumericCost, CostAndGradient, WithGap]:
    """(cost, cost_and_gradient, with_gap)."""

    def with_gap(w: Vector) -> Tuple[float, Vector, float]:
        near = _nearer(known, w)
        moved = _moved(known, near, w)
        gap = 0.5 * _square([s_i + e_i for s_i, e_i in zip(moved, near.offsets)])
        slopes = _transposed(known, moved, len(w))
        return known.least + gap, [g_j + s_j for g_j, s_j in zip(near.gradient, slopes)], gap

    return partial(_cost, known), lambda w: with_gap(w)[:2], with_gap


def _cost(known: Centred, w: Sequence[Number]) -> Number:
    near = _nearer(known, w)
    residuals = [s_i + e_i for s_i, e_i in zip(_moved(known, near, w), near.offsets)]
    return known.least + 0.5 * _square(residuals)


def _nearer(known: Centred, w: Sequence[Number]) -> Expansion:
    ahead = 0.0
    for w_j, v_j in zip(w, known.toward):
        ahead += w_j.real * v_j
    return known.minimiser if ahead > known.beyond else known.start


def _moved(known: Centred, near: Expansion, w: Sequence[Number]) -> List[Number]:
    """R (w − c)."""
    return _product(known, [w_j - c_j for w_j, c_j in zip(w, near.point)])


def _product(known: Centred, d: Sequence[Number]) -> List[Number]:
    """R d."""
    found = []
    for k, row in zip(known.first, known.rows):
        total = row[0] * d[k]
        for j in range(1, len(row)):
            total += row[j] * d[k + j]
        found.append(total)
    return found


def _transposed(known: Centred, s: Sequence[float], size: int) -> Vector:
    """Rᵀs."""
    found = [0.0] * size
    for i, row in enumerate(known.rows):
        k, s_i = known.first[i], s[i]
        if i == 0:
            found[k:] = [r * s_i for r in row]
            continue
        for j in range(len(row)):
            found[k + j] += row[j] * s_i
    return found


def _square(vector: Sequence[Number]) -> Number:
    total: Number = 0.0
    for v_i in vector:
        total += v_i * v_i
    return total


def _line(known: Centred, w: Vector, d: Vector) -> List[Tuple[float, float]]:
    """(uᵢ, sᵢ) of u = R (w − c) + e and s = R d."""
    near = _nearer(known, w)
    moved, steps = _moved(known, near, w), _product(known, d)
    return [(moved_i + e_i, s_i) for moved_i, e_i, s_i in zip(moved, near.offsets, steps)]


def _along(known: Centred, w: Vector, d: Vector) -> Ray:
    """φ(α) = f* + ½ ‖u + α s‖²: a trial costs O(p)."""
    pairs = _line(known, w, d)

    def ray(alpha: float) -> Tuple[float, float]:
        total = slope = 0.0
        for u, s in pairs:
            moved = u + alpha * s
            total += moved * moved
            slope += moved * s
        return known.least + 0.5 * total, slope

    return ray


def _rise(known: Centred, w: Vector, d: Vector) -> Ray:
    """φ(α) − φ(0) = α (u·s + ½ α ‖s‖²): two numbers for all trials, and no cost whose digits hide them."""
    slope = bend = 0.0
    for u, s in _line(known, w, d):
        slope += u * s
        bend += s * s
    return lambda alpha: (alpha * (slope + 0.5 * alpha * bend), slope + alpha * bend)


# --- printed without loops


def unrolled(
    size: int, first: Tuple[int, ...]
) -> Callable[[Centred], Tuple[NumericCost, CostAndGradient, WithGap]]:
    """`looped` for `size` parameters, printed without its loops; the same bits."""
    bind = _bind(size, first)

    def bound(known: Centred) -> Tuple[NumericCost, CostAndGradient, WithGap]:
        found: Tuple[NumericCost, CostAndGradient, WithGap] = bind(*known)
        return found

    return bound


@lru_cache(maxsize=64)
def _bind(size: int, first: Tuple[int, ...]) -> Callable[..., Tuple[NumericCost, CostAndGradient, WithGap]]:
    return load(source(size, first))["bind"]


def source(size: int, first: Tuple[int, ...]) -> str:
    """The text of the function that binds the numbers of `Centred` to (cost, cost_and_gradient, with_gap)."""
    gap, body = _gap(len(first)), _taken(size, first)
    for name, lines, result in (
        ("cost", [], f"least + {gap}"),
        ("cost_and_gradient", [], f"least + {gap}, [{{gradient}}]"),
        ("with_gap", [f"gap = {gap}"], "least + gap, [{gradient}], gap"),
    ):
        near, far = (_way(letter, size, first) + lines for letter in "ba")
        to_b, to_a = (result.format(gradient=_gradient(letter, size, first)) for letter in "ba")
        nearer = " + ".join(f"w{j} * v{j}" for j in range(size))
        inside = [f"{_names('w', range(size))} = w", f"if {nearer} > beyond:"]
        inside += [*indented([*near, f"return {to_b}"]), *far]
        body += function(f"{name}(w)", inside, to_a).splitlines()
    signature = "bind(least, rows, first, toward, beyond, start, minimiser)"
    return function(signature, body, "cost, cost_and_gradient, with_gap")


def _names(letter: str, of: Iterable[int]) -> str:
    return together(f"{letter}{j}" for j in of)


def _taken(size: int, first: Tuple[int, ...]) -> List[str]:
    """The lines that give names to the numbers: of the start a, ga and ea, of the minimiser b, gb and eb."""
    lines = [f"{_names('v', range(size))} = toward"]
    if first:
        rows = (f"({_names(f'r{i}_', range(k, size))})" for i, k in enumerate(first))
        lines.append(f"{together(rows)} = rows")
    for letter, whose in (("a", "start"), ("b", "minimiser")):
        point, slopes = (f"({_names(name, range(size))})" for name in (letter, f"g{letter}"))
        lines.append(f"{point}, {slopes}, ({_names(f'e{letter}', range(len(first)))}) = {whose}")
    return lines


def _way(letter: str, size: int, first: Tuple[int, ...]) -> List[str]:
    """d = w − c,  s = R d  and  u = s + e."""
    lines = [f"d{j} = w{j} - {letter}{j}" for j in range(size)]
    for i, k in enumerate(first):
        lines.append(f"s{i} = {' + '.join(f'r{i}_{j} * d{j}' for j in range(k, size))}")
        lines.append(f"u{i} = s{i} + e{letter}{i}")
    return lines


def _gap(rank: int) -> str:
    """½ ‖u‖²."""
    return f"0.5 * ({' + '.join(f'u{i} * u{i}' for i in range(rank)) or '0.0'})"


def _gradient(letter: str, size: int, first: Tuple[int, ...]) -> str:
    """ḡ + Rᵀs."""
    slopes = []
    for j in range(size):
        products = [f"r{i}_{j} * s{i}" for i, k in enumerate(first) if k <= j]
        slopes.append(f"g{letter}{j} + ({' + '.join(products) or '0.0'})")
    return ", ".join(slopes)
