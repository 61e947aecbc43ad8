"""How the runs of a plan are told apart in few letters: by what varies, shortened to where it differs.

MLflow's table shows some fifteen letters of a run's name. A long choice says only where it differs from the
others of its axis, and words are cut where that is not enough: `mlp(hidden=[8], activation=relu)` beside
other networks is `8 relu`, `gradient_descent` beside `adam` may be `gd`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING

from gdbench.config.grid.axes import DEFINING
from gdbench.config.wording import label, run_label, shown, usual

if TYPE_CHECKING:
    from gdbench.descent.registry import Spec
    from gdbench.record.records import PlanRecord

#: The letters of a name that MLflow's table shows.
VISIBLE = 15

#: Runs whose names are compared; of more the first stand for all.
_COMPARED = 2000

#: What names a run after all that varies, unless it varies itself.
_SUBJECT = ("surface", "model", "cost")

_SYMBOLS = {"learning_rate": "η="}

#: Of a choice, the words that tell it from others.
Shortening = Callable[[str], str]


class Words:
    """What the runs of a plan are called, and which parameters of its choices are worth a number."""

    def __init__(self, plan: PlanRecord) -> None:
        self._varying = plan.varying
        self._axes = {axis: list(plan.axes.get(axis, ())) for axis in plan.varying if axis != "replicate"}
        self._usual: dict[tuple[str, str], object] = {}
        self._short = self._shortest(len(plan.runs))
        self._order = _in_order(self._short)

    def name(self, spec: Spec) -> str:
        """'8 relu #2 gd xor · logistic': what varies, then what it is about."""
        told = self._told(spec)
        if not told:
            return run_label(spec, self._varying)
        subject = [label(spec[axis]) for axis in _SUBJECT if axis in spec and axis not in self._varying]
        return " · ".join([told, *subject])

    def problem(self, spec: Spec) -> str:
        """'8 relu moons': which of several problems a run is of, in few letters; "" where there is one."""
        return " ".join(
            self._word(axis, label(spec[axis])) for axis in self._order if axis in DEFINING and axis in spec
        )

    def problems(self) -> list[str]:
        """What the problems are called that the plan can have, all combinations."""
        words = [list(self._short[axis].values()) for axis in self._order if axis in DEFINING]
        return [" ".join(some) for some in islice(product(*words), _COMPARED)] if words else []

    def telling(self, axis: str, choice: str, parameter: str, value: object) -> bool:
        """Whether a parameter is worth a number: it is not what goes without saying, or it varies here."""
        key = (choice, parameter)
        if key not in self._usual:
            self._usual[key] = usual(*key)
        return value != self._usual[key] or parameter in _differing(_named(self._axes.get(axis, ()), choice))

    def _told(self, spec: Spec) -> str:
        words = [(axis, self._word(axis, label(spec[axis]))) for axis in self._order if axis in spec]
        replicate = spec.get("replicate")
        number = [f"#{replicate}"] if replicate or (words and "replicate" in self._varying) else []
        # after what varies most
        return " ".join([word for _, word in words[:1]] + number + [word for _, word in words[1:]])

    def _word(self, axis: str, said: str) -> str:
        return self._short[axis].get(said) or _SYMBOLS.get(axis, "") + said

    def _shortest(self, runs: int) -> dict[str, dict[str, str]]:
        """Axis → what each choice is labelled → its words: the least shortened that differ where seen."""
        found: dict[str, dict[str, str]] = {}
        for cut in (None, 0, 6, 5, 4, 3, 2):
            found = {axis: _words(axis, choices, cut) for axis, choices in self._axes.items()}
            if _distinct(found, runs):
                return found
        return {axis: _words(axis, choices, 0) for axis, choices in self._axes.items()}


def _in_order(short: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The axis with most values, then the others, the shortest first."""
    lengths = {axis: max(map(len, words.values()), default=0) for axis, words in short.items()}
    first = min(short, key=lambda axis: (-len(short[axis]), lengths[axis]), default=None)
    return sorted(short, key=lambda axis: (axis != first, lengths[axis]))


