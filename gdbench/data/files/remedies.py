"""A refused file: what stands in the way, in words, and the line of config with which it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gdbench.data.columns import Note
from gdbench.data.files import Reading, config_text
from gdbench.data.files.cells import shown
from gdbench.data.files.detection import detect_layout
from gdbench.data.files.judging import (
    TOO_MANY_CATEGORIES,
    Facts,
    Judged,
    facts_of,
    looks_like_totals,
    of_use,
)
from gdbench.data.files.layout import Obstacle
from gdbench.data.files.marks import detect_form, detect_sentinels
from gdbench.data.files.sheets import Content, Sheet, open_sheet
from gdbench.descent.errors import BadParameter

#: Obstacles, and labels of a column, that are told.
_TOLD, _LABELS = 6, 4


class Refusal(BadParameter):
    """A file that cannot be read as it is asked for.

    obstacles: what stands in the way.  settings: what is to be written under `data:` so that it can be read;
    empty where nothing would help.
    """

    def __init__(self, path: Path, obstacles: Sequence[Obstacle], settings: Mapping[str, object]) -> None:
        self.obstacles, self.settings = obstacles, settings
        super().__init__("file", _sentence(path, obstacles, settings))


class Remedy(NamedTuple):
    """How a file could be read, and the features that can, where the config names them."""

    reading: Reading
    features: tuple[str, ...] | None

    def settings(self, asked: Reading, features: Sequence[str] | None) -> dict[str, object]:
        """What to write under `data:` where this was asked for, in config form."""
        same = features is None or self.features == tuple(features)
        return {**asked.changes_to(self.reading), **({} if same else {"features": list(self.features or ())})}


def remedy(path: Path, target: str, features: Sequence[str] | None, reading: Reading) -> Remedy:
    """Settings with which more of a file can be read; raises Obstructed and GdbenchError."""
    found, content = detected(path, reading, target, features)
    facts = [facts_of(content, name) for name in content.columns if name != target]
    hopeless = [one.name for one in facts if _is_hopeless(one, content.sheet, reading)]
    kept = [one for one in facts if one.name not in hopeless]
    found = _treated(found, kept, gaps=content.numbers(target).gaps)
    if features is not None:
        return Remedy(found, tuple(name for name in features if name not in hopeless))
    return Remedy(replace(found, drop=(*found.drop, *hopeless)), None)


def _treated(reading: Reading, kept: Sequence[Facts], gaps: int) -> Reading:
    """What becomes of text and gaps, where nothing is said of them. gaps: of the target."""
    if reading.categories == "refuse" and any(one.kind == "text" for one in kept):
        reading = replace(reading, categories="one_hot")
    if reading.missing == "refuse" and any(one.gaps for one in kept):
        return replace(reading, missing="median")
    return replace(reading, missing="drop") if gaps and reading.missing == "refuse" else reading


def detected(
    path: Path, reading: Reading, target: str, features: Sequence[str] | None = None
) -> tuple[Reading, Content]:
    """The layout and the marks of a file, and its columns read so: those that are wanted, or all."""
    found, sheet = _laid_out(path, reading, target, features)
    mentioned = {*found.drop, *(found.columns or ()), *(features or ()), target}
    found = replace(found, drop=(*found.drop, *(name for name in sheet.repeated if name not in mentioned)))
    if looks_like_totals(sheet):
        found = replace(found, skip_last=1)
    chosen = (*(features or found.columns or sheet.names), *filter(None, [target]))
    names = [name for name in dict.fromkeys(chosen) if name not in found.drop]
    content = open_sheet(path, found).read(names)
    for better in (detect_form, detect_sentinels):
        before, found = found, better(content, found)
        content = content if found == before else open_sheet(path, found).read(names)
    return found, content


def _laid_out(
    path: Path, reading: Reading, target: str, features: Sequence[str] | None
) -> tuple[Reading, Sheet]:
    """The layout of a file, its target among the names."""
    found = detect_layout(path, reading)
    sheet = open_sheet(path, found)
    if not target or target in sheet.names:
        return found, sheet
    if found.header or found.names is not None:
        raise BadParameter("target", f"{path}: no column is called '{target}'.")
    found = replace(found, names=_names(sheet, target, features))
    return found, open_sheet(path, found)


def _names(sheet: Sheet, target: str, features: Sequence[str] | None) -> tuple[str, ...]:
    """Names for the columns of a file that has none, among them those that the config speaks of."""
    if features is not None and len(features) == len(sheet.names) - 1:
        return (*features, target)
    return (*sheet.names[:-1], target)


def _is_hopeless(facts: Facts, sheet: Sheet, reading: Reading) -> bool:
    """Whether a feature cannot be read, or not to any use."""
    if facts.name in sheet.nameless and reading.columns is None:
        return facts.kind != "empty"
    if facts.kind == "text" and reading.categories == "one_hot":
        return facts.distinct > TOO_MANY_CATEGORIES and 2 * facts.distinct > facts.rows
    if facts.kind == "text" and reading.categories == "drop":
        return False
    return facts.kind in ("date", "empty", "mixed") or (facts.kind == "text" and not of_use(facts))


# --- in words


def _sentence(path: Path, obstacles: Sequence[Obstacle], settings: Mapping[str, object]) -> str:
    said = [_obstacle(one) for one in obstacles[:_TOLD]]
    if len(obstacles) > _TOLD:
        said.append(f"and {len(obstacles) - _TOLD} columns more")
    what = "; ".join(said)
    if not settings:
        return f"{path}: {what}. {_BY_HAND.get(obstacles[0].kind, 'Correct it, or leave the column out.')}"
    return f"{path}: {what}. This reads it, under 'data:': `{config_text(settings)}`"


def _obstacle(one: Obstacle) -> str:
    """What stands in the way, and where."""
    more = f" and {one.more} more" if one.more else ""
    column, text = shown(one.column), shown(one.text)
    cell = f"{text} in row {one.row} of {column}{more}"
    return {
        "number": f"{cell} {'are no numbers' if more else 'is no number'}",
        "text": f"{cell} {'are' if more else 'is'} text",
        "words": f"{cell} are too many different texts for categories",
        "date": f"{cell} {'are dates' if more else 'is a date'}",
        "date_target": f"{cell}: a date cannot be predicted",
        "gap": f"no value{f' ({text})' if one.text else ''} in row {one.row} of {column}{more}",
        "empty": f"{column} holds no value at all",
        "empty_target": f"the target {column} holds no value at all",
        "nameless": f"{column} has no name in row 1 (pandas leaves its index out with to_csv(…, index=False))",
        "repeated": f"two columns are called {text}; the second is read as {column}",
        "no_target": f"no column is called {column} in row 1",
        "header": f"row 1 holds values and no names ({text})",
        "one_column": f"row 1 is a single column, {text}",
        "ragged": f"row {one.row} holds {one.text}",
        "quote": f"row {one.row} is not well-formed ({one.text})",
        "encoding": f"row {one.row}: {one.text}",
        "totals": f"row {one.row} looks like totals ({text})",
    }[one.kind]


_BY_HAND = {
    "quote": "Look for a stray quote.",
    "ragged": "Add or remove values, or quote those that hold a separator.",
    "date_target": "Choose another target.",
    "empty_target": "Choose another target.",
    "encoding": "Save the file as UTF-8, or name its 'encoding:'.",
    "one_column": 'Name what separates the columns, as in separator: ";"',
    "number": "Correct it or remove the row.",
}


def told(note: Note) -> str:
    """What was done on the way, as a sentence without its end."""
    column, text = shown(note.column), shown(note.text)
    rows = "1 row" if note.times == 1 else f"{note.times} rows"
    have, are = ("has", "is") if note.times == 1 else ("have", "are")
    return {
        "unit": f"{text} is left off the numbers of {column}",
        "nameless": f"{column} has neither a name nor a value, and is left out",
        "empty_rows": f"{rows} of nothing but separators {are} left out",
        "rows": f"{rows} that {have} a gap {are} left out (missing: drop)",
        "target_rows": f"{rows} that {have} no target {are} left out",
        "text": f"{column} holds text ({text}) and is left out (categories: drop)",
        "sentinel": f"{note.text} in {column} is far from all else; if it means 'no value', "
        f"write {config_text({'missing_values': [note.text]})}",
        "unseen": f"{text} in {column} is in no training row: {rows} that {have} it count as the first label",
        "title": f"the names in row 1 look like values ({text}); if they are, write header: false",
    }[note.kind]


def reason(one: Judged) -> str:
    """Why a column is left out."""
    facts = one.facts
    return {
        "id": f"an ID, it only tells rows apart ({facts.distinct} different values in {facts.rows} rows)",
        "constant": f"it is the same in every row ({next(iter(facts.labels), f'{facts.low:g}')})",
        "date": "a model needs numbers",
        "words": f"free text or names ({facts.distinct} different values in {facts.rows} rows)",
        "empty": "it holds no value",
        "mixed": "numbers and texts mixed",
        "target": "a copy of the target",
        "leak": "it gives the target exactly: a leak",
        "copy": f"it says the same as {one.other}",
    }[one.reason]


def holds(facts: Facts) -> str:
    """What a column holds, short: 'numbers 1 to 5, 3 gaps', 'text: Ames 4, Boone 2, Nevada 2'."""
    gaps = f", {facts.gaps} gap{'s' if facts.gaps > 1 else ''}" if facts.gaps else ""
    if facts.kind == "number":
        unit = f" {facts.unit}" if facts.unit else ""
        return f"numbers {facts.low:g} to {facts.high:g}{unit}{gaps}"
    if facts.kind == "text":
        counted = sorted(facts.labels.items(), key=lambda item: (-item[1], item[0]))
        few = ", ".join(f"{shown(label)[1:-1]} {count}" for label, count in counted[:_LABELS])
        return f"text: {few}{', …' if len(counted) > _LABELS else ''}{gaps}"
    return {"date": "dates or times", "empty": "nothing", "mixed": "numbers and texts"}[facts.kind] + gaps
