"""Colours and fonts of the charts, once for light paper and once for a dark screen.

Descriptions name no colour of their own: they ask for `ordinal`, `ramp`, `heatmap`, `category` or a style,
and the theme in force answers. The viridis ramp and the hues stay apart for colour-blind readers, and from
their paper by at least 3 : 1 (styles with words by 4.5 : 1); a ramp leaves out what would vanish on its.
"""

from __future__ import annotations

#: Marks what went wrong, in both themes; always with a shape of its own, never by colour alone.
DIVERGED = "#d55e00"

#: Lines of theory beside those measured, in both themes.
THEORY = "#808080"

#: Values without an order have a colour each; of more values than these the rest share the last, a grey.
HUES = 10

#: Dash patterns, solid first; more kinds than these cannot be told apart.
DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [4, 5]]

#: Light paper and dark screen, as the page has them.
PAPER, SCREEN = "#ffffff", "#0f1318"

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


#: The first few serve most charts; at least 0.05 apart in OKLab, for the colour-blind too.
_LIGHT_HUES = [
    "#0072b2", "#007f5f", "#b0459b", "#4a93f9", "#c25b00", "#663001", "#480841", "#1c029a", "#0b03fb",
    "#6e7781",
]  # fmt: skip
_DARK_HUES = [
    "#56b4e9", "#00b386", "#e58fc2", "#e69f00", "#f0e442", "#1b77fc", "#a7fdf6", "#877f02", "#8e70b0",
    "#8b949e",
]  # fmt: skip


def theme(*, dark: bool) -> dict[str, object]:
    """A Vega-Lite config."""
    ink, quiet, line = ("#e6e8eb", "#a9b1bb", "#3a424d") if dark else ("#1f2328", "#57606a", "#d8dee4")
    ramp = {"scheme": "viridis", "extent": [1.0, 0.16] if dark else [0.9, 0.0]}
    heat = {"scheme": "viridis", "extent": [1.0, 0.1] if dark else [0.0, 0.9]}
    hues = _DARK_HUES if dark else _LIGHT_HUES
    best, worst, failed = ("#79b8ff", "#f0c860", "#ffa27a") if dark else ("#0b62c4", "#7a4d00", "#a33200")
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
        "style": {
            **{name: {"color": hue} for name, hue in (("best", best), ("worst", worst), ("failed", failed))},
            "rest": {"color": quiet},
            "halo": {"stroke": SCREEN if dark else PAPER, "strokeWidth": 4, "strokeJoin": "round"},
        },
    }
