"""The chart of descents: how far each setting is from the optimum, iteration by iteration."""

from __future__ import annotations

from typing import Any

from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.lines import FLOOR, Scale, csv, lines, measurable, scale
from gdbench.report.analysis.units import units
from gdbench.report.charts.descent_layers import EACH, Drawing, data_name, exit_rows, spec
from gdbench.report.charts.encoding import Looks, title
from gdbench.report.charts.figure import Figure

#: Settings whose ends are told in words; the table has the rest.
TOLD = 12


def descent_figure(
    study: Study, store: Store, looks: Looks, problem: ProblemRecord, number: int = 1
) -> Figure | None:
    """The chart of one problem's runs; None where no run left a curve."""
    members = [(study.numbers[setting], setting) for setting in study.of_problem(problem)]
    crowd = len(study.settings)
    drawn = lines(members, store, problem, shared=len(members) > EACH, crowd=crowd)
    if not drawn:
        return None
    shown, remark = units(study, [band.setting for band in drawn], store)
    axis = scale(problem, drawn)
    drawing = Drawing(looks, drawn, axis, shown, study.plan.targets, number)
    what = "Distance from the optimum" if measurable(problem) else "Cost"
    place = f" · {problem.label}" if len(study.problems) > 1 else ""
    return Figure(
        id="gap" if number == 1 else f"gap-{number}",
        title=f"{what}, iteration by iteration{place}",
        caption=" ".join(filter(None, [_caption(drawing), remark])),
        alternative=_alternative(study, study.of_problem(problem), axis),
        spec=spec(drawing),
        data=_data(drawing, store, problem, crowd),
        controls=(*looks.controls, *((drawing.per,) if len(shown) > 1 else ())),
        problem=problem.label,
    )


def _data(drawing: Drawing, store: Store, problem: ProblemRecord, crowd: int) -> dict[str, Any]:
    digits = 3 if drawing.grouped else 4
    found: dict[str, Any] = {drawing.lines: csv(drawing.bands, digits)}
    if drawing.grouped:
        members = [(band.number, band.setting) for band in drawing.bands]
        for unit in drawing.units[1:]:
            found[data_name(drawing, unit)] = csv(
                lines(members, store, problem, shared=True, unit=unit, crowd=crowd), digits
            )
    if drawing.exits:
        found[f"exits-{drawing.number}"] = exit_rows(drawing)
    return found


def _caption(drawing: Drawing) -> str:
    many, axes = len(drawing.bands), drawing.looks.axes
    repeated = any(band.runs > 1 for band in drawing.bands)
    sentences = []
    if drawing.grouped:
        sentences.append(
            f"More than {EACH} settings ({count(many)}): each line is the median over those of its colour"
            f"{_dashed(drawing.looks)}, shaded to the quartiles where lines are few, and follows the selection."
        )
    else:
        whose = f"One line for each of {count(many)} settings" if many > 1 else "The one setting"
        if many == 1 and not repeated:
            whose = "The one run"
        median = ", the median of its runs" if repeated else ""
        sentences.append(f"{whose}{median}{'; shaded: their quartiles' if drawing.banded else ''}.")
    if axes:
        sentences.append(f"Colour: {title(axes[0])}, which explains most of the ranking.")
        if drawing.looks.dashed(axes[0]) and not drawing.grouped:
            sentences.append(f"Dashes: {title(drawing.looks.dashed(axes[0]) or '')}.")
    if drawing.exits:
        which = "1 setting" if len(drawing.exits) == 1 else f"{count(len(drawing.exits))} settings"
        sentences.append(
            f"The vertical axis is cut at {figure(drawing.axis.top, 2)}; a cross marks where a diverging line "
            f"leaves it or ends ({which})."
        )
    elif any(band.setting.outcomes.get("diverged") for band in drawing.bands):
        sentences.append("A run that has diverged counts as above the chart from then on.")
    if drawing.axis.quantity != "cost" and drawing.axis.bottom <= FLOOR:
        sentences.append(f"Gaps below {figure(FLOOR)} are rounding and drawn there.")
    if len(drawing.units) > 1:
        sentences.append("Other counts than iterations spread a run's total evenly over its iterations.")
    return " ".join(sentences)


def _dashed(looks: Looks) -> str:
    """What else than colour tells grouped lines apart."""
    first = looks.axes[0] if looks.axes else ""
    if first and "bin" in looks.grouped(first):
        return " (neighbouring rates share one)"
    return " and dashes" if first and len(looks.grouped(first)) > 1 else ""


def _alternative(study: Study, settings: list[Setting], axis: Scale) -> str:
    """Where each setting's curves end, in words; the table has the rest."""
    shown = settings[:TOLD]
    ends = [f"{s.name(study.plan.varying)}: {_end(s, axis)}" for s in shown]
    more = f"; and {count(len(settings) - TOLD)} more settings" if len(settings) > len(shown) else ""
    return f"Line chart of the {axis.quantity} against iteration. Ends of the lines: {listing(ends)}{more}."


def _end(setting: Setting, axis: Scale) -> str:
    if setting.all_diverged:
        return f"diverged at iteration {count(setting.diverged_at)}"
    height = setting.final_cost if axis.quantity == "cost" else setting.relative_gap
    return f"{figure(height, 2)} after {count(setting.iterations[0])} iterations"
