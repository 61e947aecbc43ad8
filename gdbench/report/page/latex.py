"""Tables in LaTeX, ready to paste: booktabs, captions and labels.

What is written compiles with pdfLaTeX as it is, whatever somebody has called a choice or a column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from gdbench.config.outside import latex as escaped
from gdbench.config.outside import visible_line
from gdbench.report.tables.table import Cell, Row, Table

#: Longer tables than this break over pages (longtable).
PAGE = 45
#: Signs of a row up to which a table is as wide as a page; wider ones are made smaller.
WIDE = 96

_HEAD = """\
% In the preamble: \\usepackage[T1]{fontenc} \\usepackage{amssymb,booktabs,graphicx,longtable}
"""

_GREEK = (
    "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu µ mu ν nu "
    "ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi "
    "Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega"
)
_SIGNS = (
    "∞ infty × times ≤ leq ≥ geq · cdot ± pm ∇ nabla ★ star → to ← leftarrow ↔ leftrightarrow ≈ approx ≠ neq "
    "∈ in √ surd ∑ sum ∏ prod ∂ partial ✓ checkmark ✗ times ◷ circ ■ blacksquare ⏸ parallel ≪ ll ≫ gg ∝ propto "
    "ℓ ell ⟨ langle ⟩ rangle ⌈ lceil ⌉ rceil ⌊ lfloor ⌋ rfloor ∩ cap ∪ cup ‖ Vert ∥ parallel ∘ circ"
)
_PAIRS = f"{_GREEK} {_SIGNS}".split()
#: What pdfLaTeX has no glyph for in text, as mathematics.
_MATHS = {sign: f"\\{name} " for sign, name in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}
_MATHS |= {"−": "-", "½": "\\frac12 ", "°": "{}^{\\circ}", "<": "<", ">": ">", "|": "|"}
_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙ", "0123456789+-ijkn", strict=True))
_ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀⁿ", "0123456789+-Tn", strict=True))
_TEXT = {
    "–": "--",
    "—": "---",
    "…": "\\ldots{}",
    "“": "``",
    "”": "''",
    "’": "'",
    "‘": "`",
    "\u00a0": "~",
    "\u202f": "\\,",
}
#: Accents that LaTeX sets over or under any letter, by the sign that Unicode puts after it.
_ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c", "`'^~=u.\"rHv", strict=True)
)
_ACCENTS |= {"\u0327": "c", "\u0323": "d", "\u0331": "b"}
#: Letters that are no letter with an accent.
_LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "ø": "o",
    "Ø": "O",
    "œ": "oe",
    "Œ": "OE",
    "ł": "l",
    "Ł": "L",
    "ı": "i",
}

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([-+]?\d+)(?![\w.])")


def latex(tables: Iterable[Table], name: str) -> str:
    """All tables that apply, one after the other; the others as comments that say why not."""
    return "\n".join([_HEAD, *(_one(table, name) for table in tables)])


def typeset(text: str) -> str:
    r"""Words and numbers for a line of text, signs and powers as mathematics: 3.2e-7 → $3.2 \times 10^{-7}$."""
    parts = _NUMBER.split(visible_line(text))
    shown = [_words(parts[0])]
    for mantissa, exponent, words in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        times = "" if mantissa == "1" else f"{mantissa} \\times "
        shown += [f"${times}10^{{{int(exponent)}}}$", _words(words)]
    return "".join(shown)


def _words(text: str) -> str:
    """Neighbouring signs of mathematics share one pair of dollars, neighbouring indices one index."""
    shown = []
    for kind, signs in groupby(map(_sign, text), key=itemgetter(0)):
        inner = "".join(sign for _, sign in signs)
        shown.append(
            f"${inner.rstrip()}$" if kind == "maths" else _index(kind, inner) if kind in "_^" else inner
        )
    return "".join(shown)


def _index(kind: str, inner: str) -> str:
    return f"${{}}{kind}{{{inner}}}$"


def _sign(sign: str) -> tuple[str, str]:
    """(maths, _, ^ or text, how it is written). What no font of LaTeX's own has is named by its number."""
    if sign in _MATHS:
        return "maths", _MATHS[sign]
    if sign in _BELOW or sign in _ABOVE:
        return ("_", _BELOW[sign]) if sign in _BELOW else ("^", _ABOVE[sign])
    if sign.isascii():
        return "text", escaped(sign)
    return "text", _TEXT.get(sign) or (f"\\{_LETTERS[sign]}{{}}" if sign in _LETTERS else _accented(sign))


