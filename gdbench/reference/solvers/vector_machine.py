"""The hinge with ½λ‖w‖²: the support vector machine (Cortes & Vapnik 1995), solved in its dual by libsvm."""

from __future__ import annotations

import math
import warnings

import numpy as np

from gdbench.reference.solvers.design import Array, Design
from gdbench.reference.solvers.polyhedral import Bracket

MOST_STEPS = 1_000_000


def vector_machine(design: Design, signs: Array, strength: float) -> Bracket | None:
    """min ½λ‖w‖² + (1/n) Σ max(0, 1 − sᵢ(w·xᵢ + b)), the bias free; None where the dual is not solved.

    Its dual: max Σ αᵢ − (1/2λ)‖Σ αᵢsᵢxᵢ‖² with 0 ≤ αᵢ ≤ 1/n and Σ αᵢsᵢ = 0.
    """
    X, n = design.G[:, :-1], len(design.G)
    if np.all(signs == signs[0]):
        return Bracket((*[0.0] * X.shape[1], float(signs[0])), 0.0, 0.0, 1.0, 0.0)
    from sklearn.svm import SVC  # noqa: PLC0415  a second and 100 MB, which no other problem needs

    machine = SVC(kernel="linear", C=1.0 / (n * strength), tol=1e-9, cache_size=500, max_iter=MOST_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its word that it gave up; the duality gap says so better
        machine.fit(X, signs)
    alpha = np.zeros(n)
    alpha[machine.support_] = np.abs(machine.dual_coef_[0]) * strength
    alpha = _sharp(X, signs, np.minimum(alpha, 1.0 / n), strength)
    w = (alpha * signs) @ X / strength
    b = _bias(signs * (X @ w), signs)
    upper = math.fsum(np.maximum(0.0, 1.0 - signs * (X @ w + b)).tolist()) / n + 0.5 * strength * float(w @ w)
    unbalanced = abs(math.fsum((alpha * signs).tolist()))
    lower = math.fsum(alpha.tolist()) - 0.5 * strength * float(w @ w) - 2.0 * unbalanced * abs(b)
    return Bracket((*map(float, w), b), upper, lower, 1.0, unbalanced, tuple((n * alpha).tolist()))


def _sharp(X: Array, signs: Array, alpha: Array, strength: float) -> Array:
    """Solve for the multipliers strictly inside (0, 1/n): their rows lie on the margin, s(w·x + b) = 1."""
    n = len(alpha)
    free = (alpha > 1e-8 / n) & (alpha < (1.0 - 1e-8) / n)
    if not free.any():
        return alpha
    fixed = np.where(free, 0.0, np.where(alpha > 0.5 / n, 1.0 / n, 0.0))
    rows = signs[:, None] * X
    inner, s = rows[free], signs[free]
    matrix = np.block([[inner @ inner.T / strength, s[:, None]], [s[None, :], np.zeros((1, 1))]])
    right = np.append(1.0 - inner @ (rows.T @ fixed) / strength, -float(fixed @ signs))
    fixed[free] = np.linalg.lstsq(matrix, right, rcond=None)[0][:-1]
    within = np.all((fixed >= -1e-12 / n) & (fixed <= (1.0 + 1e-12) / n))
    return np.clip(fixed if within else alpha, 0.0, 1.0 / n)


def _bias(margins: Array, signs: Array) -> float:
    """argmin over b of Σ max(0, 1 − mᵢ − sᵢb): piecewise linear, so one of its kinks."""
    kinks = np.unique((1.0 - margins) * signs)
    slopes = np.array([_slope_after(margins, signs, kink) for kink in kinks])
    return float(kinks[int(np.argmax(slopes >= 0.0))])


def _slope_after(margins: Array, signs: Array, b: float) -> float:
    """The slope just right of b."""
    rest = 1.0 - margins - signs * b
    return float(-signs[(rest > 0.0) | ((rest == 0.0) & (signs < 0.0))].sum())
