"""The point that a method answers with, where that is not its iterate: an average, or slow weights."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Callable, Dict, NamedTuple, Optional, Tuple

from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.protocol import Optimizer, State
from gdbench.descent.problems.objective import Evaluate
from gdbench.descent.recording.held_out import SideCost
from gdbench.descent.recording.plain import Plain
from gdbench.descent.recording.result import RunResult


class AnswerPoint:
    """Follows an optimizer's state, so that its answer is known wherever a recorder asks.

    watched: the optimizer, to go down with.  cost: of the answer, no work of the descent.
    """

    def __init__(self, optimizer: Optimizer, cost: Callable[[Vector], float]) -> None:
        self._optimizer, self._state = optimizer, None
        self.watched = optimizer._replace(init=self._init, update=self._update, traceable=False, aim=None)
        self.cost = SideCost(cost)
        self._known: Dict[int, Vector] = {}
        self.memory = (self._known, self.cost)

    def _init(self, w: Vector) -> State:
        self._state = self._optimizer.init(w)
        return self._state

    def _update(self, w: Vector, g: Vector, state: State, *others: float) -> Tuple[Vector, State]:
        moved, self._state = self._optimizer.update(w, g, state, *others)
        return moved, self._state

    def at(self, now: Iterate) -> Iterate:
        """The iterate with the answer in its place. now: the one that the optimizer has just come to."""
        assert self._optimizer.answer is not None
        return now._replace(w=self._optimizer.answer(now.w, self._state))

    def keep(self, k: int, w: Vector) -> None:
        """Remember the answer at the iterate that the optimizer has just come to."""
        assert self._optimizer.answer is not None
        self._known[k] = self._optimizer.answer(w, self._state)

    def kept(self, now: Optional[Iterate]) -> Optional[Iterate]:
        """The same of an iterate whose answer was kept; None of others."""
        return now._replace(w=self._known[now.k]) if now and now.k in self._known else None

    def ending(self, last: Optional[Iterate], evaluate: Evaluate) -> Optional[Plain]:
        """What is recorded of it: where the run ended, and the lowest that was looked at."""
        point = self.kept(last)
        if point is None:
            return None
        try:
            _, _, gap = evaluate(point.w)
        except (ArithmeticError, ValueError):
            gap = None
        known = gap is not None and math.isfinite(gap)
        return {**self.cost.ending(point), "gap": gap if known else None, "parameters": list(point.w)}


class Aside(NamedTuple):
    """What is looked at beside a descent, and changes nothing of it; None where there is no such thing."""

    held_out: Optional[SideCost]
    answer: Optional[AnswerPoint]

    @property
    def seconds(self) -> float:
        """What the looks took of the time of the loop."""
        tested = self.held_out.seconds if self.held_out else 0.0
        return tested + (self.answer.cost.seconds if self.answer else 0.0)

    @property
    def tested(self) -> Optional[Callable[[Iterate], float]]:
        """The cost of the rows held out at an iterate that was just come to, or of the answer there."""
        if self.held_out is None or self.answer is None:
            return self.held_out
        cost, point = self.held_out, self.answer
        return lambda now: cost(point.at(now))

    def recorded(self, result: RunResult, last: Optional[Iterate], evaluate: Evaluate) -> RunResult:
        """The result with what was seen of either. evaluate: without being counted."""
        point = self.answer.kept(last) if self.answer else last
        return replace(
            result,
            held_out=self.held_out.ending(point) if self.held_out else None,
            answer=self.answer.ending(last, evaluate) if self.answer else None,
        )


def aside(optimizer: Optimizer, cost: Callable[[Vector], float], held_out: Optional[SideCost]) -> Aside:
    """What is looked at beside the descent of an optimizer. cost: without being counted."""
    return Aside(held_out, AnswerPoint(optimizer, cost) if optimizer.answer else None)
