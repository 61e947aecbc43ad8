"""Tables in LaTeX, ready to paste: booktabs, captions and labels, by pandas' writer."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from gdbench.config.outside import latex as escaped
from gdbench.report.tables.table import Table

#: Longer tables than this break over pages (longtable).
PAGE = 45

_HEAD = """\
% \\usepackage{booktabs} and, for long tables, \\usepackage{longtable}
"""

#: What pdfLaTeX has no glyph for, as mathematics or ASCII.
_SIGNS = {
    "η": r"$\eta$",
    "∞": r"$\infty$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "·": r"$\cdot$",
    "−": r"$-$",
    "χ²": r"$\chi^2$",
    "α": r"$\alpha$",
    "µ": r"$\mu$",
    "f₀": r"$f_0$",
    "‖": r"$\|$",
    "∇": r"$\nabla$",
    "₂": r"$_2$",
    "–": "--",
    "…": r"\ldots{}",
    "“": "``",
    "”": "''",
    "★": r"$\star$",
    ">": r"$>$",
    "<": r"$<$",
}


def latex(tables: Iterable[Table], name: str) -> str:
    """All tables that apply, one after the other; the others as comments that say why not."""
    return "\n".join([_HEAD, *(_one(table, name) for table in tables)])


def _one(table: Table, name: str) -> str:
    if table.absent:
        return f"% {escaped(table.title)}: {escaped(table.absent)}\n"
    written = pd.DataFrame(
        [[escaped(_shown(cell.text, cell.note)) for cell in row.cells] for row in table.rows]
    )
    text: str = written.to_latex(
        header=[escaped(header) for header in table.headers],
        index=False,
        escape=False,
        column_format="".join("r" if cell.numeric else "l" for cell in table.rows[0].cells),
        caption=(escaped(f"{table.title}. {table.note}"), escaped(table.title)),
        label=f"tab:{re.sub(r'[^a-z0-9]+', '-', f'{name}-{table.id}'.lower())}",
        longtable=len(table.rows) > PAGE,
        position=None if len(table.rows) > PAGE else "htbp",
    )
    return _typeset(text)


def _shown(text: str, note: str) -> str:
    return f"{text} ({note})" if note else text


def _typeset(text: str) -> str:
    r"""Signs and powers of ten as mathematics: 3.2e-7 → $3.2 \times 10^{-7}$."""
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([-+]?\d+)\b", _power, text)
    return re.sub("|".join(map(re.escape, _SIGNS)), lambda found: _SIGNS[found[0]], text)


def _power(found: re.Match[str]) -> str:
    mantissa, exponent = found[1], int(found[2])
    return f"$10^{{{exponent}}}$" if mantissa == "1" else f"${mantissa} \\times 10^{{{exponent}}}$"
