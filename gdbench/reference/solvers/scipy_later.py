"""SciPy, imported once something of it is called: it takes half a second, and least squares need none of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


class _Later:
    """A module that is imported when it is asked for a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


if TYPE_CHECKING:
    from scipy import optimize, sparse
    from scipy.sparse import linalg as sparse_linalg
else:
    optimize, sparse, sparse_linalg = map(_Later, ("scipy.optimize", "scipy.sparse", "scipy.sparse.linalg"))

__all__ = ["optimize", "sparse", "sparse_linalg"]
