"""Colours and fonts of the charts, once for light paper and once for a dark screen.

Chart descriptions name no colour of their own: they ask for `ordinal`, `ramp`, `heatmap` or `category`, and
the theme in force answers. The viridis ramp and the colours of Okabe and Ito (2008)
stay apart for colour-blind readers; each ramp leaves out the end that would vanish on its paper.
"""

from __future__ import annotations

#: Marks what went wrong, in both themes; always with a shape of its own, never by colour alone.
DIVERGED = "#d55e00"

#: Lines of theory beside those measured, in both themes.
THEORY = "#808080"

#: More values than these have no colours that can be told apart without an order: they get the ramp.
HUES = 6

#: Dash patterns, solid first; more kinds than these cannot be told apart.
DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [4, 5]]

#: Light paper and dark screen, as the page has them.
PAPER, SCREEN = "#ffffff", "#0f1318"

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


def theme(*, dark: bool) -> dict[str, object]:
    """A Vega-Lite config."""
    ink, quiet, line = ("#e6e8eb", "#a9b1bb", "#3a424d") if dark else ("#1f2328", "#57606a", "#d8dee4")
    ramp = {"scheme": "viridis", "extent": [1.0, 0.16] if dark else [0.9, 0.0]}
    heat = {"scheme": "viridis", "extent": [1.0, 0.1] if dark else [0.0, 0.9]}
    hues = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#bbbbbb"]
    if not dark:
        hues = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#555555"]
    titles = {"titleColor": ink, "titleFontWeight": 600, "titleFontSize": 12, "labelColor": quiet}
    return {
        "background": SCREEN if dark else PAPER,
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {**titles, "labelFontSize": 11, "gridColor": line, "domainColor": line, "tickColor": line},
        "legend": {**titles, "labelFontSize": 12, "symbolStrokeWidth": 3, "symbolSize": 140},
        "header": titles,
        "title": {"color": ink},
        "range": {"ordinal": ramp, "ramp": ramp, "heatmap": heat, "category": hues},
        "line": {"color": hues[0]},
        "point": {"color": hues[0]},
        "rule": {"color": quiet},
        "text": {"color": quiet, "fontSize": 11},
    }
