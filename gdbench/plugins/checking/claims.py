"""What a choice claims of itself, held against its formula with numbers: a false claim is found and named."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from gdbench.descent.kernels.compiler import Compiled, compile_surface
from gdbench.descent.kernels.definition import define
from gdbench.descent.models import model_facts
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.penalties import strengths
from gdbench.descent.registry import Entry
from gdbench.descent.surfaces import SurfaceFacts, surface_facts
from gdbench.descent.theory.rates import Update
from gdbench.plugins.checking.cost_claims import PAIRS, SIZES, SLACK, cost_claims, of_size
from gdbench.plugins.checking.finding import FINE, NOTE, WRONG, Finding
from gdbench.plugins.checking.steps import BEGIN, LAMBDAS

Claim = Callable[[Entry[object], Mapping[str, Any]], Iterator[str]]


def claims(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[Finding]:
    """Every claim that is false, with where it fails; else what holds, or that nothing is claimed."""
    look = _LOOKS.get(entry.kind)
    if look is None:
        return
    try:
        false = list(look(entry, parameters))
    except Exception as error:  # noqa: BLE001  a claim may be a function of the user's
        yield Finding(WRONG, "facts", f"a fact cannot be computed ({type(error).__name__}: {error}).")
        return
    yield from (Finding(WRONG, "facts", said) for said in false)
    names = [name for name in entry.facts if name in _CLAIMS[entry.kind]]
    if not names and entry.kind == "cost":
        said = "it claims nothing: whether it is convex is not known, so neither are L and the optimum."
        yield Finding(NOTE, "facts", said)
    elif names and not false:
        yield Finding(FINE, "facts", f"what it claims holds wherever it was tried: {', '.join(names)}.")


def _penalty(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[str]:
    added = strengths({entry.name: parameters})
    w = [1.5, -0.25, 3.0]
    if added is not None:
        claimed = math.fsum(added.l1 * abs(w_j) + 0.5 * added.l2 * w_j * w_j for w_j in w)
        value = _number(entry.function(w, **parameters))
        if abs(value - claimed) > 1e-9 * max(1.0, abs(claimed)):
            yield f"l1 and l2 are false: at w = {w} it is {value:.6g}, not Σ l1 |w| + ½ l2 w² = {claimed:.6g}."


def _model(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[str]:
    facts = model_facts({entry.name: parameters})
    if not facts.affine or facts.terms is None:
        return
    and_bias, and_b = (" and a bias", " + b") if facts.bias else ("", "")
    random, features = Random(4), 2  # noqa: S311  the same points every time
    size = define({entry.name: parameters}, {"half_mse": {}}, features).size
    for _ in range(5):
        w, x = ([random.uniform(-2.0, 2.0) for _ in range(count)] for count in (size, features))
        columns = facts.terms(x)
        if len(columns) != size:
            own = len(facts.terms.basis(x))
            yield f"basis is false: it gives {own} numbers{and_bias} for {size} parameters."
            return
        claimed = math.fsum(w_j * column for w_j, column in zip(w, columns, strict=True))
        score = _number(entry.function(w, x, 1, **parameters))
        if abs(score - claimed) > 1e-9 * max(1.0, abs(claimed)):
            yield f"affine is false: a score is {score:.6g}, and w · basis(x){and_b} is {claimed:.6g}."
            return


def _surface(entry: Entry[object], parameters: Mapping[str, Any]) -> Iterator[str]:
    facts = surface_facts({entry.name: parameters})
    compiled = compile_surface(lambda w: entry.function(w, **parameters), facts.dimension)
    if len(facts.start) != facts.dimension:
        yield f"start is false: it has {len(facts.start)} numbers, not {facts.dimension}."
        return
    yield from _minimum(compiled, facts)
    yield from _curvatures(compiled, facts)
    if facts.quadratic:
        yield from _one_hessian(compiled, facts)


def _minimum(compiled: Compiled, facts: SurfaceFacts) -> Iterator[str]:
    """The least value is met where it is said, and nowhere undercut."""
    if facts.minimum is None:
        return
    least, point = facts.minimum
    if point is not None:
        value = compiled.cost(point, ())
        if abs(value - least) > 1e-6 * max(1.0, abs(least)):
            yield f"minimum is false: at its point the value is {value:.6g}, not {least:.6g}."
    random, around = Random(5), point or facts.start  # noqa: S311  the same points every time
    for _ in range(PAIRS):
        w = [w_j + of_size(random, *SIZES) for w_j in around]
        try:
            value = compiled.cost(w, ())
        except (ArithmeticError, ValueError):
            continue
        if value < least - 1e-9 * max(1.0, abs(least)):
            place = ", ".join(f"{w_j:.6g}" for w_j in w)
            yield f"minimum is false: at [{place}] the value is {value:.6g}, below it."
            return


def _curvatures(compiled: Compiled, facts: SurfaceFacts) -> Iterator[str]:
    """convex and curvatures: between any two points the slope changes by so much a unit of the way."""
    if not (facts.convex or facts.curvatures):
        return
    least, most = facts.curvatures or (0.0, math.inf)
    for bend in _bends(compiled, facts.start):
        slack = SLACK * max(1.0, abs(most) if math.isfinite(most) else abs(bend))
        if not least - slack <= bend <= most + slack:
            fact = "curvatures is" if facts.curvatures else "convex is"
            yield f"{fact} false: between two points the slope changes by {bend:.6g} a unit."
            return


def _bends(compiled: Compiled, start: Vector) -> Iterator[float]:
    """(∇f(v) − ∇f(w)) · (v − w) / ‖v − w‖² of pairs of points."""
    random = Random(7)  # noqa: S311  the same points every time
    for _ in range(PAIRS):
        w = [w_j + of_size(random, *SIZES) for w_j in start]
        way = [of_size(random, *SIZES) for _ in start]
        try:
            here, there = (
                compiled.cost_and_gradient(p, ())[1] for p in (w, [a + d for a, d in zip(w, way, strict=True)])
            )
        except (ArithmeticError, ValueError):
            continue
        change = math.fsum((b - a) * d for a, b, d in zip(here, there, way, strict=True))
        yield change / math.fsum(d * d for d in way)


def _one_hessian(compiled: Compiled, facts: SurfaceFacts) -> Iterator[str]:
    """The slope changes alike wherever one stands, and as the spectrum says."""
    size = facts.dimension
    here, there = (_hessian(compiled, base) for base in ([0.0] * size, [3.0 - 0.5 * j for j in range(size)]))
    scale = max(abs(value) for row in here for value in row)
    differences = [
        abs(a - b) for row, other in zip(here, there, strict=True) for a, b in zip(row, other, strict=True)
    ]
    if max(differences) > SLACK * scale:
        yield "quadratic is false: the second derivatives at 0 are not those elsewhere."
    elif facts.spectrum is not None and not _has_spectrum(here, facts.spectrum, axes=facts.axes):
        yield "spectrum is false: these are not the eigenvalues of its second derivatives."


def _hessian(compiled: Compiled, base: Vector) -> list[Vector]:
    """By unit steps, which lose nothing on a quadratic."""
    origin, rows = compiled.cost_and_gradient(base, ())[1], []
    for i in range(len(base)):
        moved = [b + float(i == j) for j, b in enumerate(base)]
        slope = compiled.cost_and_gradient(moved, ())[1]
        rows.append([a - b for a, b in zip(slope, origin, strict=True)])
    return rows


def _has_spectrum(hessian: list[Vector], spectrum: Sequence[float], *, axes: bool) -> bool:
    """Whether the eigenvalues have the sums and the squares that these have; on the axes, are these."""
    diagonal, squares = [row[j] for j, row in enumerate(hessian)], [v * v for row in hessian for v in row]
    pairs = [(math.fsum(spectrum), math.fsum(diagonal))]
    pairs.append((math.fsum(lam * lam for lam in spectrum), math.fsum(squares)))
    pairs += list(zip(spectrum, diagonal, strict=False)) if axes else []
    scale = math.fsum(map(abs, diagonal)) + math.fsum(squares)
    return len(spectrum) == len(diagonal) and all(abs(a - b) <= SLACK * scale for a, b in pairs)


def _optimizer(entry: Entry[Any], parameters: Mapping[str, Any]) -> Iterator[str]:
    facts, rate = optimizer_facts({entry.name: parameters}), 0.3
    steps = _steps(entry, parameters, rate)
    if facts.along_gradient and not _close(steps, _expected_steps(Update("plain", rate))):
        yield "along_gradient is false: its steps are not −η g."
    update = facts.update(rate, 0.1, 1.0) if facts.update else None
    if update and not _close(steps, _expected_steps(update)):
        yield f"update is false: its steps are not those of {update.kind} with β = {update.beta}."


#: Steps that are compared with an equation's.
_STEPS = 6


def _steps(entry: Entry[Any], parameters: Mapping[str, Any], rate: float) -> list[Vector]:
    given = {**parameters, **({"theoretical": False} if "theoretical" in parameters else {})}
    optimizer, w = entry.function(**given), list(BEGIN)
    state, found = optimizer.init(w), []
    for _ in range(_STEPS):
        w, state = optimizer.update(w, [lam * w_j for lam, w_j in zip(LAMBDAS, w, strict=True)], state, rate)
        found.append(list(w))
    return found


def _expected_steps(update: Update) -> list[Vector]:
    """Of the update on the same quadratic, as its equation says."""
    w, x, t, found, beta = list(BEGIN), list(BEGIN), 1.0, [], update.beta
    before = x
    for k in range(_STEPS):
        rate = update.rate * update.kept if k else update.rate
        following = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
        ahead, t = ((t - 1.0) / following if beta is None else beta), following
        moved = [w_j - rate * lam * w_j for lam, w_j in zip(LAMBDAS, w, strict=True)]
        if update.kind in ("heavy ball", "dampened"):
            w, x = [m + ahead * (w_j - v_j) for m, w_j, v_j in zip(moved, w, x, strict=True)], w
        elif update.kind == "triple momentum":
            xi = [
                m - w_j + v_j + ahead * (v_j - u_j)
                for m, w_j, v_j, u_j in zip(moved, w, x, before, strict=True)
            ]
            w, x, before = [a + update.gamma * (a - v_j) for a, v_j in zip(xi, x, strict=True)], xi, x
        else:
            w, x = [m + ahead * (m - v_j) for m, v_j in zip(moved, x, strict=True)], moved
        found.append(w)
    return found


def _close(one: Sequence[Vector], other: Sequence[Vector]) -> bool:
    return all(abs(a - b) <= 1e-9 for v, w in zip(one, other, strict=True) for a, b in zip(v, w, strict=True))


def _number(value: object) -> float:
    assert isinstance(value, float | int), value
    return float(value)


_LOOKS: Mapping[str, Claim] = {
    "cost": cost_claims,
    "penalty": _penalty,
    "model": _model,
    "surface": _surface,
    "optimizer": _optimizer,
}
#: kind → the facts that are looked at here.
_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "cost": ("convex", "curvature", "most_curved_at", "quadratic", "steepest", "kinks", "falls"),
    "penalty": ("l1", "l2"),
    "model": ("affine", "basis"),
    "surface": ("minimum", "convex", "curvatures", "quadratic", "spectrum", "axes"),
    "optimizer": ("along_gradient", "update"),
}
