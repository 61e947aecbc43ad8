"""What to do about a cause, in words: by the code of its remedy, with what that gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gdbench.descent.diagnosis import Cause, Gain
from gdbench.judgement.numerals import count, figure

Changes = Mapping[str, Any]


def _rate(changes: Changes) -> str:
    ((_, given),) = changes["learning_rate"].items()
    return figure(given["rate"])


def _falling(changes: Changes) -> str:
    return f"Let the rate fall: inverse_time from {_rate(changes)}."


def _take(changes: Changes) -> str:
    plain = " and plain steps" if "optimizer" in changes else ""
    return f"Take a rate of {_rate(changes)}{plain}."


def _add_bias(changes: Changes) -> str:
    if "formula" not in changes["model"]:
        return "Give it one: bias: true."
    return f"Add one: {changes['model']['formula']['expression']}. A larger rate would gain nothing."


def _amsgrad(changes: Changes) -> str:
    return f"Take amsgrad, whose rates never grow, at {_rate(changes)}."


def _search(changes: Changes) -> str:
    plain = "plain gradient descent with " if "optimizer" in changes else ""
    return f"Take {plain}a line search, such as backtracking."


def _standardize(changes: Changes) -> str:
    near = "Standardize the features, or start with small parameters where they multiply one"
    if "learning_rate" not in changes:
        return f"{near}."
    if "constant" not in changes["learning_rate"]:
        return f"{near}, and take a line search."
    plain = " of plain steps" if "optimizer" in changes else ""
    return f"Standardize the features, with a rate of {_rate(changes)}{plain}."


#: What each remedy says; those that the sentence of their cause says itself are missing.
_WORDS: Mapping[str, str | Callable[[Changes], str]] = {
    "random_start": "Start from random weights.",
    "standardize": _standardize,
    "momentum": "Take the heavy ball with the rate and the momentum that theory recommends.",
    "take_rate": _take,
    "falling_rate": _falling,
    "proximal_steps": "Take proximal steps: fista at 1/L.",
    "amsgrad": _amsgrad,
    "no_weight_decay": "Leave the weight decay out, or count it as a penalty of the cost.",
    "balanced_step": "Take that, or the analytic gradient.",
    "add_bias": _add_bias,
    "search": _search,
    "another_start": "Start elsewhere.",
}
#: Causes whose sentence names the rate to take.
_SAID = ("rate_too_small", "wrong_gradient", "saddle", "local_minimum")


def advice(cause: Cause) -> str:
    """A sentence, or two, or "" where the cause has said it already."""
    if cause.remedy is None:
        return ""
    if cause.code in _SAID:
        return _tried(cause)
    words = _WORDS.get(cause.remedy.code)
    told = words(cause.remedy.changes) if callable(words) else words
    return " ".join(part for part in (told, _gained(cause.gain), _tried(cause)) if part) if told else ""


def _tried(cause: Cause) -> str:
    """What a trial of the remedy found; nothing where none is needed."""
    if "tried" not in cause.evidence:
        return ""
    found = cause.evidence["tried"]
    if found is None:
        return "Not tried."
    steps, times = count(found["steps"]), found["times"]
    return f"Tried for {steps} steps: {f'{figure(times, 2)} times as fast' if times else 'it gains'}."


def _gained(gain: Gain | None) -> str:
    """'Then 1e-6 takes 10 iterations, not 817,310,245.'"""
    if gain is None or gain.with_remedy is None:
        return ""
    about = "" if gain.exact else "about "
    many = f"{count(gain.with_remedy)} iteration{'' if gain.with_remedy == 1.0 else 's'}"
    instead = f", not {count(gain.now)}" if gain.now is not None else ""
    return f"Then it takes {about}{many}{instead}."
