"""The line that no problem of a class exceeds, beside what was measured: of the best setting that has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdbench.descent.theory.worst_case.bounds import least_at
from gdbench.judgement.diagnoses import worst_cases_of
from gdbench.judgement.study import Study
from gdbench.report.analysis.lines import Band, Scale
from gdbench.report.charts.encoding import lookup
from gdbench.report.charts.palette import THEORY
from gdbench.report.charts.vega_lite import Layer, Piece, calculate, inline, layered

#: Letters of a name that stands beside the line.
SHORT_NAME = 12


class Worst(NamedTuple):
    """name: of the setting.  points: where the line is in sight."""

    name: str
    points: Sequence[Piece]

    @property
    def caption(self) -> str:
        return (
            f"Dotted: the worst case of {self.name}; on no problem with the same L and μ, begun as far away "
            "and as high, is its method above it."
        )


def worst_of(study: Study, drawn: Sequence[Band], axis: Scale) -> Worst | None:
    """Of the best setting of which a theorem speaks; None where none does, or there is no gap to measure."""
    bands = {band.setting: band for band in drawn}
    for setting in study.ranked:
        measure = setting.problem.yardstick
        if setting not in bands or measure is None:
            continue
        bounds = worst_cases_of(setting.runs[0], setting.problem)
        heights = [(k, least_at(bounds, int(k))) for k in bands[setting].iteration]
        points: list[Piece] = [
            {"n": bands[setting].number, "x": k, "height": float(f"{bound / measure.length:.4g}")}
            for k, bound in heights
            if bound is not None and axis.bottom <= bound / measure.length <= axis.top
        ]
        if len(points) > 1:
            return Worst(setting.name(study.plan.varying), points)
    return None


def worst_layer(worst: Worst, axes: Sequence[str], x: Piece, y: Piece, units: Sequence[str]) -> Piece:
    """A dotted line with its words at its end. x, y: its channels.  units: the fields of other counts."""
    counted = [calculate(f"x_{unit}", f"datum.x * datum.{unit}") for unit in units]
    base = Layer().transformed(lookup(axes), *counted).encoded(x=x, y=y)
    line = base.marked("line", clip=True, strokeDash=[1, 4], strokeWidth=2.5, strokeCap="round", color=THEORY)
    last = base.where(f"datum.x == {worst.points[-1]['x']}")
    # a longer name would be cut off at the left of a narrow page; the caption has it
    said = f"worst case of {worst.name}" if len(worst.name) <= SHORT_NAME else "worst case"
    text = last.marked("text", align="right", baseline="bottom", dy=-8, text=said)
    return layered([line, text], data=inline(*worst.points))
