"""The report as one HTML file that needs nothing else: no network, no server, no other file."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from importlib import resources

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined

from gdbench.execution.records import ProblemRecord, RunRecord
from gdbench.report.columns import CURVES, runs_columns, settings_columns
from gdbench.report.figure import Figure
from gdbench.report.numerals import count, exact, figure
from gdbench.report.palette import theme
from gdbench.report.sheet import sheet
from gdbench.report.study import Study
from gdbench.report.verdict import progress, tally, verdict

#: Tracebacks shown in full; more of the same would bury the page.
FAILURES = 20


def page(about: Study, figures: list[Figure]) -> str:
    """The whole page; every text that is not ours is escaped."""
    environment = Environment(
        loader=PackageLoader("gdbench.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    failures = [run for run in about.runs if run.result.outcome in {"failed", "crashed"}]
    return environment.get_template("page.html.jinja").render(
        plan=about.plan,
        verdict=verdict(about),
        progress=progress(about),
        tally=tally(about),
        sheet=sheet(about),
        settings=count(len(about.settings)),
        figures=figures,
        charts=[{"id": chart.id, "spec": chart.plain} for chart in figures],
        themes={"light": theme(dark=False), "dark": theme(dark=True)},
        problems=[(problem, problem_facts(problem)) for problem in about.problems.values()],
        constant=_constant(about),
        failures=[(_label(about, run), run.result) for run in failures[:FAILURES]],
        more_failures=max(0, len(failures) - FAILURES),
        definitions=definitions(about),
        command=command(about),
        created=datetime.fromtimestamp(about.plan.created, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        css=_asset("page.css"),
        js=_asset("page.js"),
        vega=_vega() if figures else "",
    )


def problem_facts(problem: ProblemRecord) -> list[tuple[str, str, str]]:
    """What was minimised and how well its optimum is known: name, text, full precision."""
    optimum = problem.optimum
    facts = [
        ("Rows × features", f"{count(problem.rows)} × {count(problem.features)}", ""),
        ("Parameters", count(problem.parameters), ""),
        ("Cost at all-zero parameters", figure(problem.baseline, 10), exact(problem.baseline)),
        ("Optimum", optimum.kind, ""),
        ("Lowest cost f*", figure(optimum.cost, 10), exact(optimum.cost)),
        ("Gradient norm there", figure(optimum.gradient_norm), exact(optimum.gradient_norm)),
        ("Evidence", optimum.explanation, ""),
    ]
    digest = problem.data.get("digest")
    return [*facts, ("Data digest", str(digest), "")] if digest else facts


def definitions(about: Study) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Each table's name with its columns: name, type, meaning."""
    axes, targets = list(about.plan.axes), about.plan.targets
    numeric = {axis: axis == "learning_rate" for axis in axes}
    tables = {
        "settings.csv": settings_columns(axes, targets),
        "runs.csv": runs_columns(numeric, targets, about.watched, audited=about.audited),
        "curves.csv": CURVES,
    }
    return [
        (name, [(column.name, column.dtype, column.meaning) for column in columns])
        for name, columns in tables.items()
    ]


def command(about: Study) -> str:
    """What to type to get the same results again."""
    return f"gdbench run {shlex.quote(about.plan.config_path)}"


def _constant(about: Study) -> list[tuple[str, str]]:
    """The axes that all settings share."""
    shared = [axis for axis in about.plan.axes if axis not in about.plan.varying]
    first = about.settings[0].axes if about.settings else {}
    return [(axis.replace("_", " "), first[axis]) for axis in shared if axis in first]


def _label(about: Study, run: RunRecord) -> str:
    return next((planned.label for planned in about.plan.runs if planned.key == run.key), run.key)


def _asset(name: str) -> str:
    return resources.files("gdbench.report").joinpath(name).read_text(encoding="utf-8")


def _vega() -> str:
    """Vega, Vega-Lite and their embedder; nothing in them may end the script element early."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).replace("</script", "<\\/script")
