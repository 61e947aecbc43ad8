"""Shadow stopping: where each watched rule would have ended each setting, and how far from the optimum."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low

from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import RELATIVE_GAP, Column
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import NOTHING_YET, Cell, Table, censored, counted, measured, words

_NAMES = ("shadows", "Where each rule would have stopped")
_COLUMNS = (
    Column("rule", "string", "A stopping rule that was only watched."),
    Column("fired", "string", "In how many runs it would have fired."),
    Column(
        "iteration",
        "float64",
        "Where it would have fired: the median of all runs; ∞, shown as > N, where never.",
    ),
    Column("outcome", "string", "What it would have called the run."),
    Column(
        "relative_gap",
        "float64",
        f"{RELATIVE_GAP} Where the rule would have stopped.",
        "true relative gap there",
    ),
    Column("objective_gap", "float64", "f − f* there.", "true gap there"),
)


def shadows_table(study: Study) -> Table:
    """A row for each setting and watched rule; the note says which rules depend on the other choices."""
    if not study.watched:
        absent = "The config watches no rules (as in watch: [{cost_change: 1e-6}, {gradient_norm: 1e-3}])."
        return Table(*_NAMES, absent=absent if study.runs else NOTHING_YET)
    rows = (
        (setting, _cells(setting, rule))
        for rule in study.watched
        for setting in study.settings
        if any(rule in run.result.shadows for run in setting.runs)
    )
    note = " ".join(filter(None, (_dependence(study, rule) for rule in study.watched)))
    return table_of_settings(study, _NAMES, _COLUMNS, rows, note, starred=False)


def _cells(setting: Setting, rule: str) -> Iterator[Cell]:
    stops = [run.result.shadows.get(rule) for run in setting.runs]
    fired = sorted((stop for stop in stops if stop), key=lambda stop: int(stop["iteration"]))
    yield words(rule)
    yield words(f"{len(fired)} of {len(stops)}")
    if 2 * len(fired) <= len(stops):
        done = median_low([run.result.iterations for run in setting.runs])
        yield from (censored(f"> {count(done)}"), words(MISSING), measured(None), measured(None))
        return
    # the median run, which is one of those that it would have stopped
    middle = fired[(len(stops) - 1) // 2]
    yield counted(middle["iteration"])
    yield words(str(middle["outcome"]))
    yield measured(setting.problem.relative_gap(middle["cost"]))
    yield measured(_gap(setting, middle["cost"]))


def _gap(setting: Setting, cost: float) -> float | None:
    best = setting.problem.optimum.cost
    return None if best is None else cost - best


#: Gaps at which a rule would have stopped that differ by more than this factor depend on something.
_APART = 10.0


def _dependence(study: Study, rule: str) -> str:
    """Whether the gap at which the rule stops depends on the learning rate; "" where nothing can be said."""
    spans = [span for settings in _alike(study) if (span := _span(settings, rule))]
    if not spans:
        return ""
    low, high = max(spans, key=lambda span: span[1] / span[0])
    much = "depends" if high > _APART * low else "hardly depends"
    between = f"it would have stopped at relative gaps from {figure(low, 2)} to {figure(high, 2)}"
    return f"“{rule}” {much} on the learning rate: {between}."


def _alike(study: Study) -> list[list[Setting]]:
    """Settings that differ by their learning rate alone."""
    if "learning_rate" not in study.plan.varying:
        return []
    groups: dict[tuple[str, ...], list[Setting]] = {}
    for setting in study.settings:
        rest = (value for axis, value in setting.axes.items() if axis != "learning_rate")
        groups.setdefault((setting.problem.id, *rest), []).append(setting)
    return [group for group in groups.values() if len(group) > 1]


def _span(settings: list[Setting], rule: str) -> tuple[float, float] | None:
    """The least and the greatest relative gap at which the rule would have stopped their first runs."""
    stops = [(setting, setting.runs[0].result.shadows.get(rule)) for setting in settings]
    gaps = [setting.problem.relative_gap(stop["cost"]) for setting, stop in stops if stop]
    known = [gap for gap in gaps if gap is not None and gap > 0.0]
    return (min(known), max(known)) if len(known) > 1 else None
