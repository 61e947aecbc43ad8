"""Lines of methods: the best and those of plug-ins in colour, over the others in grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.judgement.methods.standings import standings
from gdbench.judgement.methods.summary import of_plugins
from gdbench.judgement.numerals import count, listing
from gdbench.judgement.study import Study
from gdbench.report.charts.palette import HUES
from gdbench.report.charts.vega_lite import Layer, Piece, layered, named, nominal, quantitative, when

#: Pixels of a line: of a plug-in, in colour, in grey.
_OWN, _BRIGHT, _GREY = 4.0, 2.2, 1.2


@dataclass(frozen=True)
class Lit:
    """colours: what has a hue of its own, the grey last.  own: methods of plug-ins.  others: those in grey."""

    colours: Sequence[str]
    own: frozenset[str]
    others: frozenset[str]

    def of(self, method: str) -> Mapping[str, object]:
        """What a row of a method's data says of its looks."""
        grey = method in self.others
        width = _OWN if method in self.own else _GREY if grey else _BRIGHT
        return {"method": method, "colour": self.colours[-1] if grey else method, "width": width}

    @property
    def note(self) -> str:
        """What is grey, and what is thick, in sentences."""
        parts = [f"{count(len(self.others))} further methods are grey: point at one."] if self.others else []
        which = f"The thick line is {listing(sorted(self.own))}, of a plug-in."
        return " ".join([*parts, *([which] if len(self.own) == 1 else [])])


def lit(study: Study, methods: Sequence[str]) -> Lit:
    """Plug-ins, and the methods that stand best or are best most often, tuned: as many as there are hues.

    A colour stays a method's own in all charts of a study, whether it is in each of them or not.
    """
    found = standings(study)
    order = [one.method for one in found.methods] if found else list(study.methods.methods)
    own = frozenset(of_plugins(study) & set(order))
    if len(order) <= HUES:
        return Lit(order, own, frozenset())
    wins = sorted(order, key=lambda name: -(one.best if found and (one := found.of(name)) else 0))
    both = dict.fromkeys(name for pair in zip(order, wins, strict=True) for name in pair)
    first = [*(name for name in order if name in own), *(name for name in both if name not in own)]
    bright = [name for name in order if name in first[: HUES - 1]]
    others = frozenset(set(methods) - set(bright))
    return Lit([*bright, f"{count(len(order) - len(bright))} others"], own, others)


def lines_of_methods(
    name: str, x: Piece, y: Piece, shown: Lit, tooltip: Sequence[Piece], interpolate: str = "linear"
) -> Piece:
    """A line for each method of a data set with `method`, `colour` and `width`; the legend picks one."""
    hue = nominal("colour", title="method", sort=list(shown.colours), scale={"domain": list(shown.colours)})
    select = {"type": "point", "fields": ["colour"], "toggle": "true"}
    base = Layer().encoded(x=x, y=y, detail=nominal("method"))
    line = base.marked("line", interpolate=interpolate).encoded(
        color=hue,
        strokeWidth=quantitative("width", scale=None, legend=None),
        opacity=when({"param": "method"}, 0.9, 0.1),
    )
    picked = line.selecting({"name": "method", "select": select, "bind": "legend"})
    handle = base.marked("line", interpolate=interpolate, strokeWidth=12, opacity=0.0).encoded(tooltip=tooltip)
    return layered([picked, handle], data=named(name), width="container", height=300)
