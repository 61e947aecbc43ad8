"""Minimizers of SciPy, turned inside out: each point that one evaluates is an iterate of our run.

It drives a loop of its own, in a thread that waits for the cost and the gradient of each point it asks for. Our
loop evaluates, records, and ends it: work, targets and stopping rules are those of every other run.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from gdbench.contenders.outside import options_of, package
from gdbench.descent.domains import one_of, optional, text
from gdbench.descent.errors import GdbenchError
from gdbench.descent.optimizers.protocol import Optimizer, optimizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdbench.descent.numerics.vectors import Vector

METHODS = ("BFGS", "L-BFGS-B", "CG", "Newton-CG", "TNC", "SLSQP", "trust-constr")
#: Bounds on its own loop that must not end it before our rules do.
_ENDLESS = {
    "L-BFGS-B": {"maxiter": 10**9, "maxfun": 10**9},
    "TNC": {"maxfun": 10**9},
}


class _Said(NamedTuple):
    """What the thread has to say: a point to evaluate, the last one of all, or what went wrong."""

    point: Vector
    last: bool = False
    wrong: str = ""


class _Ended(Exception):
    """Our run is over."""


class _Solver:
    """The thread and the two queues between it and the run."""

    def __init__(self, method: str, options: str | None, w: Vector) -> None:
        self._answers: SimpleQueue[tuple[float, Vector] | None] = SimpleQueue()
        self._said: SimpleQueue[_Said] = SimpleQueue()
        self._over: Vector | None = None
        scipy, numpy = package("scipy", "scipy.optimize"), package("scipy", "numpy")
        given = {**_ENDLESS.get(method, {"maxiter": 10**9}), **options_of("scipy", options)}
        answers, said = self._answers, self._said

        def cost_and_gradient(x: Sequence[float]) -> tuple[float, object]:
            said.put(_Said([float(x_j) for x_j in x]))
            answer = answers.get()
            if answer is None:
                raise _Ended
            return answer[0], numpy.array(answer[1])

        def solve() -> None:
            try:
                found = scipy.minimize(
                    cost_and_gradient, numpy.array(w), jac=True, method=method, tol=0.0, options=given
                )
                said.put(_Said([float(x_j) for x_j in found.x], last=True))
            except _Ended:
                pass
            except Exception as error:  # noqa: BLE001  it belongs to the run, which is in another thread
                said.put(_Said([], wrong=f"{type(error).__name__}: {error}"))

        threading.Thread(target=solve, name=f"scipy {method}", daemon=True).start()
        self._next()  # the start, which our run evaluates anyway

    def step(self, g: Vector, cost: float) -> Vector:
        """The point that it wants to see after this one; once it has ended by itself, its last one for ever."""
        if self._over is not None:
            return list(self._over)
        self._answers.put((cost, g))
        return self._next()

    def _next(self) -> Vector:
        said = self._said.get()
        if said.wrong:
            raise GdbenchError(f"optimizer 'scipy' failed: {said.wrong}")
        if said.last:
            self._over = said.point
        return said.point

    def __del__(self) -> None:
        self._answers.put(None)


def _check(method: str, options: str | None) -> None:
    options_of("scipy", options)


@optimizer(
    "scipy",
    facts={"check": _check, "foreign": "scipy", "finds_rate": True, "usual_rate": 1.0},
    method=one_of(*METHODS),
    options=optional(text),
)
def scipy(method: str = "BFGS", options: str | None = None) -> Optimizer:
    """scipy.optimize.minimize by that method; each point that it evaluates is an iterate; not pure Python.

    method: one that takes a gradient and no Hessian.  options: of that method, as 'maxcor=20'. Its own
    tolerances are 0, so that the run's rules end it, and the learning rate means nothing to it.
    """
    package("scipy", "scipy.optimize")  # before the clock runs

    def init(w: Vector) -> _Solver:
        return _Solver(method, options, list(w))

    def update(w: Vector, g: Vector, state: _Solver, rate: float, cost: float) -> tuple[Vector, _Solver]:
        return state.step(g, cost), state

    return Optimizer(init, update, costed=True)
