"""What an optimizer is, the registry it joins, and the averages that most of them keep."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Callable, NamedTuple, Optional, Sequence, Tuple

from gdbench.descent.errors import BadParameter
from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.registry import Choice, Registry, find, settled
from gdbench.descent.theory.rates import Recommending, Updating
from gdbench.descent.theory.worst_case.theorems import Worst

OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer", "optimizers", also=("optimiser", "optim", "solver", "algorithm", "method")
)
optimizer = OPTIMIZERS.register


#: What an optimizer remembers between steps, of a type that is its own affair.
State = Any


class Optimizer(NamedTuple):
    """init(w) → state;  update(w, gradient, state, η) → (new w, new state).

    traceable: update is arithmetic and functions of `gdbench.descent.functions`, on lists, numbers and named
    tuples of these, and nothing besides: it can be recorded once and printed.
    costed: update takes the cost at w as well, after η.
    aim(w, gradient, state) → (d, new state), where the step is w + η d and d does not rest on η: searches look
    along it.
    proximal(λ) → the same of a cost with Σⱼ λⱼ |wⱼ| in it, shown the least subgradient as its gradient.
    answer: (w, state) → the point that the method answers with, where that is not w itself.
    """

    init: Callable[[Vector], State]
    update: Callable[..., Tuple[Vector, State]]
    traceable: bool = False
    costed: bool = False
    aim: Optional[Callable[[Vector, Vector, State], Tuple[Vector, State]]] = None
    proximal: Optional[Callable[[Sequence[float]], Optimizer]] = None
    answer: Optional[Callable[[Vector, State], Vector]] = None

    def step(self, now: Iterate, state: State, rate: float) -> Tuple[Vector, State]:
        """(w_{k+1}, the state there): update, with what it takes of an iterate."""
        if self.costed:
            return self.update(now.w, now.gradient, state, rate, now.cost)
        return self.update(now.w, now.gradient, state, rate)


def directed(
    init: Callable[[Vector], State], aim: Callable[[Vector, Vector, State], Tuple[Vector, State]]
) -> Optimizer:
    """The optimizer that steps by η along the direction that `aim` gives."""

    def update(w: Vector, g: Vector, state: State, rate: float) -> Tuple[Vector, State]:
        direction, after = aim(w, g, state)
        return moved(w, rate, direction), after

    return Optimizer(init, update, aim=aim)


def moved(w: Vector, rate: float, direction: Vector) -> Vector:
    """w + η d."""
    return [w_j + rate * d_j for w_j, d_j in zip(w, direction)]


def optimizer_of(choice: Choice) -> Optimizer:
    """The optimizer of a choice in config form; equal choices share a traceable one, and its printed step."""
    entry, parameters = find(OPTIMIZERS, choice)
    made = entry.function(**parameters)
    return _shared(entry.function, json.dumps(parameters)) if made.traceable else made


@lru_cache(maxsize=256)
def _shared(function: Callable[..., Optimizer], parameters: str) -> Optimizer:
    return function(**json.loads(parameters))


class OptimizerFacts(NamedTuple):
    """What an optimizer claims of itself, with its parameters; what is not given is not known.

    along_gradient: each step is −η g and nothing else.  steady: its rule is the same in every iteration.
    update: (η, μ, L) → the update that theorems speak of; None where none does.
    recommended: (μ, L) → the fixed rate that theory recommends; None where it recommends none.
    worst: (η, μ, L) → the theorems that bound how slow it can be; None where none do.  searched: (μ, L) →
    those of it where each rate is the best along its direction.
    rests: how many steps in a row it may leave every parameter in place, although there are a slope and a rate,
    and move on then: its memory. None where that is not known.
    first_rate_only: whether only the first learning rate counts, and it finds its own from there.
    finds_rate: whether the learning rate is but a factor of a rate that it finds itself.
    directs: whether it takes a direction of its own, and steps by η along it.
    proximal: whether it steps down the smooth part of a cost alone, and then by the penalty's 1-norm.
    scaled: whether each coordinate's step is about η long, however small its slope.
    answers: whether it answers with another point than its iterate.
    foreign: the package that makes its steps, where that is not gdbench: they are not pure Python.
    usual_rate: the fixed rate that its authors, or else PyTorch 2, give as the default; None where none do.
    """

    along_gradient: bool = False
    steady: bool = False
    update: Optional[Updating] = None
    recommended: Optional[Recommending] = None
    worst: Optional[Worst] = None
    searched: Optional[Worst] = None
    rests: Optional[int] = None
    first_rate_only: bool = False
    finds_rate: bool = False
    directs: bool = False
    proximal: bool = False
    scaled: bool = False
    answers: bool = False
    foreign: str = ""
    usual_rate: Optional[float] = None


def optimizer_facts(choice: Choice) -> OptimizerFacts:
    """The facts of an optimizer in config form; none of one whose plug-in a record has outlived."""
    (name,) = choice
    if name not in OPTIMIZERS:
        return OptimizerFacts()
    try:
        return _facts(OPTIMIZERS[name].function, name, tuple(choice[name].items()))
    except TypeError:  # a parameter that has no hash
        return _facts.__wrapped__(OPTIMIZERS[name].function, name, tuple(choice[name].items()))


@lru_cache(maxsize=1024)
def _facts(function: object, name: str, given: Tuple[Tuple[str, Any], ...]) -> OptimizerFacts:
    """Remembered, as a report asks ten times of each run. function: tells another of the same name apart."""
    entry, parameters = find(OPTIMIZERS, {name: dict(given)})
    functions = ("update", "recommended", "worst", "searched")
    return OptimizerFacts(**settled(entry.facts, parameters, functions=functions))


def with_decay(g: Vector, w: Vector, weight_decay: float) -> Vector:
    """g + λ w, the gradient of f + ½ λ ‖w‖²; g itself where λ = 0."""
    return [g_j + weight_decay * w_j for g_j, w_j in zip(g, w)] if weight_decay else g


def average(m: Vector, g: Vector, beta: float) -> Vector:
    """β m + (1 − β) g."""
    return [beta * m_j + (1.0 - beta) * g_j for m_j, g_j in zip(m, g)]


def average_of_squares(v: Vector, g: Vector, beta: float) -> Vector:
    """β v + (1 − β) g²."""
    return [beta * v_j + (1.0 - beta) * g_j * g_j for v_j, g_j in zip(v, g)]


def sign(x: float) -> float:
    """−1, 0 or 1; NaN for NaN."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x * 0.0


def momentum_checker(name: str, factor: str = "beta") -> Callable[..., None]:
    """A check that momentum is given as a factor, as mu and smoothness, or by the problem, and not in part."""
    of = f"of optimizer '{name}'"

    def check(
        mu: Optional[float], smoothness: Optional[float], *, theoretical: bool = False, **others: object
    ) -> None:
        given = others[factor]
        if theoretical and not given is mu is smoothness is None:
            raise BadParameter(
                "theoretical",
                f"'theoretical' {of} takes the momentum from the problem: give no {factor}, mu or smoothness.",
            )
        if (mu is None) != (smoothness is None):
            known, missing = ("mu", "smoothness") if smoothness is None else ("smoothness", "mu")
            raise BadParameter(known, f"'{known}' {of} says nothing without '{missing}'. Give both or neither.")
        if mu is None or smoothness is None:
            return
        if given is not None:
            raise BadParameter(factor, f"'{factor}' {of} follows from 'mu' and 'smoothness'. Give it or them.")
        if mu > smoothness:
            raise BadParameter("mu", f"'mu' {of} must not be above 'smoothness', but {mu:g} > {smoothness:g}.")

    return check
