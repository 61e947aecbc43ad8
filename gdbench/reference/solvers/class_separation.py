"""Whether softmax regression without penalty has a minimiser, for three classes and more.

There is none when some W has (w_y − w_k) · x ≥ 0 for every row, its class y and each other class k, and
not all are 0 (Albert & Anderson 1984): the cost falls along W for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gdbench.reference.solvers.design import Array, Design
from gdbench.reference.solvers.exact import ExactRows
from gdbench.reference.solvers.losses import softmax
from gdbench.reference.solvers.scipy_later import optimize, sparse
from gdbench.reference.solvers.separation import LP_TOLERANCE, Separation, largest_margin, largest_sum
from gdbench.reference.solvers.smooth import Smooth

#: The full linear program is asked up to this many nonzero entries; it then takes a second or so.
LARGEST_PROGRAM = 200_000


def class_separation(design: Design, exact: ExactRows) -> Separation:
    """Candidates from the cheapest to the dearest; exact arithmetic has the last word on each."""
    codes = design.targets.argmax(axis=1).tolist()
    for V in _candidates(design):
        W = V @ design.T.T
        if separates_classes(W.tolist(), exact, codes):
            return Separation("separable", tuple(map(float, W.ravel())))
    # two entries for each of a row's own and each other class
    if 2 * (design.targets.shape[1] - 1) * int(np.count_nonzero(design.Z)) > LARGEST_PROGRAM:
        return Separation("undecided")
    program = _program(design)
    best = largest_sum(program)
    V = _snapped(best.reshape(design.targets.shape[1], -1))
    W = V @ design.T.T
    if separates_classes(W.tolist(), exact, codes):
        return Separation("separable", tuple(map(float, W.ravel())))
    total = float((program @ best).sum())
    return Separation("overlapping" if total <= LP_TOLERANCE * program.shape[0] else "undecided")


def separates_classes(W: Sequence[Sequence[float]], exact: ExactRows, codes: Sequence[int]) -> bool:
    """Whether every row's own class scores highest, ties allowed but not everywhere; exactly."""
    strict = False
    if not np.all(np.isfinite(W)):
        return False
    for code, *scores in zip(codes, *exact.scores(*W), strict=True):
        own = scores[code]
        if any(score > own for score in scores):
            return False
        strict = strict or any(score < own for score in scores)
    return strict


def _candidates(design: Design) -> Iterator[Array]:
    """A class that no row has, one class against the others, and a fit with next to no penalty."""
    counts = design.targets.sum(axis=0)
    empty = np.zeros((len(counts), design.Z.shape[1]))
    if design.bias:
        empty[:, -1] = -1.0 * (counts == 0.0)
        yield empty
    yield _fit(design)
    for k in range(len(counts)):
        V = np.zeros_like(empty)
        V[k] = largest_margin((2.0 * design.targets[:, k] - 1.0)[:, None] * design.Z)
        yield V


def _fit(design: Design) -> Array:
    """Where a quasi-Newton search without penalty stands when it has put every row into its class."""
    problem = Smooth(replace(design, l2=0.0 * design.l2), softmax())
    own = design.targets == 1.0

    def stop_when_separated(intermediate_result: optimize.OptimizeResult) -> None:
        scores = problem.scores(intermediate_result.x)
        if np.all(scores[own] > np.where(own, -np.inf, scores).max(axis=1)):
            raise StopIteration

    found = optimize.minimize(
        problem.cost,
        np.zeros(problem.size),
        jac=problem.gradient,
        method="L-BFGS-B",
        callback=stop_when_separated,
        options={"maxiter": 300},
    )
    return np.asarray(found.x).reshape(own.shape[1], -1)


def _program(design: Design) -> sparse.csr_array:
    """A row (w_y − w_k) · z for each row of the data and each class k that is not its own."""
    K = design.targets.shape[1]
    codes = design.targets.argmax(axis=1)
    blocks = []
    for k in range(K):
        others = codes != k
        selector = design.targets[others].copy()
        selector[:, k] -= 1.0
        parts = [selector[:, m, None] * design.Z[others] for m in range(K)]
        blocks.append(sparse.csr_array(np.hstack(parts)))
    return sparse.csr_array(sparse.vstack(blocks))


def _snapped(V: Array) -> Array:
    """Classes whose parameters agree up to the solver's tolerance get the same: their margins are then 0."""
    snapped = V.copy()
    for k in range(len(V)):
        for m in range(k):
            if np.all(np.abs(snapped[m] - V[k]) <= LP_TOLERANCE):
                snapped[k] = snapped[m]
    return snapped
