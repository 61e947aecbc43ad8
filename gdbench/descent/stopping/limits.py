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

    limited = Foreseeing(watcher, lambda k: k >= limit, lambda: Condition("k >= {0}", (limit,)))
    return Rule(lambda landscape: limited)


def most_iterations(rule: Spec) -> Optional[int]:
    """The iterations after which a tree of rules, as in a spec, has ended a run at the latest, if any.

    The least bound of `any`; the greatest of `all`, where every member has one.
    """
    ((name, content),) = rule.items()
    if name == "max_iterations":
        return int(content["limit"])
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
        began: Optional[float] = None

        def over(k: int) -> bool:
            nonlocal began
            clock = time.monotonic()
            began = clock if began is None else began
            return clock - began >= limit

        def watcher(now: Iterate) -> Optional[Verdict]:
            if over(now.k):
                return Verdict("max_seconds", "stopped", f"reached the limit of {limit:g} seconds")
            return None

        def condition() -> Condition:
            return Condition("clock() >= {0}", (math.nan if began is None else began + limit,))

        return Foreseeing(watcher, over, condition)

    return Rule(watch)
