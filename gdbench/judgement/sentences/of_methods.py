"""How methods stand over the problems of a study, in words made of values alone."""

from __future__ import annotations

import math

from gdbench.judgement.methods.matrix import not_in_grid
from gdbench.judgement.methods.ratios import ratio_in_words
from gdbench.judgement.methods.standings import Standing, Standings
from gdbench.judgement.methods.summary import MethodsSummary, PluginStanding
from gdbench.judgement.methods.tuning import FACTOR
from gdbench.judgement.methods.views import DEFAULTS, ONE
from gdbench.judgement.numerals import count, listing

#: Of so many methods the tries are told.
_TRIES = 3


def told_of_methods(of: MethodsSummary) -> str:
    """Which method is best and by how much, where plug-ins stand, and what the other views and tuning say."""
    parts = [_first(of.tuned), _most_wins(of.tuned)]
    parts += [_plugin(one, of.tuned) for one in of.plugins if one.place > 1]
    parts += [_tries(of), of.parting]
    parts += [_other_view(view, of) for view in of.views[1:]]
    return " ".join(filter(None, parts))


def _first(of: Standings) -> str:
    """'Tuned for each problem, adam keeps a relative gap of 0.01 on all 12 problems and is best on 5; …'"""
    first = of.methods[0]
    how = f"{of.view[0].upper()}{of.view[1:]}, " if of.view else ""
    if not first.solved:
        return f"{how}no method keeps a relative gap of {of.target} on any of {count(of.problems)} problems."
    told = f"{how}{first.method} keeps a relative gap of {of.target} on {_share(first, of)} problems"
    told += f" and is best on {_wins(first, of)}" if first.best else ""
    return f"{told}{_lead(of)}."


def _share(one: Standing, of: Standings) -> str:
    return (
        f"all {count(of.problems)}"
        if one.solved == of.problems
        else f"{count(one.solved)} of {count(of.problems)}"
    )


def _wins(one: Standing, of: Standings) -> str:
    return "all" if one.best == of.problems else count(one.best)


def _lead(of: Standings) -> str:
    """'; it takes 1.4× fewer iterations than adam, the next, in the median'."""
    if len(of.methods) < 2 or of.lead is None or not 0.0 < of.lead < math.inf:
        return ""
    second = of.methods[1].method
    if of.lead == 1.0:
        return f"; in the median over problems it is as fast as {second}, the next"
    return f"; in the median over problems it takes {ratio_in_words(of.lead)} than {second}, the next"


def _most_wins(of: Standings) -> str:
    """Who is best most often, where that is another one."""
    most = max(of.methods, key=lambda one: one.best)
    if most.best <= of.methods[0].best:
        return ""
    alike = [one.method for one in of.methods if one.best == most.best]
    if len(alike) > 1:
        return f"{listing(alike)} are best on {count(most.best)} each."
    return f"{most.method} is best on most, {count(most.best)}, and keeps it on {count(most.solved)}."


def _plugin(one: PluginStanding, of: Standings) -> str:
    standing = of.of(one.method)
    if standing is None:
        return ""
    ratio = ""
    if one.ratio is not None and 0.0 < one.ratio < math.inf:
        ratio = f", with {ratio_in_words(one.ratio)} than {of.methods[0].method}"
        ratio = f", as fast as {of.methods[0].method}" if one.ratio == 1.0 else ratio
    return (
        f"{one.method}, of a plug-in, is {_ordinal(one.place)} of {count(len(of.methods))}: it keeps it on "
        f"{count(standing.solved)} and is best on {count(standing.best)}{ratio}."
    )


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _tries(of: MethodsSummary) -> str:
    """'To be within 2× of its best, rprop needs 3 tries of 9, adamw 5, adam 6.'"""
    if not of.tries:
        return ""
    (name, needed, settings), *rest = of.tries[:_TRIES]
    same = all(n == settings for _, _, n in rest)
    others = "".join(f", {m} {count(k)}{'' if same else f' of {count(n)}'}" for m, k, n in rest)
    tries = "try" if needed == 1 else "tries"
    return (
        f"To be within {FACTOR:g}× of its best with 90 % chance, {name} needs {count(needed)} {tries} of its "
        f"{count(settings)} settings{others}."
    )


def _other_view(view: Standings, of: MethodsSummary) -> str:
    """'With one setting for all problems: rprop, η = 0.3, on 9 of 12. By authors' defaults: …'"""
    how = {ONE: "With one setting for all problems", DEFAULTS: "With their authors' defaults"}[view.view]
    first = view.methods[0]
    name = f"{first.method}, {first.setting}," if first.setting else first.method
    told = f"{how}, {name} leads: {_share(first, view)}"
    told = told if first.solved else f"{how}, no method keeps it on any problem"
    missing = not_in_grid(of.missing) if view.view == DEFAULTS and len(of.missing) <= _TRIES else ""
    if view.view == DEFAULTS and len(of.missing) > _TRIES:
        missing = f"The defaults of {count(len(of.missing))} methods are not in the grid."
    return " ".join(filter(None, [f"{told}.", missing]))