def _accented(sign: str) -> str:
    letter, *accents = list(unicodedata.normalize("NFD", sign))
    if letter.isascii() and letter.isalpha() and len(accents) == 1 and accents[0] in _ACCENTS:
        base = f"\\{letter}" if letter in "ij" else letter
        return f"\\{_ACCENTS[accents[0]]}{{{base}}}"
    plain = unicodedata.normalize("NFKD", sign)
    return escaped(plain) if plain.isascii() and plain.isprintable() else f"[U+{ord(sign):04X}]"


def _one(table: Table, name: str) -> str:
    if table.absent:
        return f"% {typeset(table.title)}: {typeset(table.absent)}\n"
    columns = "".join("r" if cell.numeric else "l" for cell in table.rows[0].cells)
    head = _line([typeset(header) for header in table.headers])
    rows = [_row(row) for row in table.rows]
    caption = f"\\caption[{{{typeset(table.title)}}}]{{{typeset(f'{table.title}. {table.note}')}}}"
    label = f"\\label{{tab:{re.sub(r'[^a-z0-9]+', '-', f'{name}-{table.id}'.lower())}}}"
    body = [r"\toprule", head, r"\midrule", *rows, r"\bottomrule"]
    if len(rows) > PAGE:
        lines = _long(columns, head, rows, f"{caption}{label}")
    else:
        lines = [
            r"\begin{table}[htbp]",
            r"\centering",
            caption,
            label,
            *_short(columns, body, _width(table)),
            r"\end{table}",
        ]
    return "\n".join(lines) + "\n"


def _short(columns: str, body: Sequence[str], width: int) -> Iterator[str]:
    """Made as narrow as the page where it would be wider."""
    yield from [r"\resizebox{\textwidth}{!}{%"] if width > WIDE else []
    yield from (f"\\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}")
    yield from ["}"] if width > WIDE else []


def _width(table: Table) -> int:
    """Signs of its widest row, about."""
    texts = [
        table.headers,
        *([f"{cell.text} {cell.spread or cell.note}" for cell in row.cells] for row in table.rows),
    ]
    return sum(max(map(len, column)) + 2 for column in zip(*texts, strict=True))


def _long(columns: str, head: str, rows: Sequence[str], above: str) -> list[str]:
    """Its head on every page."""
    first = [rf"{above} \\", r"\toprule", head, r"\midrule", r"\endfirsthead"]
    others = [r"\toprule", head, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    return [f"\\begin{{longtable}}{{{columns}}}", *first, *others, *rows, r"\end{longtable}"]


def _row(row: Row) -> str:
    name = next((place for place, cell in enumerate(row.cells) if not cell.numeric), 0)
    return _line([_cell(cell, bold=row.best and place == name) for place, cell in enumerate(row.cells)])


def _line(cells: Sequence[str]) -> str:
    """One that begins with [ or * would be taken for an argument of the line end before it."""
    return "{}" * cells[0].startswith(("[", "*")) + " & ".join(cells) + r" \\"


def _cell(cell: Cell, *, bold: bool) -> str:
    """What is best is bold. ± is the spread over starts and seeds."""
    text = typeset(f"{cell.text} ± {cell.spread}" if cell.spread else cell.text)
    if bold or cell.best:
        text = f"{{\\bfseries\\boldmath {text}}}"
    return f"{text} ({typeset(cell.note)})" if cell.note and not cell.spread else text
