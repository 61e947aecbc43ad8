"""A chart in a notebook: a description in Vega-Lite that draws itself without a network and can be saved."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gdbench.config.outside import visible_tree
from gdbench.descent.errors import GdbenchError
from gdbench.report.charts.drawing import Undrawable, pdf, png, svgs
from gdbench.report.charts.palette import theme
from gdbench.report.charts.vega_lite import Piece

#: Pixels, as wide as a notebook's cell.
_WIDTH = 620

#: The version of Vega-Lite that descriptions are written for; vl-convert draws it.
MAJOR = 6

#: Ending of a file → what is in it.
_KINDS: dict[str, Callable[[str], bytes]] = {
    ".svg": lambda spec: svgs([spec])[0].encode(),
    ".png": png,
    ".pdf": pdf,
    ".json": str.encode,
}


class Chart:
    """A chart, which a notebook draws: by its own Vega, or as a picture where that is another.

    spec: all of it in Vega-Lite, with its data, as a dictionary; Altair's `Chart.from_dict` takes it too.
    """

    def __init__(self, spec: Piece) -> None:
        self.spec: dict[str, object] = json.loads(json.dumps(visible_tree(spec)))

    def properties(self, **changed: object) -> Chart:
        """The same with other properties of the whole: title, width, height, background …"""
        return Chart({**self.spec, **changed})

    def save(self, path: str | Path) -> Path:
        """Write it as .svg, .png, .pdf or .json, and give the file."""
        file = Path(path)
        if file.suffix not in _KINDS:
            endings = ", ".join(_KINDS)
            raise GdbenchError(f"{file}: a chart is saved as one of {endings}, which the name's ending says.")
        try:
            file.write_bytes(_KINDS[file.suffix](json.dumps(self.spec)))
        except (OSError, Undrawable) as error:
            raise GdbenchError(f"{file}: cannot be written: {error}") from error
        return file

    def _repr_mimebundle_(self, *_args: object, **_options: object) -> dict[str, object]:
        shown: dict[str, object] = {f"application/vnd.vegalite.v{MAJOR}+json": self.spec}
        with suppress(Undrawable):
            # no SVG: of a notebook that somebody else executed JupyterLab shows none
            shown["image/png"] = base64.b64encode(png(json.dumps(self.spec))).decode()
        return shown

    def __repr__(self) -> str:
        return f"<chart{f' “{title}”' if isinstance(title := self.spec.get('title'), str) else ''}>"


def in_notebook(spec: Piece) -> Chart:
    """A description that leaves its size and colours to the page, as a notebook shows it."""
    schema = f"https://vega.github.io/schema/vega-lite/v{MAJOR}.json"
    return Chart({"$schema": schema, **spec, "width": _WIDTH, "config": theme(dark=False)})
