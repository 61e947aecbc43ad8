"""What a stopping rule is, and the patience that any of them may have."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from gdbench.descent.iterate import Iterate
from gdbench.descent.problems.landscape import Landscape
from gdbench.descent.registry import Registry

STOPPING_RULES: Registry[Rule] = Registry("stopping rule", "stopping_rules")
stopping_rule = STOPPING_RULES.register


class Verdict(NamedTuple):
    """Which rule fired, the outcome that follows (converged, stalled, stopped, diverged), and why."""

    rule: str
    outcome: str
    reason: str

    @property
    def converged(self) -> bool:
        return self.outcome == "converged"


Watcher = Callable[[Iterate], Optional[Verdict]]
#: watch(landscape) → a fresh watcher for one run.
Watch = Callable[[Landscape], Watcher]


class Rule(NamedTuple):
    """watch(landscape) → a fresh watcher for one run."""

    watch: Watch


def patient(watch: Watch, patience: int) -> Rule:
    """The rule that fires when `watch` holds at `patience` finite iterates in a row.

    patience: ≥ 1, in iterates; 1 fires at once. The verdict is that of the last of them.
    """

    def begin(landscape: Landscape) -> Watcher:
        look, held = watch(landscape), 0

        def watcher(now: Iterate) -> Optional[Verdict]:
            nonlocal held
            verdict = look(now)
            held = held + 1 if verdict and now.finite else 0
            if verdict is None or held < patience:
                return None
            return verdict if patience == 1 else _after(verdict, patience)

        return watcher

    return Rule(begin)


def _after(verdict: Verdict, patience: int) -> Verdict:
    return verdict._replace(reason=f"{verdict.reason}, {patience} iterations in a row")
