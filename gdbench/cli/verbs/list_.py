"""gdbench list: the choices that a config can make, from the registries themselves."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gdbench.cli.completing import kinds
from gdbench.cli.completing import plugins as plugin_files
from gdbench.descent.errors import UnknownName

if TYPE_CHECKING:
    from gdbench.descent.registry import Entry, Parameter, Registry

DATA = "data"


@click.command("list", epilog="Example: gdbench list costs")
@click.argument("kind", required=False, shell_complete=kinds)
@click.option("--json", "as_json", is_flag=True, help="The same with all that is documented, for a program.")
@click.option(
    "--plugin",
    "plugins",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    shell_complete=plugin_files,
    help="A plug-in file whose choices are listed as well; repeatable.",
)
def command(kind: str | None, as_json: bool, plugins: tuple[Path, ...]) -> None:  # noqa: FBT001  click's flag
    """Name the choices of one KIND (costs, models, …, data), or of all, with formulas and parameters."""
    from gdbench.plugins.choices import REGISTRIES  # noqa: PLC0415  not for --help
    from gdbench.plugins.loading import load_file  # noqa: PLC0415
    from gdbench.plugins.packages import load_installed  # noqa: PLC0415

    load_installed()
    for path in plugins:
        load_file(path)
    by_plural = {registry.plural: registry for registry in REGISTRIES}
    known = [DATA, *by_plural]
    if kind is not None and kind not in known:
        raise UnknownName("kind of choice", kind, known)
    wanted = [kind] if kind else known
    if as_json:
        found = {name: _data() if name == DATA else _plain(by_plural[name]) for name in wanted}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _tell([(name, _rows(by_plural.get(name))) for name in wanted], headed=kind is None)


# --- for people

_Row = tuple[str, str, str]


def _rows(registry: Registry[object] | None) -> list[_Row]:
    """(name, what it is, its parameters)"""
    if registry is None:
        return [(row["name"], row["summary"], "") for row in _data()]
    return [(entry.name, entry.summary, " · ".join(map(_said, entry.parameters))) for entry in registry]


def _said(parameter: Parameter) -> str:
    default = "" if parameter.required else f" = {_value(parameter.default)}"
    return f"{parameter.name}{default}"


def _value(value: Any) -> str:
    from gdbench.config.wording import label  # noqa: PLC0415  not for --help

    return label(value)


def _tell(sections: Sequence[tuple[str, Sequence[_Row]]], *, headed: bool) -> None:
    from rich.table import Table  # noqa: PLC0415  not for --help
    from rich.text import Text  # noqa: PLC0415

    from gdbench.cli.consoles import output, print_table  # noqa: PLC0415

    out = output()
    for name, rows in sections:
        if headed:
            out.print(Text(f"{name}:", "bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for choice, summary, parameters in rows:
            told = Text(summary)
            if parameters:
                told.append(f"\n{parameters}", "dim")
            table.add_row(Text(f"  {choice}", "cyan"), told)
        print_table(out, table)


# --- for programs


def _plain(registry: Registry[object]) -> list[dict[str, Any]]:
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


def _parameter(parameter: Parameter) -> dict[str, Any]:
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
    from gdbench.plugins.loading import plugin_of  # noqa: PLC0415  not for --help

    plugin = plugin_of(entry.kind, entry.name)
    return plugin.origin if plugin else None


def _data() -> list[dict[str, Any]]:
    """The sets that `dataset:` names."""
    from gdbench.data.bundled import SCIKIT_LEARN  # noqa: PLC0415  not for --help
    from gdbench.data.nist import NIST  # noqa: PLC0415

    own = [{"name": name, "summary": known.summary} for name, known in SCIKIT_LEARN.items()]
    nist = [
        {"name": name, "summary": f"NIST, {known.difficulty} difficulty: {len(known.y)} rows"}
        for name, known in NIST.items()
    ]
    return own + nist
