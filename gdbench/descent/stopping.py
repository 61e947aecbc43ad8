"""Step 5 of gradient descent, when to stop: rules that look at one iterate and say yes or no.

A rule is a factory of watchers, because some remember the iterate before: `rule.watch()` begins one
run. Rules combine: `any` stops at the first that holds, `all` when every one holds at the same iterate.
"""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence

from gdbench.descent.domains import natural, non_negative
from gdbench.descent.iterate import Iterate, slope_along_step
from gdbench.descent.registry import Registry

STOPPING_RULES = Registry("stopping rule", "stopping_rules")
stopping_rule = STOPPING_RULES.register

#: A cost that no longer changes although the slope along the last step promised this many times more
#: than the tolerance has not settled: the iterates jump from one side of a valley to the other.
OSCILLATION = 1000.0
_EPSILON = 2.220446049250313e-16


class Verdict(NamedTuple):
    """Which rule fired, the outcome that follows (converged, stalled, stopped, diverged), and why."""

    rule: str
    outcome: str
    reason: str

    @property
    def converged(self) -> bool:
        return self.outcome == "converged"


Watcher = Callable[[Iterate], Optional[Verdict]]


class Rule(NamedTuple):
    """watch() → a fresh watcher for one run."""

    watch: Callable[[], Watcher]


@stopping_rule("max_iterations", facts={"limit": True}, limit=natural)
def max_iterations(limit: int) -> Rule:
    """k ≥ limit; the run is then stopped, not converged.

    limit: updates, ≥ 1.
    """

    def watcher(now: Iterate) -> Optional[Verdict]:
        if now.k >= limit:
            return Verdict("max_iterations", "stopped", f"reached the limit of {limit} iterations")
        return None

    return Rule(lambda: watcher)


@stopping_rule("gradient_norm", tolerance=non_negative)
def gradient_norm(tolerance: float) -> Rule:
    """‖∇f(w_k)‖₂ ≤ tolerance.

    tolerance: ≥ 0, in cost per parameter.
    """

    def watcher(now: Iterate) -> Optional[Verdict]:
        if now.gradient_norm <= tolerance:
            return Verdict(
                "gradient_norm", "converged", f"gradient norm {now.gradient_norm:.3g} ≤ {tolerance:g}"
            )
        return None

    return Rule(lambda: watcher)


@stopping_rule("cost_change", tolerance=non_negative)
def cost_change(tolerance: float) -> Rule:
    """|f(w_k) − f(w_{k−1})| ≤ tolerance.

    tolerance: ≥ 0, in units of the cost.
    """
    return Rule(lambda: _watch_change("cost_change", lambda cost: tolerance))  # noqa: ARG005


@stopping_rule("relative_cost_change", tolerance=non_negative)
def relative_cost_change(tolerance: float) -> Rule:
    """|f(w_k) − f(w_{k−1})| ≤ tolerance · |f(w_{k−1})|.

    tolerance: ≥ 0, a fraction.
    """
    return Rule(lambda: _watch_change("relative_cost_change", lambda cost: tolerance * abs(cost)))


def _watch_change(name: str, allowed: Callable[[float], float]) -> Watcher:
    """Compare each cost with the one before; `allowed` is the largest change that counts as none."""
    before: List[Iterate] = []

    def watcher(now: Iterate) -> Optional[Verdict]:
        last = before[0] if before else None
        before[:] = [now]
        if last is None:
            return None
        change, limit = abs(now.cost - last.cost), allowed(last.cost)
        return _settled(name, last, now, change, limit) if change <= limit else None

    return watcher


def _settled(name: str, last: Iterate, now: Iterate, change: float, limit: float) -> Verdict:
    """Converged, unless the cost stands still only because each step overshoots to the same height."""
    promised = abs(slope_along_step(last, now))
    if promised > OSCILLATION * max(limit, 4 * _EPSILON * abs(now.cost)):
        return Verdict(
            name,
            "stalled",
            f"cost change {change:.3g} ≤ {limit:.3g}, but the slope promised {promised:.3g}: it oscillates",
        )
    return Verdict(name, "converged", f"cost change {change:.3g} ≤ {limit:.3g}")


def any_of(rules: Sequence[Rule]) -> Rule:
    """Stop at the first rule that holds; of several at the same iterate, one that means convergence."""

    def watch() -> Watcher:
        watchers = [rule.watch() for rule in rules]

        def watcher(now: Iterate) -> Optional[Verdict]:
            # every watcher looks at every iterate, because some remember the one before
            verdicts = [v for v in [w(now) for w in watchers] if v]
            return next((v for v in verdicts if v.converged), verdicts[0] if verdicts else None)

        return watcher

    return Rule(watch)


def all_of(rules: Sequence[Rule]) -> Rule:
    """Stop when every rule holds at the same iterate.

    A limit among them then acts as a minimum ("at least 100 iterations, and a small cost change"), so
    it means convergence if any of them does, and oscillation if any of them saw that.
    """

    def watch() -> Watcher:
        watchers = [rule.watch() for rule in rules]

        def watcher(now: Iterate) -> Optional[Verdict]:
            verdicts = [w(now) for w in watchers]
            held = [v for v in verdicts if v]
            if not held or len(held) < len(verdicts):
                return None
            outcomes = [v.outcome for v in held]
            outcome = next((o for o in ("stalled", "converged") if o in outcomes), "stopped")
            return Verdict(" and ".join(v.rule for v in held), outcome, " and ".join(v.reason for v in held))

        return watcher

    return Rule(watch)


def build_rule(choice: Mapping[str, Any]) -> Rule:
    """The rule for a choice in config form: {"any": […]}, {"all": […]} or {name: parameters}."""
    ((name, value),) = choice.items()
    if name in ("any", "all"):
        combine = any_of if name == "any" else all_of
        return combine([build_rule(member) for member in value])
    entry = STOPPING_RULES[name]
    rule: Rule = entry.function(**entry.resolve(value))
    return rule
