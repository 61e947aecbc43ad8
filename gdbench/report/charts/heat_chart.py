"""The heat map of two axes, which the reader chooses: what the best setting of each pair of values achieved."""

from __future__ import annotations

from collections.abc import Callable

from gdbench.judgement.numerals import listing
from gdbench.judgement.study import Study
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.heat_map import HeatMap, heat_map, pairs
from gdbench.report.charts.encoding import Looks, label_words, lit, selectable, title
from gdbench.report.charts.figure import Control, Figure, Subject, choose, first_of
from gdbench.report.charts.vega_lite import Layer, Piece, layered, named, nominal, quantitative, value, when

#: Pairs offered at most, and values of an axis: more cells than pixels show nothing.
PAIRS, VALUES = 10, 60
#: Cells so many in a row have room for their number.
ROOMY = 12

#: Height of a row in pixels.
_STEP = 30

_SIGNS = {"diverged": "✕", "failed": "!", "never reached": "∞", "missing": ""}
#: A cell that has runs and no number.
_BLANK = "!isValid(datum.value) && datum.state != 'missing'"
#: Signs of all labels together that stand beside one another.
FLAT = 40


def heat_figure(study: Study, looks: Looks, subject: Subject) -> Figure | None:
    """A map for each pair of axes, one shown at a time; None where fewer than two axes vary."""
    maps = _maps(study, looks, subject.problem)
    if not any(cell.value is not None for found in maps.values() for cell in found.cells):
        return None
    control = Control("pair", "Axes", {n: f"{title(m.x)} × {title(m.y)}" for n, m in maps.items()})
    first = next(iter(maps.values()))
    return Figure(
        id=subject.id("heat"),
        title=subject.titled(f"{first.quantity}, two choices at a time"),
        caption=_caption(maps),
        alternative=_alternative(first),
        spec=_spec(maps, looks, control, subject),
        data={f"{subject.data('heat')}-{name}": _cells(found) for name, found in maps.items()},
        controls=(control,),
        problem=subject.problem.label,
    )


def _maps(study: Study, looks: Looks, problem: ProblemRecord) -> dict[str, HeatMap]:
    """By the names of their axes, those first that tell most."""
    fitting = [two for two in pairs(study, problem) if all(len(looks.order[axis]) <= VALUES for axis in two)]
    telling = sorted(fitting, key=lambda two: sum(looks.axes.index(axis) for axis in two))[:PAIRS]
    maps = {f"{x}/{y}": heat_map(study, problem, x, y) for x, y in telling}
    return {name: found for name, found in maps.items() if not found.absent}


def _cells(found: HeatMap) -> list[Piece]:
    return [
        {
            "n": cell.setting,
            "x": cell.x,
            "y": cell.y,
            "value": cell.value,
            "state": cell.state,
            "text": cell.text,
            "sign": _SIGNS.get(cell.state, ""),
            "settings": cell.settings,
        }
        for cell in found.cells
    ]


def _spec(maps: dict[str, HeatMap], looks: Looks, control: Control, subject: Subject) -> Piece:
    def by_pair(of: Callable[[HeatMap], object]) -> Piece:
        return choose(control, {name: of(found) for name, found in maps.items()})

    base = Layer().encoded(
        x=by_pair(lambda found: _axis(found.x, looks, "x")),
        y=by_pair(lambda found: _axis(found.y, looks, "y")),
        tooltip=by_pair(_tips),
    )
    known, blank = base.where("isValid(datum.value)"), base.where(_BLANK)
    # black or white, whichever stands out from the cell in the theme in force: at least 4.5 : 1
    ink = when({"test": "luminance(scale('color', datum.value)) > 0.179"}, "black", "white")
    digits = known.marked("text", fontSize=12, fontWeight=600, text={"expr": "datum.text"})
    layers = [
        known.marked("rect").encoded(color=by_pair(_value), opacity=lit(1.0, 0.15)),
        blank.marked("rect", color="#808080", opacity=0.16),
        blank.marked("text", fontSize=13, fontWeight=600, style="failed", text={"expr": "datum.sign"}),
        digits.encoded(color=ink, opacity=value(by_pair(lambda found: 1 if _roomy(found) else 0))),
    ]
    data = named(choose(control, {name: f"{subject.data('heat')}-{name}" for name in maps}))
    height = by_pair(lambda found: _STEP * len(found.y_labels))
    return selectable(layered(layers, data=data, width="container", height=height))


def _axis(axis: str, looks: Looks, field: str) -> Piece:
    labels = looks.order[axis]
    words = {"labelExpr": label_words(labels), "labelLimit": 0}
    if field == "x":
        flat = sum(map(len, labels)) < FLAT
        words |= {"labelAngle": 0 if flat else -40, "labelOverlap": "greedy"}
    return {"field": field, "type": "ordinal", "sort": labels, "title": title(axis), "axis": words}


def _value(found: HeatMap) -> Piece:
    """What stands out is better: few iterations, a small gap; logarithmic where values differ much."""
    values = [cell.value for cell in found.cells if cell.value is not None]
    log = bool(values) and min(values) > 0 and max(values) > 10 * min(values)
    scale = {"type": "log"} if log else {"zero": False}
    legend = {"format": ",.4~g", "gradientLength": 120, "tickCount": 3}
    return quantitative("value", title=found.quantity, scale=scale, legend=None if _roomy(found) else legend)


def _tips(found: HeatMap) -> list[Piece]:
    names = {"x": title(found.x), "y": title(found.y), "text": found.quantity, "settings": "settings here"}
    return [nominal(field, title=name) for field, name in names.items()]


def _roomy(found: HeatMap) -> bool:
    return len(found.x_labels) <= ROOMY


def _caption(maps: dict[str, HeatMap]) -> str:
    states = {cell.state for found in maps.values() for cell in found.cells}
    signs = [f"{sign} {state}" for state, sign in _SIGNS.items() if sign and state in states]
    notes = dict.fromkeys(found.note for found in maps.values() if found.note)
    sentences = ["The more a cell stands out, the better.", *([f"Grey: {listing(signs)}."] if signs else [])]
    return " ".join([*sentences, *list(notes)[:1], "Click a cell to select its two values everywhere."])


def _alternative(found: HeatMap) -> str:
    """The best cell of each row, in words."""
    rows = [f"{label}: {_best(found, label)}" for label in found.y_labels]
    return f"Heat map of {found.quantity} over {title(found.x)} and {title(found.y)}. {first_of(rows)}."


def _best(found: HeatMap, label: str) -> str:
    row = [(cell.value, cell) for cell in found.cells if cell.y == label and cell.value is not None]
    if not row:
        return "none"
    _, best = min(row, key=lambda pair: pair[0])
    return f"best {best.text} at {title(found.x)} {best.x}"
