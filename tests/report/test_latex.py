"""What is written as LaTeX compiles, whatever somebody has called a choice, and its tables are a paper's."""

import re
import shutil
import subprocess

import pytest

from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.page.latex import PAGE, latex, typeset
from gdbench.report.page.write import write_report
from gdbench.report.tables.efforts_table import efforts_table
from gdbench.report.tables.table import Cell, Column, Row, Table, measured, words
from tests.swept import swept

pdflatex = pytest.mark.skipif(
    not shutil.which("pdflatex"), reason="there is no pdfLaTeX (apt install texlive-latex-recommended)"
)

DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{amssymb,booktabs,graphicx,longtable}
\begin{document}
\listoftables
\input{tables}
\end{document}
"""

SEVERAL = """\
data:
  - {synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}
  - {synthetic: {linear_data: {rows: 12, features: 3, noise: 0.1, seed: 4}}}
grid:
  model: linear
  cost: mse
  optimizer: [gradient_descent, heavy_ball, adam]
  learning_rate: [0.02, 0.2]
  initialization: {normal: {std: 1.0}}
  convergence: {max_iterations: 300}
repeats: 3
targets: [1e-1, 1e-3]
"""

#: Names as somebody may choose them.
NAMES = (
    "a_b%c&$",
    r"\end{document}",
    "100 % #1 {x} ~y^2",
    "η ≤ 2/L, χ² ≥ 10⁻⁶, f₀₁₂, ½‖∇f‖",
    "$η$",
    "Møller–Nesterov “slow” «ж» ñ ç ő ł ß",
    "梯度 🐢",
    "[1e-6] *",
    '`a\' "b" <c> |d|',
    "e1e5 1e5x 3.2e-07",
    "",
)


def compiled(folder, text):
    """The log of pdfLaTeX, which must be content."""
    (folder / "paper.tex").write_text(DOCUMENT, encoding="utf-8")
    (folder / "tables.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-3000:]
    return log


def table(names, rows=1, id_="names"):
    columns = tuple(Column(f"c{n}", "string", name, name or "-") for n, name in enumerate(names))
    cells = tuple(words(name, note=name) for name in names)
    return Table(id_, f"Names: {names[0]}", columns, (Row(cells, best=True),) * rows, note=" ".join(names))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    swept(folder, SEVERAL).close()
    write_report(folder / "swept", ["latex", "svg", "pdf"])
    return folder


@pdflatex
def test_the_tables_of_a_study_compile(folder, tmp_path):
    text = (folder / "swept/report/tables.tex").read_text(encoding="utf-8")
    figure = next((folder / "swept/report").glob("*.pdf"))
    compiled(
        tmp_path, f"{text}\n\\includegraphics[width=\\textwidth]{{{{{figure.parent}/{figure.stem}}}.pdf}}\n"
    )
    assert r"\label{tab:swept-efforts}" in text


@pdflatex
def test_any_name_compiles_in_a_short_and_in_a_long_table(tmp_path):
    half = len(NAMES) // 2
    tables = [table(NAMES), table(NAMES[:half], PAGE + 1, "long"), table([NAMES[7]], 2, "first")]
    log = compiled(tmp_path, latex(tables, "a_b%c&$"))
    assert "Missing character" not in log


def test_every_figure_is_a_picture_and_a_paper(folder):
    pictures = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "swept/report").glob("*.svg")}
    papers = {path.stem: path.read_bytes() for path in (folder / "swept/report").glob("*.pdf")}
    assert pictures.keys() == papers.keys() != set()
    assert all(picture.startswith("<svg") for picture in pictures.values())
    assert all(paper.startswith(b"%PDF") for paper in papers.values())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3.2e-07", r"$3.2 \times 10^{-7}$"),
        ("gap of 1e-06", "gap of $10^{-6}$"),
        ("run_1e5", r"run\_1e5"),
        ("η ≤ 2/L", r"$\eta$ $\leq$ 2/L"),
        ("χ²", r"$\chi$${}^{2}$"),
        ("f₀₁", r"f${}_{01}$"),
        ("$η", r"\$$\eta$"),
        ("α·β", r"$\alpha \cdot \beta$"),
        ("409 ± 12", r"409 $\pm$ 12"),
        ("ő", r"\H{o}"),
        ("ж", "[U+0436]"),
    ],
)
def test_signs_are_written_as_mathematics_or_named(text, written):
    assert typeset(text) == written


def test_methods_stand_against_problems_with_the_best_bold_and_the_spread_over_starts(folder):
    with Store.read(folder / "swept") as store:
        found = efforts_table(study(store))
    assert found.headers[0] == "method"
    assert [len(row.cells) for row in found.rows] == [3, 3, 3]
    for place in (1, 2):
        values = [row.cells[place].value for row in found.rows]
        best = [row.cells[place].best for row in found.rows]
        assert best == [value <= 1.01 * min(values) for value in values]
    text = latex([found], "x")
    assert re.search(r"\{\\bfseries\\boldmath \d+ \$\\pm\$ [\d.]+\}", text)
    assert "starts, seeds or folds" in text


def test_a_spread_takes_the_place_of_the_quartiles():
    cells = (
        words("adam"),
        Cell("40", 40.0, "number", note="30 to 50", spread="10"),
        measured(3.0, note="2 to 4"),
    )
    columns = tuple(Column(name, "string", name) for name in ("method", "one", "two"))
    text = latex([Table("t", "T", columns, (Row(cells),))], "x")
    assert r"adam & 40 $\pm$ 10 & 3 (2 to 4) \\" in text
