"""gdbench list: the choices that a config can make, from the registries themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from rich.table import Table
from rich.text import Text

from gdbench.cli.consoles import Output
from gdbench.cli.streams import put_json
from gdbench.config.examples import examples
from gdbench.config.wording import label
from gdbench.data.bundled import SCIKIT_LEARN
from gdbench.data.nist import NIST
from gdbench.descent.errors import UnknownName
from gdbench.descent.registry import Entry, Parameter, Registry
from gdbench.descent.synthetic import GENERATORS
from gdbench.plugins.choices import BY_AXIS, REGISTRIES
from gdbench.plugins.installed import load_installed
from gdbench.plugins.loading import load_file, plugin_of
from gdbench.report.page.fitted import Fitted, FittedColumn

DATA, EXAMPLES = "data", "examples"


def show_choices(kind: str | None, plugins: Sequence[Path], *, as_json: bool) -> None:
    """The choices of one kind, or of all."""
    load_installed()
    for path in plugins:
        load_file(path)
    by_plural = {registry.plural: registry for registry in REGISTRIES}
    known = [DATA, EXAMPLES, *by_plural]
    if kind is not None and kind not in known:
        also = {registry.plural: (registry.kind, *registry.also) for registry in REGISTRIES}
        raise UnknownName("kind of choice", kind, known, also=also)
    wanted = [kind] if kind else known
    if as_json:
        put_json({name: _plain(by_plural[name]) if name in by_plural else _named(name) for name in wanted})
    else:
        rows = {name: _rows(by_plural[name]) if name in by_plural else _rows_of(name) for name in wanted}
        _print(list(rows.items()), headed=kind is None)


# --- for people

_Row = tuple[str, str, str]


def _rows(registry: Registry[object]) -> list[_Row]:
    """(name, what it is, its parameters)"""
    return [(entry.name, entry.summary, " · ".join(map(_with_default, entry.parameters))) for entry in registry]


def _rows_of(kind: str) -> list[_Row]:
    return [(row["name"], row["summary"], "") for row in _named(kind)]


def _with_default(parameter: Parameter) -> str:
    default = "" if parameter.required else f" = {label(parameter.default)}"
    return f"{parameter.name}{default}"


def _print(sections: Sequence[tuple[str, Sequence[_Row]]], *, headed: bool) -> None:
    out = Output()
    if headed:
        out.table(_kinds(sections))
        out.line("")
    for name, rows in sections:
        if headed:
            out.print(Text(f"{name}:", "bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for choice, summary, parameters in rows:
            described = Text(summary)
            if parameters:
                described.append(f"\n{parameters}", "dim")
            table.add_row(Text(f"  {choice}", "cyan"), described)
        out.table(table)


def _kinds(sections: Sequence[tuple[str, Sequence[_Row]]]) -> Fitted:
    """What kinds there are, how many choices each has, and where in a config they stand."""
    axes = {registry.plural: f"grid: {axis}" for axis, registry in BY_AXIS.items()}
    places = {
        DATA: "data: dataset",
        EXAMPLES: "gdbench new --example",
        GENERATORS.plural: "data: synthetic",
        **axes,
    }
    columns = [
        FittedColumn("kind (gdbench list KIND)", style="cyan"),
        FittedColumn("choices", number=True),
        FittedColumn("chosen under"),
    ]
    rows = [[name, str(len(rows)), places[name]] for name, rows in sections]
    return Fitted(columns, rows, gap=2)


# --- for programs


def _plain(registry: Registry[object]) -> list[dict[str, object]]:
    return [
        {
            "name": entry.name,
            "summary": entry.summary,
            "description": inspect.getdoc(entry.function) or "",
            "parameters": [_parameter(parameter) for parameter in entry.parameters],
            "plugin": _origin(entry),
        }
        for entry in registry
    ]


def _parameter(parameter: Parameter) -> dict[str, object]:
    default = {} if parameter.required else {"default": parameter.default}
    return {
        "name": parameter.name,
        "expected": parameter.domain.expected,
        "required": parameter.required,
        **default,
        "schema": dict(parameter.domain.schema),
    }


def _origin(entry: Entry[object]) -> str | None:
    """Where a plug-in's choice comes from; null for gdbench's own."""
    plugin = plugin_of(entry.kind, entry.name)
    return plugin.origin if plugin else None


def _named(kind: str) -> list[dict[str, str]]:
    """What has a name and no parameters."""
    return _data() if kind == DATA else _examples()


def _examples() -> list[dict[str, str]]:
    """Configs and runner profiles that come with gdbench, each with the sentence that it begins with."""
    return [{"name": name, "summary": _first_sentence(path)} for name, path in examples().items()]


def _first_sentence(path: Path) -> str:
    """Of the comment at a file's head."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = " ".join(line.lstrip("# ") for line in takewhile(lambda line: line.startswith("#"), lines))
    return re.split(r"(?<=[.?]) ", comment, maxsplit=1)[0]


def _data() -> list[dict[str, str]]:
    """The sets that `dataset:` names."""
    own = [{"name": name, "summary": known.summary} for name, known in SCIKIT_LEARN.items()]
    nist = [
        {"name": name, "summary": f"NIST, {known.difficulty} difficulty: {len(known.y)} rows"}
        for name, known in NIST.items()
    ]
    return own + nist