def _distinct(short: Mapping[str, Mapping[str, str]], runs: int) -> bool:
    """Whether all combinations differ in the letters that are seen, with the repeats that there seem to be."""
    order = _in_order(short)
    values = [list(short[axis].values()) for axis in order]
    repeats = math.ceil(runs / max(1, math.prod(map(len, values))))
    numbers = ["", *(f" #{number}" for number in range(1, repeats))]
    seen: set[str] = set()
    for first, number, *others in islice(
        product(values[0] if values else [""], numbers, *values[1:]), _COMPARED
    ):
        name = " ".join([first + number, *others])[:VISIBLE]
        if name in seen:
            return False
        seen.add(name)
    return True


def _words(axis: str, choices: Sequence[object], cut: int | None) -> dict[str, str]:
    """What each choice of an axis is labelled → its words.

    cut: None names each parameter, 0 gives their values alone, more is the letters of a word.
    """
    said = {label(choice): _told_apart(axis, choice, choices, named=cut is None) for choice in choices}
    if len(set(said.values())) < len(said):
        return {whole: _SYMBOLS.get(axis, "") + whole for whole in said}
    shorter = {whole: _cut(words, cut) for whole, words in said.items()} if cut else said
    return shorter if len(set(shorter.values())) == len(shorter) else said


def _told_apart(axis: str, choice: object, choices: Sequence[object], *, named: bool) -> str:
    """Its name where the names differ, and the parameters in which it differs from those of the same name."""
    whole = label(choice)
    found = _parts(choice)
    if found is None:
        plain = whole.partition("(")[0]
        return plain if sum(label(other).partition("(")[0] == plain for other in choices) == 1 else whole
    name, parameters = found
    if axis in _SYMBOLS and not any(letter.isalpha() for letter in whole.replace("e", "")):
        return f"{_SYMBOLS[axis]}{label(shown(choice))}"
    differing = _differing(_named(choices, name))
    values = [_value(key, parameters[key], named=named) for key in differing if key in parameters]
    others = any(
        _parts(other) is None or next(iter(other)) != name for other in choices if isinstance(other, Mapping)
    )
    return " ".join([name, *values] if others or not values else values)


def _value(key: str, value: object, *, named: bool) -> str:
    text = label(shown(value))
    inner = text[1:-1] if text.startswith("[") and "," not in text else text
    return f"{key}={text}" if named and not text[:1].isalpha() else inner


def _parts(choice: object) -> tuple[str, Mapping[str, object]] | None:
    """(name, parameters) of a choice in config form; None of a tree of rules and of what is no choice."""
    if not isinstance(choice, Mapping) or len(choice) != 1:
        return None
    [(name, parameters)] = choice.items()
    return (str(name), parameters) if isinstance(parameters, Mapping) else None


def _named(choices: Iterable[object], name: str) -> list[Mapping[str, object]]:
    """The parameters of the choices of one name."""
    return [found[1] for found in map(_parts, choices) if found and found[0] == name]


def _differing(given: Sequence[Mapping[str, object]]) -> list[str]:
    """The parameters that do not have one value in all of them."""
    keys = dict.fromkeys(key for parameters in given for key in parameters)
    return [key for key in keys if any(one.get(key) != given[0].get(key) for one in given)]


def _cut(words: str, letters: int) -> str:
    """Long words by so many letters, those of several parts by their initials."""
    return " ".join(_cut_word(word, letters) for word in words.split(" "))


def _cut_word(word: str, letters: int) -> str:
    if len(word) <= letters or not word[0].isalpha() or "=" in word:
        return word
    parts = word.split("_")
    return "".join(part[:1] for part in parts) if len(parts) > 1 else word[:letters]
