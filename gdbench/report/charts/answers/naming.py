"""Names beside lines: where each stands, so that no two overlap, beside a picture and in it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gdbench.report.analysis.lines import BEYOND, Band, Scale
from gdbench.report.analysis.units import ITERATIONS
from gdbench.report.charts.descent_layers import SHORT, Drawing, horizontal
from gdbench.report.charts.vega_lite import Piece

#: Height of the one picture, and of each where there are several, in pixels; of a line of words.
TALL, LOW, LINE = 340, 150, 14
#: Signs in a line of a name beside a picture and in one; lines of it.
_BESIDE, _INSIDE, _LINES = 26, 34, 3


@dataclass(frozen=True)
class Role:
    """A line with a name. kind: "best", "worst" or "failed".  words: the name, and what became of it."""

    kind: str
    band: Band
    words: tuple[str, str] = ("", "")


def names(drawing: Drawing, roles: Sequence[Role]) -> Iterator[Piece]:
    """Where each line ends; where its name stands so that no two overlap, beside the picture and in it.

    What failed is named beside its cross, as far to the left or the right as there is room.
    """
    axis, low = drawing.axis, drawing.subject.several
    ends = [end_of(role, axis) for role in roles]
    longest = longest_of(drawing)
    named = {place: role.words for place, role in enumerate(roles) if role.kind != "failed"}
    texts = {place: _wrapped(words, _BESIDE, _LINES) for place, words in named.items()}
    # beneath a small picture there is a sentence
    inside = {place: _wrapped(words, _INSIDE, 1)[: 1 if low else None] for place, words in named.items()}
    wanted = {place: _pixel(axis, ends[place][1], LOW if low else TALL) for place in named}
    above = {place: y - (0.8 if low else 1.2) * LINE for place, y in wanted.items()}
    wide, narrow = _heights(drawing, wanted, texts), _heights(drawing, above, inside)
    for place, role in enumerate(roles):
        x, height = ends[place]
        row: dict[str, object] = {
            "n": role.band.number,
            "role": role.kind,
            "x": min(x, longest),
            "height": height,
        }
        if place in wide:
            row |= {"beside": "\n".join(texts[place]), "inside": "\n".join(inside[place])}
            row |= {"y_wide": wide[place], "y_narrow": narrow[place]}
        elif not (low and named):
            row |= _lost(role, x, longest)
        yield row


def _lost(role: Role, x: float, longest: float) -> Piece:
    return {"lost": " ".join(role.words), "early": _early(x, longest)} if role.words[0] else {}


def longest_of(drawing: Drawing) -> float:
    """Where the horizontal axis ends."""
    scale = horizontal(drawing, ITERATIONS)["scale"]
    assert isinstance(scale, dict)
    return float(scale["domain"][1])


def _early(x: float, longest: float) -> bool:
    """Whether there is room for words at the right of it."""
    return math.log1p(x) < 0.55 * math.log1p(longest) if longest > SHORT else x < 0.55 * longest


def _heights(
    drawing: Drawing, wanted: Mapping[int, float], texts: Mapping[int, Sequence[str]]
) -> dict[int, float]:
    """Where on the axis texts stand, each as near to where it is wanted as the others let it."""
    axis, tall = drawing.axis, LOW if drawing.subject.several else TALL
    placed = _apart(wanted, {place: len(text) * LINE for place, text in texts.items()}, tall)
    return {place: _height(axis, pixel, tall) for place, pixel in placed.items()}


def end_of(role: Role, axis: Scale) -> tuple[float, float]:
    if role.kind == "failed":
        x, height = axis.exit(role.band)
        return float(f"{x:.6g}"), min(height, BEYOND)
    return role.band.iteration[-1], min(max(role.band.median[-1], axis.bottom), axis.top)


def _wrapped(words: tuple[str, str], width: int, most: int) -> list[str]:
    """A name in lines of so many signs, its middle left out where it is long; beneath what became of it."""
    name, what = words
    room = width * most
    if len(name) > room:
        name = f"{name[: room // 2 - 1]}…{name[-(room // 2 - 1) :]}"
    return [*textwrap.wrap(name, width, break_long_words=True)[: most + 1], what]


def _pixel(axis: Scale, height: float, tall: float) -> float:
    """How far below the top a height is."""
    if axis.top == axis.bottom:
        return tall / 2
    if axis.log:
        return tall * math.log(axis.top / height) / math.log(axis.top / axis.bottom)
    return tall * (axis.top - height) / (axis.top - axis.bottom)


def _height(axis: Scale, pixel: float, tall: float) -> float:
    """The height that is so far below the top."""
    share = pixel / tall
    if axis.log:
        return axis.top * math.exp(-share * math.log(axis.top / axis.bottom))
    return axis.top - share * (axis.top - axis.bottom)


def _apart(wanted: Mapping[int, float], sizes: Mapping[int, float], tall: float) -> dict[int, float]:
    """Middles of blocks, near to where they are wanted and none over another: from the top down, then up."""
    order = sorted(wanted, key=lambda one: wanted[one])
    placed: dict[int, float] = {}
    free = 0.0
    for one in order:
        placed[one] = max(wanted[one], free + sizes[one] / 2)
        free = placed[one] + sizes[one] / 2
    free = tall
    for one in reversed(order):
        placed[one] = min(placed[one], free - sizes[one] / 2)
        free = placed[one] - sizes[one] / 2
    return placed
