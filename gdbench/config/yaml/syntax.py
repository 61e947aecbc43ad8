"""The YAML parser's complaints in a user's words, each with its remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

# (what the parser says, what we say). The first that is found is taken: libyaml and PyYAML's own parser
# word some differently.
_WORDS = [
    (r"tab character|'\\t'", "a tab cannot indent YAML. Use spaces."),
    (r"nesting depth", "this is nested more than 50 levels deep; a config needs about five."),
    (r"mapping values are not allowed",
     "a ':' cannot stand here. Indent the line like its neighbours, or quote text that contains ': '."),
    (r"while scanning a (double-|single-)?quoted scalar.*unexpected end", "this quote is never closed."),
    (r"unknown escape|hexadecimal|escape code",
     "this is no escape sequence that YAML knows. Use single quotes for text with backslashes."),
    (r"could not find expected ':'", "the line before has no ':' after its key, or no '-' before its value."),
    (r"flow sequence.*expected ',' or '\]'", "this list lacks a ',' or its closing ']'."),
    (r"flow mapping.*expected ',' or '\}'", "this mapping lacks a ',' or its closing '}'."),
    (r"<document start>", "nothing may follow here: the document has ended."),
    (r"block (mapping|collection).*(expected key|expected '-'|<block end>)",
     "this does not fit what stands before it. Indent the line like its neighbours; look for a missing quote."),
    (r"node content", "a value is missing here, or a bracket or comma is too many. Add or remove one."),
    (r"scanning an (alias|anchor)",
     "'*' and '&' begin an alias or an anchor. Quote the text if it is meant as such."),
    (r"\btag\b", "'!' begins a tag, and this one is not complete. Quote the text if it is meant as such."),
    (r"incompatible YAML document|directive",
     "this is no directive that YAML knows. Remove the line that begins with '%'."),
    (r"cannot start any token", "text cannot begin with this character. Quote it."),
]  # fmt: skip

#: What was opened is the better place to look at than where its end was missed.
_OPENED = re.compile(r"quoted scalar|flow sequence|flow mapping")


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """(index of the character, sentence) for a text that is not YAML."""
    said = f"{error.context or ''} {error.problem or ''}"
    at = error.problem_mark.index if error.problem_mark else 0
    if _OPENED.search(said) and error.context_mark and not re.search("escape", said):
        return error.context_mark.index, _sentence(said)
    if "cannot start any token" in said and text[at : at + 1] == "\t":
        said = "tab character"
    return at, _sentence(said)


def _sentence(said: str) -> str:
    known = (sentence for pattern, sentence in _WORDS if re.search(pattern, said))
    return f"this is not YAML: {next(known, said.strip() + '.')}"
