"""The short report: what a sweep's end prints, one row per combination of what varies.

Plain Python on records: neither pandas nor what draws charts is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from gdbench.config.outside import command
from gdbench.judgement.answer import answer
from gdbench.judgement.expectations import Check, checks, tally
from gdbench.judgement.methods.summary import MethodsSummary
from gdbench.judgement.model import best_models
from gdbench.judgement.numerals import count, figure, span
from gdbench.judgement.sentences.learned import MOST, equations
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study, study
from gdbench.record.locate import words_for
from gdbench.record.store import Store
from gdbench.report.comparison.against import Against
from gdbench.report.comparison.observation import Comparison, Observation
from gdbench.report.page.fitted import Fitted, FittedColumn
from gdbench.report.tables.expectations_table import AGREE, measured_text, quantity

#: Settings printed at most; beyond, the best of each problem. The page has them all.
ROWS = 40

#: Problems of which the equations are printed.
MODELS = 3

_COST = "final cost"

#: Outcome → symbol and style, so that colour is never the only sign.
SIGNS = {
    "converged": ("✓", "green"),
    "stopped": ("■", "yellow"),
    "stalled": ("≈", "yellow"),
    "outpaced": ("⏸", "yellow"),
    "timed_out": ("◷", "yellow"),
    "diverged": ("✗", "red"),
    "failed": ("!", "bold red"),
    "crashed": ("!", "bold red"),
}


def summary(store: Store, about: Study | None = None) -> RenderableType:
    """A table of the settings in the plan's order, and the answer, a line a problem, at any width.

    about: by default of the latest plan.
    """
    about = about or study(store)
    given = answer(about)
    tally = f" ({given.tally})" if given.done else ""
    head = Text(f"{given.experiment}: {given.progress}{tally}", "bold")
    parts: list[RenderableType] = [head]
    methods = given.methods if len(about.settings) > ROWS else None
    shown = [] if methods else _shown(about)
    if methods:
        parts.append(_methods(methods, about))
    if shown:
        parts.append(_Settings(about, shown))
    hidden = len(about.settings) - len(shown)
    if methods:
        where = command(["gdbench", "report", about.plan.experiment, *words_for(store.path.parent.parent)])
        parts.append(Text(f"… each of {count(hidden)} settings: {where}", "dim"))
    elif hidden > 0:
        where = command(["gdbench", "report", about.plan.experiment, *words_for(store.path.parent.parent)])
        parts.append(
            Text(f"… and {count(hidden)} more settings; these are the best of each problem: {where}", "dim")
        )
    mark = "· " if len(given.lines) > 1 else ""
    said = [*(f"{mark}{line}" for line in given.lines), *_learned(about, store)]
    return Group(*parts, *map(Text, said), *_published(checks(about, store), about))


def _methods(of: MethodsSummary, about: Study) -> Fitted:
    """A row for each method, however many settings it has: how it stands, tuned, and what tuning takes."""
    several = len(of.views) > 1
    one, tries = (of.views[1] if several else None), {name: f"{k} of {n}" for name, k, n in of.tries}
    columns = [FittedColumn(), FittedColumn("method"), FittedColumn("solved", number=True)]
    columns += [FittedColumn("best on", number=True), FittedColumn("× fastest", number=True)]
    if one:
        columns.append(FittedColumn("tries", number=True, spare=1))
        columns += [FittedColumn("one for all", spare=2), FittedColumn("solved", number=True, spare=3)]
    rows = []
    for place, standing in enumerate(of.tuned.methods[:ROWS]):
        multiple = figure(standing.multiple, 3) if math.isfinite(standing.multiple) else "–"
        row: list[str | Text] = [Text("" if place else "★", "yellow"), standing.method, count(standing.solved)]
        row += [count(standing.best), multiple]
        fixed = one.of(standing.method) if one else None
        if one:
            row += [tries.get(standing.method, "–"), fixed.setting if fixed else "–"]
            row.append(count(fixed.solved) if fixed else "–")
        rows.append(row)
    where = f"methods.csv of {command(['gdbench', 'report', about.plan.experiment])}"
    return Fitted(columns, rows, where, styles=["bold" if not place else "" for place in range(len(rows))])


def _learned(about: Study, store: Store) -> list[str]:
    """The equation of the best run of each problem, where there are few problems and people can read it."""
    if len(about.problems) > MODELS:
        return []
    lines = []
    for model in best_models(about, store, MOST):
        written = equations(model)
        where = f" on {model.problem.label}" if len(about.problems) > 1 else ""
        lines += [f"Learned{where}: {'; '.join(written)}"] if written else []
    return lines


def _published(found: list[Check], about: Study) -> list[RenderableType]:
    """Published numbers beside the measured ones, and each that disagrees with its place."""
    if not found:
        return []
    columns = [FittedColumn("agree", least=len(AGREE["disagrees"])), FittedColumn("what")]
    columns += [FittedColumn("published", number=True), FittedColumn("measured")]
    columns += [FittedColumn("setting", spare=1), FittedColumn("source", number=True, spare=2)]
    sources = list(dict.fromkeys(check.source for check in found if check.source))
    numbers = {source: f"[{number}]" for number, source in enumerate(sources, 1)}
    shown = sorted(found, key=lambda check: not check.wrong)[:ROWS] if len(found) > ROWS else found
    rows: list[list[str | Text]] = [
        [
            Text(AGREE[check.verdict], _STYLES.get(check.verdict, "")),
            quantity(check),
            check.published,
            measured_text(check),
            check.setting,
            numbers.get(check.source, ""),
        ]
        for check in shown
    ]
    where = f"expectations.csv of {command(['gdbench', 'report', about.plan.experiment])}"
    said = [
        f"{check.place}: {quantity(check)} of {check.setting}"
        f"{':' if check.measured is None else ' is'} {measured_text(check)}, and {check.published} is expected"
        for check in found
        if check.wrong
    ]
    named = [Text(f"{number} {source}", "dim") for source, number in numbers.items()]
    return [Fitted(columns, rows, where), *named, Text(f"{tally(found)}.", "bold"), *map(Text, said[:ROWS])]


_STYLES = {"agrees": "green", "disagrees": "bold red", "unknown": "yellow", "not run": "dim"}


def _shown(about: Study) -> list[Setting]:
    """All settings where there is room; else the best of each problem, still in the plan's order."""
    if len(about.settings) <= ROWS:
        return list(about.settings)
    share = max(1, ROWS // len(about.problems))
    chosen: set[int] = set()
    for problem in list(about.problems.values())[:ROWS]:
        ranked = sorted(about.of_problem(problem), key=about.places.__getitem__)
        chosen.update(about.numbers[setting] for setting in ranked[:share])
    return [about.settings[number] for number in sorted(chosen)]


def observations(compared: Comparison) -> RenderableType:
    """What comparing experiments came to, a line each; ≠ marks what cannot be compared."""
    return _listed(" · ".join(compared.names), compared.observations)


def standing(against: Against, name: str) -> RenderableType:
    """Where an experiment stands in an archive, in lines."""
    return _listed(f"{name} against {against.archive}", against.observations)


def _listed(head: str, lines: Sequence[Observation]) -> RenderableType:
    return Group(Text(head, "bold"), *(Text(f"{_MARKS.get(one.kind, '·')} {one.text}") for one in lines))


#: A sign for each kind of observation, so that a list can be read down its edge.
_MARKS = {"faster": "▼", "slower": "▲", "same": "=", "same bits": "=", "not comparable": "≠", "differs": "!"}


class _Settings:
    """The table of settings: an axis a column where there is room, else all of them as one name."""

    def __init__(self, about: Study, shown: list[Setting]) -> None:
        self._about, self._shown = about, shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        apart = _table(self._about, self._shown, apart=True)
        fits = apart.natural <= options.max_width
        yield apart if fits else _table(self._about, self._shown, apart=False)


def _table(about: Study, shown: list[Setting], *, apart: bool) -> Fitted:
    """apart: with a column for each axis. Otherwise the cost is left out where gaps say more."""
    costs = apart or any(setting.relative_gap is None for setting in shown)
    named = [*map(_heading, about.shown_axes)] if apart else ["setting"]
    columns = [FittedColumn(), *map(FittedColumn, named), FittedColumn("outcome", least=len("✓ converged"))]
    columns.append(FittedColumn("iterations", number=True, spare=2))
    columns += [FittedColumn(_COST, number=True, spare=3)] if costs else []
    columns.append(FittedColumn("rel. gap", number=True, spare=1 if about.tightest else 0))
    columns += [FittedColumn(f"kept {about.tightest}", number=True)] if about.tightest else []
    return Fitted(
        columns,
        [_row(setting, about, apart=apart, costs=costs) for setting in shown],
        f"settings.csv of {command(['gdbench', 'report', about.plan.experiment])}",
        left_out=() if costs else [_COST],
        styles=["bold" if setting in about.best else "" for setting in shown],
    )


def _heading(axis: str) -> str:
    return "η" if axis == "learning_rate" else words(axis)


def _row(setting: Setting, about: Study, *, apart: bool, costs: bool) -> list[str | Text]:
    _, least, most = setting.iterations
    cells: list[str | Text] = [Text("★" if setting in about.best else "", "yellow")]
    if apart:
        cells += [Text(_choice(setting, axis)) for axis in about.shown_axes]
    else:
        cells.append(Text(setting.name(about.shown_axes)))
    cells += [_outcome(setting), span(least, most)]
    cells += [figure(setting.final_cost)] if costs else []
    cells.append(figure(setting.relative_gap, 2))
    return [*cells, setting.reach_text(about.tightest)] if about.tightest else cells


def _choice(setting: Setting, axis: str) -> str:
    """As the config has it; a rate that follows from L as the number that it is."""
    if axis == "learning_rate" and axis in setting.axes:
        return setting.rate_text.removeprefix("η = ")
    return setting.axes.get(axis, "")


def _outcome(setting: Setting) -> Text:
    """A symbol and words: '✓ converged 3/3'; the least of the outcomes gives the sign."""
    worst = list(setting.outcomes)[-1]
    symbol, style = SIGNS[worst]
    total = len(setting.runs)
    parts = [
        words(outcome) if total == 1 else f"{words(outcome)} {number}/{total}"
        for outcome, number in setting.outcomes.items()
    ]
    return Text(f"{symbol} {', '.join(parts)}", style)
