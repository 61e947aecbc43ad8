"""Least squares by singular values, for designs too large for exact arithmetic."""

from __future__ import annotations

import numpy as np

from gdbench.reference.solvers.design import Array, Design

#: A direction with a singular value between these shares of the largest is neither present nor absent.
ABSENT, PRESENT = 1e-14, 1e-10


def least_squares(design: Design, ridge: Array) -> Array | None:
    """argmin (1/n) ‖Gw − y‖² + Σⱼ ridgeⱼ wⱼ², of least norm in scaled columns.

    None where rounding hides whether the columns are independent: the minimum then cannot be vouched for.
    """
    rows = np.vstack([design.Z, np.sqrt(len(design.Z) * ridge)[:, None] * design.T])
    y = np.append(design.targets[:, 0], np.zeros(len(ridge)))
    lengths = np.linalg.norm(rows, axis=0)
    lengths[lengths == 0.0] = 1.0
    U, values, Vt = np.linalg.svd(rows / lengths, full_matrices=False)
    shares = values / values[0]
    if np.any((shares > ABSENT) & (shares < PRESENT)):
        return None
    kept = shares >= PRESENT
    v = Vt[kept].T @ ((U[:, kept].T @ y) / values[kept]) / lengths
    return np.asarray(design.T @ v)
