"""The short report: what a sweep's end prints, one row per combination of what varies.

Plain Python on records: neither pandas nor Altair is loaded.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gdbench.judgement.answer import answer
from gdbench.judgement.numerals import count, figure, span
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study, study
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store
from gdbench.report.comparison.observation import Comparison

#: Settings printed at most; beyond, the best of each problem. The page has them all.
ROWS = 40

#: Outcome → symbol and style, so that colour is never the only sign.
SIGNS = {
    "converged": ("✓", "green"),
    "stopped": ("■", "yellow"),
    "stalled": ("≈", "yellow"),
    "timed_out": ("◷", "yellow"),
    "diverged": ("✗", "red"),
    "failed": ("!", "bold red"),
    "crashed": ("!", "bold red"),
}


def summary(store: Store, plan: PlanRecord | None = None) -> RenderableType:
    """A table of the settings in the plan's order, and the answer, a line a problem; fits 80 columns."""
    about = study(store, plan)
    given = answer(about)
    tally = f" ({given.tally})" if given.done else ""
    head = Text(f"{given.experiment}: {given.progress}{tally}", "bold")
    parts: list[RenderableType] = [head]
    shown = _shown(about)
    if shown:
        parts.append(_table(about, shown))
    hidden = len(about.settings) - len(shown)
    if hidden > 0:
        where = f"gdbench report {about.plan.experiment}"
        parts.append(
            Text(f"… and {count(hidden)} more settings; these are the best of each problem: {where}", "dim")
        )
    mark = "· " if len(given.lines) > 1 else ""
    return Group(*parts, *(Text(f"{mark}{line}") for line in given.lines))


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
    head = Text(" · ".join(compared.names), "bold")
    lines = [
        Text(f"{_MARKS.get(observation.kind, '·')} {observation.text}") for observation in compared.observations
    ]
    return Group(head, *lines)


#: A sign for each kind of observation, so that a list can be read down its edge.
_MARKS = {"faster": "▼", "slower": "▲", "same": "=", "same bits": "=", "not comparable": "≠", "differs": "!"}


def _table(about: Study, shown: list[Setting]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim", show_edge=False)
    table.add_column("")
    for axis in about.shown_axes:
        table.add_column("η" if axis == "learning_rate" else words(axis), overflow="fold", min_width=3)
    table.add_column("outcome", overflow="fold", min_width=len("✓ converged"))
    for header in ("iterations", "final cost", "rel. gap"):
        table.add_column(header, justify="right", overflow="fold")
    if about.tightest:
        table.add_column(f"kept {about.tightest}", justify="right", overflow="fold")
    for setting in shown:
        table.add_row(*_row(setting, about), style="bold" if setting in about.best else "")
    return table


def _row(setting: Setting, about: Study) -> list[str | Text]:
    _, least, most = setting.iterations
    cells: list[str | Text] = [Text("★" if setting in about.best else "", "yellow")]
    cells += [Text(_choice(setting, axis)) for axis in about.shown_axes]
    cells += [_outcome(setting), span(least, most)]
    cells += [figure(setting.final_cost), figure(setting.relative_gap, 2)]
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
