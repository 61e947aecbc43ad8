"""A figure: a chart with the words that introduce it and the words that replace it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import vl_convert

from gdbench.report.palette import theme


@dataclass(frozen=True)
class Figure:
    """One chart of a report.

    id: unique on a page, usable as an HTML id and a file name.
    caption: what to see, and every liberty the drawing takes.  alternative: the same without eyes.
    spec: the chart in Vega-Lite, without colours, which the theme adds.
    """

    id: str
    title: str
    caption: str
    alternative: str
    spec: dict[str, Any]

    @property
    def plain(self) -> dict[str, Any]:
        """The spec without Altair's own defaults, which would stand above the theme."""
        return {name: value for name, value in self.spec.items() if name != "config"}

    def svg(self, width: int = 760) -> str:
        """A static picture on light paper, drawn without a browser."""
        spec = {**self.plain, "width": width, "config": {**theme(dark=False), "background": "white"}}
        return str(vl_convert.vegalite_to_svg(json.dumps(spec)))
