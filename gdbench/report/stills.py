"""Stills of descents for slides: the pictures of some iterations as files, and all of them as a moving one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from gdbench.config.outside import visible_tree
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model import best_models
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.charts.beside_path import HEIGHT
from gdbench.report.charts.charts import merged
from gdbench.report.charts.drawing import Undrawable, png, svgs
from gdbench.report.charts.encoding import looks, settings_data
from gdbench.report.charts.figure import FRAME, Figure, Subject
from gdbench.report.charts.palette import theme
from gdbench.report.charts.path_chart import path_figures

#: Milliseconds of a picture of a GIF, at most and at least, and of all of them; the last stays longer.
LONGEST, SHORTEST, WHOLE, LAST = 1000, 100, 9000, 2000
#: Of a GIF, which has no more than 256: charts have few, and without grain the file is a tenth as large.
COLOURS = 64

_WIDTH = 460


def stills(
    store_folder: Path, asked: Sequence[int] | None, formats: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """File name → content of each problem with a path. asked: iterations; None for all that are recorded.

    One that no path keeps is computed again from the start, with the same bits.  formats: "svg", "png", "gif".
    """
    found = False
    with Store.read(store_folder) as store:
        for figures in _figures(store, asked or ()):
            found = True
            played = figures[0].played
            assert played is not None
            ends = played.frames[-1]
            shown = played.frames if asked is None else sorted({min(k, ends) for k in asked})
            name = figures[0].id.removesuffix("_along")
            yield from _files(name, {k: _picture(figures, k) for k in shown}, formats)
    if not found:
        raise GdbenchError(
            f"{store_folder.name}: no descent to show. Paths are recorded of up to 64 parameters; the data and "
            "the plug-ins that they went down must still be where they were."
        )


def _figures(store: Store, asked: Sequence[int]) -> Iterator[list[Figure]]:
    """Of each problem the charts that are played together."""
    about = study(store)
    seen = looks(about)
    drawn, _ = merged(about, seen)
    models = {model.problem.id: model for model in best_models(about, store)}
    data, settings = PlanData(about.plan), settings_data(drawn.numbers, seen)
    for number, problem in enumerate(about.problems.values(), start=1):
        subject = Subject(problem, number, len(about.problems) > 1)
        figures = path_figures(drawn, store, seen, subject, data, models.get(problem.id), asked)
        if figures:
            yield [replace(figure, data={**figure.data, "settings": settings}) for figure in figures]


def _files(name: str, shown: Mapping[int, str], formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """shown: iteration → its picture as a description in Vega-Lite."""
    try:
        if "svg" in formats:
            for k, drawn in zip(shown, svgs(list(shown.values())), strict=True):
                yield f"{name}-{k}.svg", drawn.encode()
        if "png" in formats:
            yield from ((f"{name}-{k}.png", png(picture)) for k, picture in shown.items())
        if "gif" in formats:
            yield f"{name}.gif", _moving([png(picture, sharp=1) for picture in shown.values()])
    except Undrawable as reason:
        raise GdbenchError(f"no pictures are drawn: {reason}") from reason


def _moving(pictures: Sequence[bytes]) -> bytes:
    """A GIF that begins again at its end."""
    opened = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    plain = [one.quantize(COLOURS, dither=Image.Dither.NONE) for one in opened]
    step = max(SHORTEST, min(LONGEST, WHOLE // len(plain)))
    file, lengths = io.BytesIO(), [*[step] * (len(plain) - 1), LAST]
    plain[0].save(file, "GIF", save_all=True, append_images=plain[1:], duration=lengths, loop=0)
    return file.getvalue()


def _picture(figures: Sequence[Figure], k: int) -> str:
    """The charts beside one another, as they are at an iteration."""
    specs = [figure.chosen() for figure in figures]
    charts: list[dict[str, object]] = []
    datasets: dict[str, object] = {}
    for spec in specs:
        held = spec.pop("datasets")
        assert isinstance(held, Mapping)
        datasets |= held
        del spec["params"]
        charts.append({**spec, "width": _WIDTH, "height": HEIGHT})
    for beside in charts[1:]:
        del beside["title"]
    picture = {
        "hconcat": charts,
        "params": [{"name": "lit", "value": None}, {"name": FRAME, "value": k}],
        "datasets": datasets,
        "config": theme(dark=False),
        "spacing": 30,
    }
    # of charts beside one another an expression does not know how large its own is
    text = json.dumps(visible_tree(picture))
    return text.replace("width / height", str(_WIDTH / HEIGHT)).replace("height / width", str(HEIGHT / _WIDTH))
