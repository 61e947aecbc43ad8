"""Step 5 of gradient descent, when to stop: rules that look at one iterate and say yes or no.

A rule is a factory of watchers, because some remember iterates before: `rule.watch(landscape)` begins
one run. Rules combine: `any` stops at the first that holds, `all` when every one holds at the same
iterate. `patience` on a rule asks that it hold so many iterates in a row. No rule takes a cost or
gradient that is not finite for convergence.
"""

from gdbench.descent.stopping.combining import all_of, any_of, build_rule
from gdbench.descent.stopping.limits import max_evaluations, max_iterations, max_seconds
from gdbench.descent.stopping.progress import aitken_gap, no_improvement, no_test_improvement
from gdbench.descent.stopping.reached import gradient_norm, target
from gdbench.descent.stopping.rule import (
    STOPPING_RULES,
    Condition,
    Foreseeing,
    Rule,
    Verdict,
    Watcher,
    condition_of,
    due_of,
    stopping_rule,
)
from gdbench.descent.stopping.settling import cost_change, ftol, parameter_change, relative_cost_change

__all__ = [
    "STOPPING_RULES",
    "Condition",
    "Foreseeing",
    "Rule",
    "Verdict",
    "Watcher",
    "aitken_gap",
    "all_of",
    "any_of",
    "build_rule",
    "condition_of",
    "cost_change",
    "due_of",
    "ftol",
    "gradient_norm",
    "max_evaluations",
    "max_iterations",
    "max_seconds",
    "no_improvement",
    "no_test_improvement",
    "parameter_change",
    "relative_cost_change",
    "stopping_rule",
    "target",
]
