"""Reads a convergence value: a stopping rule, or `any:`/`all:` over several, which must bound every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdbench.config.grid.choice import Choice
from gdbench.config.grid.components import combine, read_choices
from gdbench.descent.stopping import STOPPING_RULES

if TYPE_CHECKING:
    from gdbench.config.yaml.places import ConfigPath, Mistakes

_COMBINED = {"any": any, "all": all}


def read_convergence(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The trees of rules that one config value stands for."""
    choices = _trees(value, path, mistakes)
    if not all(map(_is_bounded, choices)):
        mistakes.add(
            path,
            "this rule may never stop a run, as nothing bounds its iterations. Add a limit beside it: "
            "{any: [{cost_change: 1e-9}, {max_iterations: 10000}]}; within 'all', each member needs one.",
        )
    return choices


def read_watched(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    """The trees of rules that a value under `watch:` stands for; they stop nothing, so need no limit."""
    return _trees(value, path, mistakes)


def _trees(value: Any, path: ConfigPath, mistakes: Mistakes) -> list[Choice]:
    word = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(value, dict) or word not in _COMBINED:
        return read_choices(STOPPING_RULES, value, path, mistakes)
    members, inner = value[word], (*path, word)
    if not isinstance(members, list) or not members:
        mistakes.add(inner, f"'{word}' takes a list of rules: {{{word}: [{{max_iterations: 5000}}, …]}}.")
        return []
    alternatives = [_trees(member, (*inner, i), mistakes) for i, member in enumerate(members)]
    return [Choice(word, members=tree, path=path) for tree in combine(alternatives, inner, mistakes)]


def _is_bounded(choice: Choice) -> bool:
    """Whether the iterations have a limit: in one member of `any`, in every member of `all`."""
    if choice.members:
        return _COMBINED[choice.name](map(_is_bounded, choice.members))
    return bool(STOPPING_RULES[choice.name].facts.get("limit"))
