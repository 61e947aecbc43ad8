"""Contenders from outside: optimizers of PyTorch and SciPy on our costs, through our loop and our recorder.

A config asks for them with `plugins: [contenders]`; nothing of theirs is imported until a run needs it.

PyTorch's are given our gradient, and their parameter is our next iterate. SciPy's drive a loop of their own,
which is turned inside out: in a thread it waits for the cost and the gradient of each point it asks for, and
each of these is an iterate of our run. Our loop evaluates, records, and ends it: work, targets and rules are
those of every other run.
"""

from __future__ import annotations

import ast
import threading
from importlib import import_module
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from gdbench.descent.domains import one_of, optional, text
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.optimizers.protocol import Optimizer, optimizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from gdbench.descent.numerics.vectors import Vector


def package(name: str, module: str) -> ModuleType:
    """The module; raises `GdbenchError` where the package is not installed."""
    try:
        return import_module(module)
    except ImportError:
        extra = "gdbench[torch]" if name == "torch" else name
        raise GdbenchError(
            f"optimizer '{name}' needs the package {name}, which is not installed here: pip install '{extra}'."
        ) from None


def options_of(name: str, text: str | None) -> dict[str, object]:
    """'betas=(0.8, 0.99), weight_decay=0.1' as keyword arguments, none of None; raises `BadParameter`."""
    try:
        call = ast.parse(f"f({text or ''})", mode="eval").body
        assert isinstance(call, ast.Call)
        assert not call.args
        assert all(keyword.arg for keyword in call.keywords)
        return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, AssertionError):
        raise BadParameter(
            "options",
            f"'options' of optimizer '{name}' must be keyword arguments, such as 'weight_decay=0.1, eps=1e-6', "
            f"not '{text}'.",
        ) from None


# --- PyTorch

#: Those that evaluate the cost themselves, or take other gradients than ours.
_REFUSED = ("LBFGS", "SparseAdam")


class _Steps:
    """A parameter of float64 and the optimizer of PyTorch that moves it."""

    def __init__(self, name: str, options: str | None, w: Vector) -> None:
        library = package("torch", "torch")
        kind = getattr(library.optim, name, None)
        if kind is None or name in _REFUSED:
            why = "evaluates the cost itself" if name in _REFUSED else "is not in torch.optim"
            raise GdbenchError(f"optimizer 'torch': {name} {why}. Choose another, such as RAdam.")
        library.set_num_threads(1)  # one run has one core, as ours have
        self._library = library
        self._parameter = library.tensor(w, dtype=library.float64).requires_grad_()
        self._optimizer = kind([self._parameter], lr=1.0, **options_of("torch", options))

    def step(self, w: Vector, g: Vector, rate: float) -> Vector:
        library = self._library
        self._parameter.data.copy_(library.tensor(w, dtype=library.float64))
        self._parameter.grad = library.tensor(g, dtype=library.float64)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        moved: Vector = self._parameter.tolist()
        return moved


def _check_torch(name: str, options: str | None) -> None:
    options_of("torch", options)


@optimizer("torch", facts={"check": _check_torch, "foreign": "torch"}, name=text, options=optional(text))
def torch(name: str = "Adam", options: str | None = None) -> Optimizer:
    """torch.optim's optimizer of that name, in float64 on one thread; not pure Python, and no theory of ours.

    name: a class of torch.optim, such as RAdam.  options: what else it is given, as 'weight_decay=0.1'; the
    learning rate is the run's.
    """
    package("torch", "torch")  # before the clock runs

    def init(w: Vector) -> _Steps:
        return _Steps(name, options, w)

    def update(w: Vector, g: Vector, state: _Steps, rate: float) -> tuple[Vector, _Steps]:
        return state.step(w, g, rate), state

    return Optimizer(init, update)


# --- SciPy

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
        solvers, numpy = package("scipy", "scipy.optimize"), package("scipy", "numpy")
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
                found = solvers.minimize(
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


def _check_scipy(method: str, options: str | None) -> None:
    options_of("scipy", options)


@optimizer(
    "scipy",
    facts={"check": _check_scipy, "foreign": "scipy", "finds_rate": True, "usual_rate": 1.0},
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
