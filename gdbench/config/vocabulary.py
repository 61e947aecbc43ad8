"""The domains of a config's own settings, in addition to those that components use."""

from __future__ import annotations

import re

from gdbench.config.outside import visible
from gdbench.descent.domains import Domain, above_one, one_of, positive, within

_FOLDER_NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"
_LARGEST_SEED = 2**63 - 1  # what a column of 64-bit integers holds


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _line(value: object) -> str:
    read = _text(value)
    if not read or visible(read) != read or "\n" in read or "\t" in read:
        raise ValueError
    return read


#: What stands in the folder of results besides experiments: MLflow's database with what belongs to it, and the
#: artifacts. A name that begins like a file of the first is none for an experiment either.
_OURS = ("mlflow.db", "artifacts")

#: Devices of Windows, which are no folders there, whatever follows a dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def misnamed(name: str) -> str:
    """Why an experiment may not be called so, with a name that it may have; "" where it may."""
    if not re.fullmatch(_FOLDER_NAME, name):
        return f"expected {folder_name.expected}."
    low = name.casefold()
    if name.startswith("-"):
        why, better = "a command would take it for an option", name.lstrip("-")
    elif name.endswith("."):
        why, better = "Windows drops the dot at the end", name.rstrip(".")
    elif low.partition(".")[0] in _DEVICES:
        why, better = "Windows keeps the name for a device", f"study_{name}"
    elif low.startswith(_OURS[0]) or low == _OURS[1]:
        why, better = "gdbench keeps something else by that name among the results", f"study_{name}"
    else:
        return ""
    return f"{why}. Try {better if better and not misnamed(better) else 'study'}."


def _folder_name(value: object) -> str:
    read = _text(value)
    if not re.fullmatch(_FOLDER_NAME, read):
        raise ValueError
    return read


def experiment_name(value: object) -> str:
    """A domain's reading, with a suggestion where the name is well formed and will not do all the same."""
    read = folder_name(value)
    wrong = misnamed(read)
    if wrong:
        raise ValueError(f"cannot be {read!r}: {wrong}")
    return read


def _two_labels(value: object) -> list[str | int]:
    if not isinstance(value, list) or len(value) != 2 or value[0] == value[1]:
        raise ValueError
    if any(isinstance(label, bool) or not isinstance(label, (str, int)) for label in value):
        raise TypeError
    return value


_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(rf"([0-9]+(?:\.[0-9]+)?) ?({'|'.join(_UNITS)})")


def _seconds(value: object) -> float:
    if isinstance(value, str):
        found = _SPAN.fullmatch(value.strip())
        if not found:
            raise ValueError
        value = float(found[1]) * _UNITS[found[2]]
    return positive.read(value)


def _tags(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
        raise TypeError
    return {key: str(item).lower() if isinstance(item, bool) else str(item) for key, item in value.items()}


#: Credentials before a host: s3://key:secret@bucket. A config is stored and shown; they belong elsewhere.
_CREDENTIALS = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*@"


def _artifact_root(value: object) -> str:
    root = _line(value)
    if re.match(_CREDENTIALS, root):
        raise ValueError
    return root


def _registered(value: object) -> str:
    name = _line(value)
    if set("/:") & set(name) or name.strip(". ") != name:
        raise ValueError
    return name


FORMATS = ("html", "md", "csv")


def _formats(value: object) -> list[str]:
    wanted = value if isinstance(value, list) else [value]
    if not wanted or any(item not in FORMATS for item in wanted):
        raise ValueError
    return list(dict.fromkeys(wanted))


text = Domain("text (in quotes, if it looks like something else)", {"type": "string"}, _text)
line = Domain(
    "a name as text (in quotes, if it looks like something else; no control characters)",
    {"type": "string", "minLength": 1},
    _line,
)
folder_name = Domain(
    "1 to 100 letters, digits, '-', '_' or '.' (it names a folder, so no dot in front)",
    {"type": "string", "pattern": f"^{_FOLDER_NAME}$"},
    _folder_name,
)
address = Domain(
    "the name of an axis of the grid, such as optimizer, or of a parameter on it, such as optimizer.beta",
    {"type": "string", "pattern": "^[a-z_]+(\\.[A-Za-z_][A-Za-z0-9_]*)?$"},
    _line,
)
repeats = within(1, 10_000)
sampled = within(1, 100_000)
seed = within(0, _LARGEST_SEED)
multiple = Domain("a finite number above 1", above_one.schema, above_one.read)
two_labels = Domain(
    "a list of two different class labels, each text or a whole number",
    {
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "minItems": 2,
        "maxItems": 2,
        "uniqueItems": True,
    },
    _two_labels,
)
duration = Domain(
    "seconds above 0, such as 90, or a text such as '2 min' (units: ms, s, min, h, d)",
    {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": f"^{_SPAN.pattern}$"}]},
    _seconds,
)
tags = Domain(
    "a mapping of names to texts, such as {team: optics}",
    {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    _tags,
)
points = within(2, 100_000)
models = one_of("best", "all", "none")
registered = Domain(
    "a name as text without '/' and ':'",
    {"type": "string", "minLength": 1, "pattern": "^[^/:]*$"},
    _registered,
)
ranked_by = one_of("targets", "test_cost")
formats = Domain(
    f"a list of {', '.join(FORMATS)}",
    {
        "anyOf": [
            {"enum": list(FORMATS)},
            {"type": "array", "items": {"enum": list(FORMATS)}, "minItems": 1, "uniqueItems": True},
        ]
    },
    _formats,
)
artifact_root = Domain(
    "a folder or an address such as s3://bucket/path, without credentials (they belong in the environment)",
    {"type": "string", "minLength": 1, "not": {"pattern": _CREDENTIALS}},
    _artifact_root,
)
