"""The report as one HTML file that needs nothing else: no network, no server, no other file.

With its Markdown twin where that is asked for: here is all that needs charts, which load slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from gdbench.config.outside import visible
from gdbench.judgement.answer import Answer, Spoken, answer
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.charts.drawing import Undrawable, pdf, svgs, vega
from gdbench.report.charts.encoding import title
from gdbench.report.charts.figure import Control, Figure
from gdbench.report.charts.palette import theme
from gdbench.report.charts.vega_lite import Piece
from gdbench.report.comparison.against import Against
from gdbench.report.comparison.observation import Comparison
from gdbench.report.kept import Templates
from gdbench.report.page.markdown import markdown, pictures
from gdbench.report.page.provenance import utc
from gdbench.report.page.section import Code, Folded, Gallery, Items, Properties, Prose, kind_of
from gdbench.report.page.sections import Report, report, standing
from gdbench.report.tables.joined import Joined
from gdbench.report.tables.table import Table

#: Cells of a table on a page, and rows of one whose cells are sentences; the files have them all.
CELLS, FEWER = 4000, 60
#: Rows that are there at once; the others when asked for.
AT_ONCE = 20
#: Values of an axis that have a button each; beyond, a list to choose from.
BUTTONS = 12

#: Controls that a page has once; others stand above their chart.
_EVERYWHERE = ("colour",)

_TESTS = {
    "prose": Prose,
    "items": Items,
    "properties": Properties,
    "code": Code,
    "folded": Folded,
    "table": Table,
    "figure": Figure,
    "gallery": Gallery,
    "joined": Joined,
}


def page(
    reports: Sequence[Report],
    comparison: Comparison | None = None,
    missing: Callable[[str], None] = lambda _: None,
    live: int = 0,
) -> str:
    """The whole page; every text that is not ours is escaped. missing: told why it has no charts.

    live: of a page that is shown while the sweep runs, how often it has been made.
    """
    environment = Environment(
        loader=PackageLoader("gdbench.report.page", "."),
        bytecode_cache=Templates(),
        autoescape=True,
        finalize=lambda shown: visible(shown) if type(shown) is str else shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, kind in _TESTS.items():
        environment.tests[name] = lambda part, kind=kind: isinstance(part, kind)
    drawn = any(report.charts.all for report in reports)
    names = comparison.names if comparison else [report.study.plan.experiment for report in reports]
    return environment.get_template("page.html.jinja").render(
        studies=[_experiment(report, name, number) for number, (name, report) in _numbered(names, reports)],
        comparison=comparison,
        heading=" · ".join(names),
        themes={"light": theme(dark=False), "dark": theme(dark=True)},
        shown=_shown,
        at_once=AT_ONCE,
        fewer=FEWER,
        kind_of=kind_of,
        css=_asset("page.css") + _asset("player.css"),
        js=_asset("page.js") + _asset("player.js") + (_asset("live.js") if live else ""),
        live=live,
        vega=_library(missing) if drawn else "",
    )


def _numbered(names: Sequence[str], reports: Sequence[Report]) -> list[tuple[int, tuple[str, Report]]]:
    """From 1 where there are several, else 0."""
    return list(enumerate(zip(names, reports, strict=True), start=min(1, len(reports) - 1)))


def _experiment(report: Report, name: str, number: int) -> dict[str, object]:
    """What the template asks of one experiment. prefix: of its ids, where a page has several experiments."""
    plan, given = report.study.plan, answer(report.study)
    told = report.study.problems
    firsts = [figure for figure in report.charts.all if kind_of(figure) == "first"]
    return {
        "name": name,
        "prefix": f"e{number}-" if number else "",
        "plan": plan,
        "lines": [line.where + line.text for line in given.spoken if not line.problem or len(told) == 1],
        "cards": _cards(report, given) if len(told) != 1 else [],
        "first": firsts[0] if len(told) == 1 and firsts else None,
        "running": report.running,
        "facts": " · ".join(filter(None, [given.progress, given.tally, f"planned {utc(plan.created)}"])),
        "sections": report.sections,
        "controls": _controls(report),
        "selectors": _selectors(report),
        "homes": _homes(report),
        "charts": _charts(report),
    }


class Card(NamedTuple):
    """One of several problems on the first screen: a picture, or what is said of it, or both."""

    title: str
    where: str
    text: str
    figure: Figure | None


def _cards(report: Report, given: Answer) -> list[Card]:
    """Of each problem that the answer speaks of one by one; else of the first that have a picture."""
    study = report.study
    drawn = {figure.problem: figure for figure in report.charts.all if kind_of(figure) == "first"}
    said = [(study.problems[line.problem], line) for line in given.spoken if line.problem]
    if not said:
        said = [(one, Spoken("", one.id)) for one in study.problems.values() if one.label in drawn]
    return [Card(_short(study, one), line.where, line.text, drawn.get(one.label)) for one, line in said]


def _short(study: Study, problem: ProblemRecord) -> str:
    """What tells a problem from the others."""
    [axes, *_] = [setting.axes for setting in study.of_problem(problem)] or [{}]
    return " · ".join(axes[axis] for axis in study.problem_axes if axis in axes) or problem.label


def _controls(report: Report) -> list[Control]:
    """What the reader can choose for all charts of an experiment."""
    found: dict[str, Control] = {}
    for figure in report.charts.all:
        for control in figure.controls:
            if control.name in _EVERYWHERE and len(control.choices) > 1:
                found.setdefault(control.name, control)
    problems = {one.label: _short(report.study, one) for one in report.study.problems.values()}
    if len(problems) > 1:
        found["problem"] = Control("problem", "Pictures of", {**problems, "": "all"})
    return list(found.values())


def _selectors(report: Report) -> list[dict[str, object]]:
    """The values by which settings can be selected, axis by axis."""
    looks = report.charts.looks
    shown = [axis for axis in looks.axes if any(axis in setting for setting in report.charts.settings)]
    return [
        {
            "axis": axis,
            "title": title(axis),
            "values": looks.order[axis],
            "buttons": len(looks.order[axis]) <= BUTTONS,
        }
        for axis in shown
    ]


def _homes(report: Report) -> Mapping[int, int]:
    """Number of a setting in tables → in charts, which may have merged it with others."""
    homes = report.charts.homes
    firsts = ((number, setting.runs[0].key) for setting, number in report.study.numbers.items())
    return {number: homes[key] for number, key in firsts if key in homes}


def _charts(report: Report) -> dict[str, object]:
    """All charts with their data, each data set once."""
    data: dict[str, object] = {}
    figures = []
    for figure in report.charts.all:
        data |= {name: _columns(held) for name, held in figure.data.items() if name not in data}
        figures.append(
            {
                "id": figure.id,
                "spec": figure.drawable,
                "data": list(figure.data),
                "controls": {control.name: list(control.choices) for control in figure.controls},
                "problem": "" if kind_of(figure) == "first" else figure.problem,
                **({"played": figure.played.to_plain()} if figure.played else {}),
            }
        )
    titles = {axis: title(axis) for axis in report.charts.looks.axes}
    return {"figures": figures, "data": data, "titles": titles}


def _columns(rows: Sequence[Piece] | str) -> object:
    """Rows with the names of their columns once: a third of the size. CSV is short as it is."""
    if isinstance(rows, str) or not rows:
        return rows
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {"columns": names, "rows": [[row.get(name) for name in names] for row in rows]}


def _shown(table: Table) -> int:
    """How many rows of a table a page has."""
    sentences = any(cell.kind == "sentence" for row in table.rows[:1] for cell in row.cells)
    return FEWER if sentences else max(AT_ONCE, CELLS // max(1, len(table.columns)))


def _asset(name: str) -> str:
    return resources.files("gdbench.report.page").joinpath(name).read_text(encoding="utf-8")


def _library(missing: Callable[[str], None]) -> str:
    """Vega for a page; nothing in it may end the script element early. Without it each chart says so itself."""
    try:
        return vega().replace("</script", "<\\/script")
    except Undrawable as reason:
        missing(str(reason))
        return ""


def _pictures(of: Report, missing: Callable[[str], None]) -> dict[str, str]:
    """File name → SVG."""
    figures = pictures(of)
    try:
        drawn = svgs([figure.static() for figure in figures])
    except Undrawable as reason:
        missing(str(reason))
        return {}
    return {f"{figure.id}.svg": picture for figure, picture in zip(figures, drawn, strict=True)}


def _papers(of: Report, missing: Callable[[str], None]) -> dict[str, bytes]:
    """File name → PDF."""
    try:
        return {f"{figure.id}.pdf": pdf(figure.static()) for figure in pictures(of)}
    except Undrawable as reason:
        missing(str(reason))
        return {}


def documents(
    studies: Sequence[Study],
    stores: Sequence[Store],
    compared: Comparison | None,
    formats: Sequence[str],
    missing: Callable[[str], None],
    stands: Against | None = None,
    live: int = 0,
) -> Mapping[str, str | bytes]:
    """File name → content, of "html", "md", "svg" and "pdf"; Markdown shows the pictures that "svg" makes.

    missing: told why there are no charts, where there are none.  stands: where the first stands in an archive.
    live: see `page`.
    """
    reports = [report(about, store) for about, store in zip(studies, stores, strict=True)]
    if stands:
        reports[0] = standing(reports[0], stands)
    files: dict[str, str | bytes] = {}
    if "html" in formats:
        files["index.html"] = page(reports, compared, missing, live)
    drawn = _pictures(reports[0], missing) if compared is None and "svg" in formats else {}
    if "md" in formats:
        files["report.md"] = markdown(reports, compared, drawn)
    files |= drawn
    if "pdf" in formats and compared is None:
        files |= _papers(reports[0], missing)
    return files
