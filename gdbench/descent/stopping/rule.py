"""What a stopping rule is, and the patience that any of them may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional, Tuple

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.registry import Registry

STOPPING_RULES: Registry[Rule] = Registry(
    "stopping rule", "stopping_rules", also=("stopping", "stop", "stopping_criterion", "termination")
)
stopping_rule = STOPPING_RULES.register


#: Causes that a rule's name does not say. Of a stall: steps are lost, for longer than may mean nothing; the
#: iterate jumps from side to side; in older records, its last step had length zero, whatever the optimizer.
LOST_STEPS, OVERSHOOTS, ZERO_LENGTH_STEP = "lost_steps", "overshoots", "zero_length_step"
#: Of a divergence: what is not finite, or a cost beyond all measure.
COST_NOT_A_NUMBER, COST_INFINITE = "cost_not_a_number", "cost_infinite"
GRADIENT_NOT_FINITE, COST_GROWN = "gradient_not_finite", "cost_grown"


class Verdict(NamedTuple):
    """Which rule fired, the outcome that follows (converged, stalled, stopped, diverged), and why.

    reason: a sentence, for people alone.  special: the cause as a code, where the rule's name is not enough.
    """

    rule: str
    outcome: str
    reason: str
    special: str = ""

    @property
    def cause(self) -> str:
        """Why as a code: the rule that held, unless there is more to say."""
        return self.special or self.rule

    @property
    def converged(self) -> bool:
        return self.outcome == "converged"


Watcher = Callable[[Iterate], Optional[Verdict]]


class Condition(NamedTuple):
    """What must be so for a rule to hold, as a Python expression: where it is not, nobody need look.

    text: in k, cost, norm (of the gradient), gap, before (the cost of the iterate before), clock() and the
    numbers, {0}, {1}, ….  memory: how many iterates before that one the watcher must have seen for its verdict.
    lasting: whether it must have seen as well all those before whose cost stood still until there.
    """

    text: str
    numbers: Tuple[float, ...] = ()
    memory: int = 0
    lasting: bool = False


@dataclass(frozen=True)
class Foreseeing:
    """A watcher that says beforehand where it need look, and where it need not.

    due(k): whether a limit may be reached at iteration k, so that a run in batches looks at the whole cost
    there, and does not wait for the next epoch.
    condition(): what must be so for the rule to hold at an iterate; its numbers are known from the first on.
    memory: what it remembers of iterates before (see `gdbench.descent.recording.memory`); None: nobody knows.
    """

    look: Watcher
    due: Optional[Callable[[int], bool]] = None
    condition: Callable[[], Optional[Condition]] = lambda: None
    memory: Optional[Tuple[object, ...]] = None

    def __call__(self, now: Iterate) -> Optional[Verdict]:
        return self.look(now)


def due_of(watcher: Watcher) -> Optional[Callable[[int], bool]]:
    return watcher.due if isinstance(watcher, Foreseeing) else None


def condition_of(watcher: Watcher) -> Optional[Condition]:
    return watcher.condition() if isinstance(watcher, Foreseeing) else None


#: watch(landscape) → a fresh watcher for one run.
Watch = Callable[[Landscape], Watcher]


class Rule(NamedTuple):
    """watch(landscape) → a fresh watcher for one run."""

    watch: Watch


@dataclass
class _Row:
    """At how many iterates in a row a rule has held."""

    held: int = 0


def patient(watch: Watch, patience: int) -> Rule:
    """The rule that fires when `watch` holds at `patience` finite iterates in a row.

    patience: ≥ 1, in iterates; 1 fires at once. The verdict is that of the last of them.
    """

    def begin(landscape: Landscape) -> Watcher:
        look, row = watch(landscape), _Row()

        def watcher(now: Iterate) -> Optional[Verdict]:
            verdict = look(now)
            row.held = row.held + 1 if verdict and now.finite else 0
            if verdict is None or row.held < patience:
                return None
            return verdict if patience == 1 else _after(verdict, patience)

        def condition() -> Optional[Condition]:
            found = condition_of(look)
            return found and found._replace(memory=found.memory + patience - 1)

        return Foreseeing(watcher, due_of(look), condition, (look, row))

    return Rule(begin)


def _after(verdict: Verdict, patience: int) -> Verdict:
    return verdict._replace(reason=f"{verdict.reason}, {patience} iterations in a row")
