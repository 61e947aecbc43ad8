"""What a user can mend: one family of exceptions, printed as a sentence, without a traceback."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Iterable, List, Mapping, Sequence

_NONE: Mapping[str, Iterable[str]] = {}


class GdbenchError(Exception):
    """A mistake that the user can mend; its text says what, where, what was expected, what to try."""


class UnknownName(GdbenchError):
    """A name that no registry, set or schema knows, answered with the nearest that exist."""

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        hint: str = "",
        also: Mapping[str, Iterable[str]] = _NONE,
    ) -> None:
        self.kind, self.name, self.known, self.hint = kind, name, sorted(known), hint
        self.near = meant_by(name, also) or near_names(name, self.known)
        said = did_you_mean(self.near) if self.near else nearest(name, self.known)
        super().__init__(f"no {kind} is called '{name}'. {said}{hint}")

    def meaning(self, elsewhere: Sequence[str]) -> str:
        """The sentence, where nothing here is near, but the name means something elsewhere in a config."""
        if self.near or not elsewhere:
            return str(self)
        return f"no {self.kind} is called '{self.name}'. {did_you_mean(elsewhere)}{self.hint}"


class BadParameter(GdbenchError):
    """A component was given a parameter that it does not have, or a value outside its domain.

    `parameter` names the culprit, so that a config's reader can point at its line.
    """

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)


class BadPairing(GdbenchError):
    """Two choices, each right by itself, that make no sense together; the text gives the reason."""


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """At most three of the known names, the nearest first; none where none is near."""
    written = {other.casefold(): other for other in sorted(known, reverse=True)}
    return [written[match] for match in get_close_matches(name.casefold(), written, n=3, cutoff=0.6)]


def meant_by(name: str, also: Mapping[str, Iterable[str]]) -> List[str]:
    """At most three of our names that others call so. also: our name → theirs."""
    bare = _bare(name)
    return [ours for ours, theirs in also.items() if bare in map(_bare, theirs)][:3]


def _bare(name: str) -> str:
    """However it is written: L2, cross-entropy, crossEntropy, cross_entropy."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def did_you_mean(names: Sequence[str]) -> str:
    either = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"Did you mean {either}?"


def nearest(name: str, known: Iterable[str]) -> str:
    """'Did you mean …?' with at most three names, or the list of all when none is near."""
    names = sorted(known)
    near = near_names(name, names)
    if near:
        return did_you_mean(near)
    return f"Known: {', '.join(names)}." if names else "None is known."


def one_line(error: BaseException) -> str:
    """'ValueError: what it says', whatever lines it says it in."""
    return " ".join(f"{type(error).__name__}: {error}".split())
