"""The chart of descents: how far each setting is from the optimum, iteration by iteration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.settings import Setting, measurable
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.analysis.lines import FINEST, Band, Scale, csv, floor_of, lines, lines_in, scale
from gdbench.report.analysis.units import units
from gdbench.report.charts.descent_layers import EACH, Drawing, data_name, exit_rows, spec
from gdbench.report.charts.encoding import Looks, title
from gdbench.report.charts.figure import Figure, Subject, first_of
from gdbench.report.charts.vega_lite import Piece
from gdbench.report.charts.worst_layer import worst_of


def descent_figure(study: Study, store: Store, looks: Looks, subject: Subject) -> Figure | None:
    """The chart of one problem's runs; None where no run left a curve."""
    problem, settings = subject.problem, study.of_problem(subject.problem)
    members = [(study.numbers[setting], setting) for setting in settings]
    crowd = len(study.settings)
    if len(members) > EACH:
        members = [(number, setting) for number, setting in members if _began(setting)]
        shown, remark = units(study, [setting for _, setting in members], store)
        drawn, *others = lines_in(shown, members, store, problem, crowd) if members else [[]]
    else:
        drawn, others = lines(members, store, problem, crowd=crowd), []
        shown, remark = units(study, [band.setting for band in drawn], store) if drawn else ([], "")
    if not drawn:
        return None
    axis = scale(problem, drawn)
    worst = worst_of(study, drawn, axis) if len(drawn) <= EACH else None
    drawing = Drawing(looks, drawn, axis, shown, study.plan.targets, subject, worst)
    what = "Distance from the optimum" if measurable(problem) else "Cost"
    return Figure(
        id=subject.id("gap"),
        title=subject.titled(f"{what}, iteration by iteration"),
        caption=" ".join(filter(None, [*_caption(drawing), remark])),
        alternative=_alternative(study, settings, axis),
        spec=spec(drawing),
        data=_data(drawing, others),
        controls=(*looks.controls, *((drawing.per,) if len(shown) > 1 else ())),
        problem=problem.label,
    )


def _began(setting: Setting) -> bool:
    """Whether a run of it came as far as a first cost, so that it has a curve."""
    return any(run.result.initial_cost is not None for run in setting.runs)


def _data(drawing: Drawing, others: Sequence[Sequence[Band]]) -> dict[str, Sequence[Piece] | str]:
    """others: the lines in other units than the first, where they are grouped."""
    digits = 3 if drawing.grouped else 4
    data: dict[str, Sequence[Piece] | str] = {drawing.lines: csv(drawing.bands, digits)}
    if drawing.grouped:
        for unit, counted in zip(drawing.units[1:], others, strict=True):
            data[data_name(drawing, unit)] = csv(counted, digits)
    if drawing.exits:
        data[drawing.subject.data("exits")] = exit_rows(drawing)
    return data


def _caption(drawing: Drawing) -> Iterator[str]:
    yield _grouped_lines(drawing) if drawing.grouped else _single_lines(drawing)
    yield from _colours(drawing)
    yield _diverged(drawing)
    if drawing.worst:
        yield drawing.worst.caption
    if drawing.axis.quantity != "cost":
        floors = sorted({floor_of(run) for band in drawing.bands for run in band.setting.runs})
        yield from (_at_the_floor(floor) for floor in floors if drawing.axis.bottom <= floor)
    if len(drawing.units) > 1:
        yield "Other counts than iterations spread a run's total evenly over its iterations."


def _at_the_floor(floor: float) -> str:
    if floor == FINEST:
        return f"Gaps that a kernel carries beside its cost are drawn down to {figure(floor)}."
    return f"Gaps below {figure(floor)} are rounding and drawn there."


def _grouped_lines(drawing: Drawing) -> str:
    return (
        f"More than {EACH} settings ({count(len(drawing.bands))}): each line is the median over those of its "
        f"colour{_dashed(drawing.looks)}, shaded to the quartiles where lines are few, and follows the "
        "selection."
    )


def _single_lines(drawing: Drawing) -> str:
    many, repeated = len(drawing.bands), any(band.runs > 1 for band in drawing.bands)
    whose = "The one setting" if repeated else "The one run"
    if many > 1:
        whose = f"One line for each of {count(many)} settings"
    median = ", the median of its runs" if repeated else ""
    return f"{whose}{median}{'; shaded: their quartiles' if drawing.banded else ''}."


def _colours(drawing: Drawing) -> Iterator[str]:
    for axis in drawing.looks.axes[:1]:
        yield f"Colour: {title(axis)}, which explains most of the ranking."
        dashed = drawing.looks.dashed(axis)
        if dashed and not drawing.grouped:
            yield f"Dashes: {title(dashed)}."


def _diverged(drawing: Drawing) -> str:
    if drawing.exits:
        which = "1 setting" if len(drawing.exits) == 1 else f"{count(len(drawing.exits))} settings"
        return (
            f"The vertical axis is cut at {figure(drawing.axis.top, 2)}; a cross marks where a diverging line "
            f"leaves it or ends ({which})."
        )
    diverged = any(band.setting.outcomes.get("diverged") for band in drawing.bands)
    return "A run that has diverged counts as above the chart from then on." if diverged else ""


def _dashed(looks: Looks) -> str:
    """What else than colour tells grouped lines apart."""
    fields = looks.grouped(looks.axes[0]) if looks.axes else []
    if "bin" in fields:
        return " (neighbouring rates share one)"
    return " and dashes" if len(fields) > 1 else ""


def _alternative(study: Study, settings: Sequence[Setting], axis: Scale) -> str:
    """Where each setting's curves end, in words; the table has the rest."""
    ends = [f"{setting.name(study.plan.varying)}: {_end(setting, axis)}" for setting in settings]
    shown = first_of(ends, " settings")
    return f"Line chart of the {axis.quantity} against iteration. Ends of the lines: {shown}."


def _end(setting: Setting, axis: Scale) -> str:
    if setting.all_diverged:
        return f"diverged at iteration {count(setting.diverged_at)}"
    height = setting.final_cost if axis.quantity == "cost" else setting.relative_gap
    return f"{figure(height, 2)} after {count(setting.iterations[0])} iterations"
