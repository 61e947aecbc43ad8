"""What a next experiment is offered for, in words: by the code of the remedy that it tries, and the gain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from gdbench.config.outside import command as words_of
from gdbench.descent.diagnosis import Gain
from gdbench.judgement.numerals import count, figure

#: Code of a remedy → a few words, and a sentence.
_WHAT: Mapping[str, tuple[str, str]] = {
    "analytic_gradient": (
        "the analytic gradient",
        "Its gradient is wrong: take the analytic one.",
    ),
    "balanced_step": (
        "another step",
        "Its gradient is wrong: take a step that balances its errors.",
    ),
    "random_start": ("random starts", "Hidden units are copies of one another: start from random weights."),
    "another_start": (
        "other starts",
        "It came to rest where the cost is not lowest: begin elsewhere.",
    ),
    "add_bias": ("a bias", "The model lacks a bias: add one."),
    "add_penalty": (
        "a penalty",
        "No minimiser exists: with a penalty there is one.",
    ),
    "standardize": ("standardized features", "The features differ in scale: standardize them."),
    "standardize_size": ("standardized features", "Its features are not of the order of 1: standardize them."),
    "momentum": ("momentum", "Take the heavy ball, with the rate and the momentum that theory recommends."),
    "take_rate": ("another rate", "Take the rate that the curvature asks for."),
    "larger_rates": ("larger rates", "The best rate is the largest that was tried: try larger ones."),
    "smaller_rates": ("smaller rates", "The best rate is the smallest that was tried: try smaller ones."),
    "shorter_steps": ("smaller rates", "Its steps are too long: take smaller rates."),
    "falling_rate": ("a falling rate", "At a constant rate it comes no lower: let the rate fall."),
    "proximal_steps": (
        "proximal steps",
        "Its steps hop across the kinks of a 1-norm: take proximal ones.",
    ),
    "search": ("a line search", "Its steps are too long for where it starts: take a line search."),
    "amsgrad": ("amsgrad", "It does not stay where it came: take amsgrad."),
    "no_weight_decay": ("no weight decay", "Weight decay holds it off the minimum: leave it out."),
    "go_on": ("more iterations", "A limit stopped it on the way: go on."),
    "tighter_tolerance": ("a tighter tolerance", "It stopped too early: go on until the target is met."),
    "longer": ("more iterations", "A limit stopped it on the way: go on, ten times as long at most."),
    "go_on_or_larger_rates": (
        "more iterations, or larger rates",
        "A limit stopped it on the way: go on, and try larger rates.",
    ),
    "longer_or_larger_rates": (
        "more iterations, or larger rates",
        "A limit stopped it on the way: go on, ten times as long at most, and try larger rates.",
    ),
}
_NOTHING: Mapping[str, str] = {
    "running": "No next experiment is offered: the runs are not all done.",
    "no config": "No next experiment is offered: its config cannot be read any more.",
    "refused": "No next experiment is offered: its config would be refused.",
    "many": "No next experiment is offered: there are too many problems for a single one.",
    "arrived": "No next experiment is offered: what was wanted is met, and nothing known would halve the way.",
    "best": "No next experiment is offered: nothing that is known here would gain.",
}


class Wanted(Protocol):
    """What is tried: see `gdbench.judgement.next_experiment.suggestions`."""

    @property
    def code(self) -> str: ...
    @property
    def gain(self) -> Gain | None: ...
    @property
    def target(self) -> str: ...


def command(experiment: str, where: Sequence[str] = ()) -> str:
    """The words that run it. where: those that name the folder of results."""
    return words_of(["gdbench", "next", experiment, "--run", *where])


def headline(wanted: Wanted, problem: str) -> str:
    """'momentum: about 6 times fewer iterations', for the end of a line."""
    what, gained = _words(wanted.code)[0], _gained(wanted.gain, wanted.target)
    where = f"on {problem}, " if problem else ""
    return f"{where}{what}: {gained}" if gained else f"{where}{what}"


def why_words(wanted: Wanted, problem: str) -> str:
    """The sentence: why, and what it should gain."""
    said, gained = _words(wanted.code)[1], _gained(wanted.gain, wanted.target)
    where = f"On {problem}: " if problem else ""
    return f"{where}{said}{f' It should take {gained}.' if gained else ''}"


def nothing_words(reason: str, detail: str) -> str:
    return f"{_NOTHING[reason]} ({detail})" if detail else _NOTHING[reason]


def _words(code: str) -> tuple[str, str]:
    words = code.replace("_", " ")
    return _WHAT.get(code, (words, f"Try what would mend it: {words}."))


def _gained(gain: Gain | None, target: str) -> str:
    """'about 6 times fewer iterations', or how many there will be where now is never, or goes on alike."""
    if gain is None or gain.with_remedy is None:
        return ""
    about = "" if gain.exact else "about "
    if math.isfinite(gain.ratio) and gain.ratio >= 1.5:
        return f"about {figure(gain.ratio, 2)} times fewer iterations"
    return f"{about}{count(gain.with_remedy)} iterations to {target}"
