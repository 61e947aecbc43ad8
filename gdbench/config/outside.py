"""Words from outside, made harmless for where they go: one function for each destination.

Names of files, columns and classes, descriptions, docstrings, exceptions, texts of a store that somebody
tampered with: none of them is ours, and each place that shows them has signs of its own. HTML has `html.escape`
and the page's templates escape by themselves; what they lack is `visible`, for signs that nobody sees.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from html import escape
from subprocess import list2cmdline

#: What moves a cursor, colours a terminal, turns the direction of writing or is no sign at all: C0, DEL and C1
#: but for tab and line end, direction marks, line separators, surrogates (bytes of a path), tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LOST = "\ufffd"


def visible(text: str) -> str:
    """For a terminal: tabs and line ends stay, other signs that act instead of being seen are shown.

    Escape is shown as '␛', and what has no picture of its own as '�'.
    """
    return text if text.isprintable() else _UNSEEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else _LOST


def visible_line(text: str) -> str:
    """The same on one line: line ends and tabs are spaces."""
    return visible(" ".join(text.split()) if not text.isprintable() else text)


def visible_tree(plain: object) -> object:
    """JSON-plain values whose texts, keys as well, are visible: for readers that other signs end."""
    match plain:
        case str():
            return visible(plain)
        case Mapping():
            return {visible_tree(key): visible_tree(value) for key, value in plain.items()}
        case list() | tuple():
            return [visible_tree(one) for one in plain]
    return plain


def as_json(plain: object, *, ascii_only: bool = False) -> str:
    """JSON that a terminal can show: what acts there is escaped, and reads as the same text."""
    written = json.dumps(plain, indent=2, ensure_ascii=ascii_only)
    return _UNSEEN.sub(_escape, written)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def html(text: str) -> str:
    """For HTML that no template escapes, in text and in attributes."""
    return escape(visible(text))


# --- spreadsheets

#: What makes a spreadsheet read a cell as a formula, unless the cell is a number: -1, +2.5e-3, -inf.
FORMULA = r"(?s)^(?:[=+\-@\t\n]|.*\r)"
_BEGINS_FORMULA = frozenset("=+-@\t\n")
NUMBER = r"(?i)^[-+]?(\d+\.?\d*(e[-+]?\d+)?|\.\d+(e[-+]?\d+)?|inf|infinity|nan)$"


def sheet(text: str) -> str:
    """For a cell of a CSV: what a spreadsheet would work out is marked as text, by an apostrophe before it.

    A carriage return ends a line for spreadsheets, and for Python's writer it does not: it becomes a line end.
    """
    if text[:1] not in _BEGINS_FORMULA and "\r" not in text:
        return text  # as most are: a report writes a million cells
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if re.match(FORMULA, text) and not re.match(NUMBER, text) else text


# --- Markdown

_MARKS = re.compile(r"[\\`*\[\]>|#~]|(?<!\w)_|_(?!\w)")
_FIRST = re.compile(r"^([-+](?=\s|$|[-+])|=(?==*$)|\d{1,9}(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    """For a line of Markdown: plain words, none of which begins a list, a heading, a table, a link or HTML.

    Tags and entities are written as entities: not every reader of Markdown knows a backslash before them.
    """
    line = _MARKS.sub(lambda found: f"\\{found[0]}", visible_line(text)).strip()
    line = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", re.sub(r"&(?=#?\w+;)", "&amp;", line))
    return _FIRST.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", line)


# --- LaTeX

_LATEX = {"\\": r"\textbackslash ", "~": r"\textasciitilde ", "^": r"\textasciicircum "}


def latex(text: str) -> str:
    """For a line of LaTeX, in text and in tables: LaTeX's own signs made harmless."""
    return re.sub(r"[&%$#_{}~^\\]", lambda found: _LATEX.get(found[0], f"\\{found[0]}"), visible_line(text))


# --- shells


def command(words: Sequence[str]) -> str:
    """A command line that a reader may copy: quoted for the shell of this system."""
    return list2cmdline(words) if os.name == "nt" else " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """In quotes where needed; signs that a terminal would not show stand in $'…', which bash and zsh read."""
    if not _UNSEEN.search(word) and not set("\t\n") & set(word):
        return shlex.quote(word)
    raw = "".join(chr(byte) for byte in os.fsencode(word)) if _fits(word) else word
    return "$'" + re.sub(r"[\x00-\x1f'\\\x7f-\xff]", lambda found: f"\\x{ord(found[0]):02x}", raw) + "'"


def _fits(word: str) -> bool:
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        return False
    return True


def argument(path: object) -> str:
    """A path or a name as a word of a command line, where one that begins with a dash would be an option."""
    text = str(path)
    return f"./{text}" if text.startswith("-") else text
