"""Several rules as one: `any`, `all`, and rules in the form in which a config writes them."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.registry import build
from gdbench.descent.stopping.rule import (
    STOPPING_RULES,
    Condition,
    Foreseeing,
    Rule,
    Verdict,
    Watcher,
    condition_of,
    due_of,
)


def any_of(rules: Sequence[Rule]) -> Rule:
    """Stop at the first rule that holds; of several at the same iterate, one that means convergence."""

    def watch(landscape: Landscape) -> Watcher:
        watchers = [rule.watch(landscape) for rule in rules]

        def watcher(now: Iterate) -> Optional[Verdict]:
            # every watcher looks at every iterate, because some remember the one before
            verdicts = [v for v in [w(now) for w in watchers] if v]
            return next((v for v in verdicts if v.converged), verdicts[0] if verdicts else None)

        limits = [due for due in map(due_of, watchers) if due]
        due = (lambda k: any(limit(k) for limit in limits)) if limits else None
        return Foreseeing(watcher, due, lambda: joined(" or ", watchers), tuple(watchers))

    return Rule(watch)


def all_of(rules: Sequence[Rule]) -> Rule:
    """Stop when every rule holds at the same iterate.

    A limit among them then acts as a minimum ("at least 100 iterations, and a small cost change"), so
    it means convergence if any of them does, and oscillation if any of them saw that.
    """

    def watch(landscape: Landscape) -> Watcher:
        watchers = [rule.watch(landscape) for rule in rules]

        def watcher(now: Iterate) -> Optional[Verdict]:
            verdicts = [w(now) for w in watchers]
            held = [v for v in verdicts if v]
            return _together(held) if held and len(held) == len(verdicts) else None

        limits = [due for due in map(due_of, watchers) if due]
        due = (lambda k: all(limit(k) for limit in limits)) if len(limits) == len(watchers) else None
        return Foreseeing(watcher, due, lambda: _all_joined(watchers), tuple(watchers))

    return Rule(watch)


def _together(held: Sequence[Verdict]) -> Verdict:
    outcomes = [v.outcome for v in held]
    return Verdict(
        " and ".join(v.rule for v in held),
        next((o for o in ("stalled", "converged") if o in outcomes), "stopped"),
        " and ".join(v.reason for v in held),
        next((v.special for v in held if v.special), ""),
    )


def joined(word: str, watchers: Sequence[Watcher]) -> Optional[Condition]:
    """The conditions of all, as one; None where a watcher has none, for it must then be shown every iterate."""
    texts: List[str] = []
    numbers: List[float] = []
    memory, lasting = 0, False
    for condition in map(condition_of, watchers):
        if condition is None:
            return None
        places = [f"{{{len(numbers) + i}}}" for i in range(len(condition.numbers))]
        texts.append(f"({condition.text.format(*places)})")
        numbers += condition.numbers
        memory, lasting = max(memory, condition.memory), lasting or condition.lasting
    return Condition(word.join(texts), tuple(numbers), memory, lasting)


def _all_joined(watchers: Sequence[Watcher]) -> Optional[Condition]:
    """The conditions of all at once; and where one must see how long the cost stands still, there as well."""
    condition = joined(" and ", watchers)
    if condition is None or not condition.lasting:
        return condition
    return condition._replace(text=f"({condition.text}) or cost == before")


def build_rule(choice: Mapping[str, Any]) -> Rule:
    """The rule for a choice in config form: {"any": […]}, {"all": […]} or {name: parameters}."""
    ((name, value),) = choice.items()
    if name in ("any", "all"):
        combine = any_of if name == "any" else all_of
        return combine([build_rule(member) for member in value])
    return build(STOPPING_RULES, choice)
