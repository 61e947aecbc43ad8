"""Rules that bound a run whatever it does: a number of iterations, or a time."""

from __future__ import annotations

import math
import time
from typing import Optional

from gdbench.descent.domains import natural, positive
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.registry import Spec
from gdbench.descent.stopping.rule import Condition, Foreseeing, Rule, Verdict, Watcher, stopping_rule


@stopping_rule(
    "max_iterations",
    facts={
        "also": ("epochs", "max_iter", "iterations", "steps", "n_iter", "max_epochs", "num_epochs"),
        "limit": True,
    },
    limit=natural,
)
def max_iterations(limit: int) -> Rule:
    """k ≥ limit; the run is then stopped, not converged.

    limit: updates, ≥ 1. A run in batches ends there too, in the middle of an epoch if need be.
    """

    def watcher(now: Iterate) -> Optional[Verdict]:
        if now.k >= limit:
            return Verdict("max_iterations", "stopped", f"reached the limit of {limit} iterations")
        return None

    limited = Foreseeing(watcher, lambda k: k >= limit, lambda: Condition("k >= {0}", (limit,)), ())
    return Rule(lambda landscape: limited)


@stopping_rule(
    "max_evaluations",
    facts={"also": ("max_fun", "maxfev", "max_evals", "nfev", "budget"), "limit": True},
    limit=natural,
)
def max_evaluations(limit: int) -> Rule:
    """Evaluations of the cost and of its gradient, together, ≥ limit; the run is then stopped, not converged.

    limit: ≥ 1, as the field `evaluations` counts: an iterate of plain descent takes two, a line search more.
    The run ends at the first iterate that is looked at with so many done; one in batches is looked at there.
    """

    def watch(landscape: Landscape) -> Watcher:
        def over(k: int) -> bool:
            return landscape.spent() >= limit

        def watcher(now: Iterate) -> Optional[Verdict]:
            if over(now.k):
                return Verdict("max_evaluations", "stopped", f"reached the limit of {limit} evaluations")
            return None

        # the printed loop goes down the cost and its gradient, once at each iterate from k = 0 on
        return Foreseeing(watcher, over, lambda: Condition("2 * k + 2 >= {0}", (limit,)), ())

    return Rule(watch)


def most_iterations(rule: Spec) -> Optional[int]:
    """The iterations after which a tree of rules, as in a spec, has ended a run at the latest, if any.

    The least bound of `any`; the greatest of `all`, where every member has one.
    """
    ((name, content),) = rule.items()
    if name == "max_iterations":
        return int(content["limit"])
    if name == "max_evaluations":
        return -(-int(content["limit"]) // 2)  # each iterate takes two at least
    if name not in ("any", "all"):
        return None
    bounds = [most_iterations(member) for member in content]
    known = [bound for bound in bounds if bound is not None]
    if name == "any":
        return min(known, default=None)
    return max(known) if len(known) == len(bounds) else None


@stopping_rule("max_seconds", facts={"also": ("timeout", "max_time"), "limit": True}, limit=positive)
def max_seconds(limit: float) -> Rule:
    """Time since the start of the descent ≥ limit; the run is then stopped, not converged.

    limit: seconds, > 0. The clock begins at the starting point and is read once an iteration. Where it
    stops depends on the machine: a run that this rule ends is not repeatable.
    """

    def watch(landscape: Landscape) -> Watcher:
        clock = _Clock()

        def over(k: int) -> bool:
            return clock.elapsed() >= limit

        def watcher(now: Iterate) -> Optional[Verdict]:
            if over(now.k):
                return Verdict("max_seconds", "stopped", f"reached the limit of {limit:g} seconds")
            return None

        def condition() -> Condition:
            return Condition("clock() >= {0}", (math.nan if clock.began is None else clock.began + limit,))

        return Foreseeing(watcher, over, condition, (clock,))

    return Rule(watch)


class _Clock:
    """Runs from the first look on; a run that goes on in another process has used what it used before."""

    def __init__(self) -> None:
        self.began: Optional[float] = None

    def elapsed(self) -> float:
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        return now - self.began

    def remembered(self) -> Optional[float]:
        return None if self.began is None else self.elapsed()

    def recall(self, elapsed: Optional[float]) -> None:
        self.began = None if elapsed is None else time.monotonic() - elapsed
