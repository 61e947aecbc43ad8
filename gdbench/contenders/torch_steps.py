"""Optimizers of PyTorch, step by step: they are given our gradient, and their parameter is our next iterate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdbench.contenders.outside import options_of, package
from gdbench.descent.domains import optional, text
from gdbench.descent.errors import GdbenchError
from gdbench.descent.optimizers.protocol import Optimizer, optimizer

if TYPE_CHECKING:
    from gdbench.descent.numerics.vectors import Vector

#: Those that evaluate the cost themselves, or take other gradients than ours.
_REFUSED = ("LBFGS", "SparseAdam")


class _Steps:
    """A parameter of float64 and the optimizer of PyTorch that moves it."""

    def __init__(self, name: str, options: str | None, w: Vector) -> None:
        torch = package("torch", "torch")
        kind = getattr(torch.optim, name, None)
        if kind is None or name in _REFUSED:
            why = "evaluates the cost itself" if name in _REFUSED else "is not in torch.optim"
            raise GdbenchError(f"optimizer 'torch': {name} {why}. Choose another, such as RAdam.")
        torch.set_num_threads(1)  # one run has one core, as ours have
        self._torch = torch
        self._parameter = torch.tensor(w, dtype=torch.float64).requires_grad_()
        self._optimizer = kind([self._parameter], lr=1.0, **options_of("torch", options))

    def step(self, w: Vector, g: Vector, rate: float) -> Vector:
        torch = self._torch
        self._parameter.data.copy_(torch.tensor(w, dtype=torch.float64))
        self._parameter.grad = torch.tensor(g, dtype=torch.float64)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        moved: Vector = self._parameter.tolist()
        return moved


def _check(name: str, options: str | None) -> None:
    options_of("torch", options)


@optimizer("torch", facts={"check": _check, "foreign": "torch"}, name=text, options=optional(text))
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
