"""Write docs/reference/ from the code: every choice with its formula, every column, every verb.

`python docs/site/reference.py`, before the site is built. The pages are not kept: none can lag behind the code.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import gdbench
from gdbench.cli import cli
from gdbench.door.chart import Chart
from gdbench.door.looking import Card, Compared, Planned, Table
from gdbench.door.minimizing import Minimized
from gdbench.door.plots import Plot
from gdbench.door.tracing import Traced
from gdbench.plugins.choices import REGISTRIES
from gdbench.record.columns import (
    PARAMETER_COLUMNS,
    PARAMETER_KEY,
    Column,
    curves_columns,
    settings_columns,
)
from gdbench.record.fields import PROBLEMS, runs_columns

if TYPE_CHECKING:
    from gdbench.descent.registry import Entry, Registry

#: Names of `gdbench` that register a choice.
_DECORATORS = [registry.kind.replace(" ", "_") for registry in REGISTRIES if registry.kind != "kernel"]
_DECORATORS.remove("batch_size")

#: What functions of `gdbench` give.
_GIVEN = (
    ("study.plot", Plot),
    ("A chart of study.plot", Chart),
    ("What gdbench.plan gives", Planned),
    ("What gdbench.inspect gives, for each problem", Card),
    ("What gdbench.inspect gives of a table", Table),
    ("What gdbench.compare gives", Compared),
    ("What gdbench.minimize gives", Minimized),
    ("What gdbench.trace gives", Traced),
)

_INDEX = """# Reference

All of this is written from the code itself; `gdbench list` prints the choices in the terminal.

| what | choices |
|---|---|
"""


def _pages() -> Iterator[tuple[str, str]]:
    rows = "".join(
        f"| [{_title(r)}]({_slug(r)}.md) | {', '.join(f'`{e.name}`' for e in r)} |\n" for r in REGISTRIES
    )
    more = (
        "\nAlso: [every column of the tables](columns.md), [the command line](command-line.md), "
        "[Python](python.md).\n"
    )
    yield "index.md", _INDEX + rows + more
    for registry in REGISTRIES:
        yield f"{_slug(registry)}.md", _choices(registry)
    yield "columns.md", _columns()
    yield "command-line.md", _commands()
    yield "python.md", _python()


def _slug(registry: Registry) -> str:
    return registry.plural.replace("_", "-")


def _title(registry: Registry) -> str:
    return registry.plural.replace("_", " ").capitalize()


def _choices(registry: Registry) -> str:
    return "\n\n".join([f"# {_title(registry)}", *(_choice(entry) for entry in registry)]) + "\n"


def _choice(entry: Entry) -> str:
    """The docstring as it stands: formulas line up only as they were written."""
    given = ", ".join(p.name if p.required else f"{p.name}: {_value(p.default)}" for p in entry.parameters)
    parts = [f"## {entry.name}", f"```text\n{inspect.getdoc(entry.function) or ''}\n```"]
    if entry.parameters:
        parts += [
            f"In a config: `{{{entry.name}: {{{given}}}}}`",
            "| parameter | must be | default |\n|---|---|---|",
        ]
        rows = (
            f"| `{p.name}` | {p.domain.expected} | {'*required*' if p.required else f'`{_value(p.default)}`'} |"
            for p in entry.parameters
        )
        parts[-1] += "\n" + "\n".join(rows)
    return "\n\n".join(parts)


def _value(default: object) -> str:
    """As YAML writes it."""
    if isinstance(default, tuple):
        return f"[{', '.join(map(_value, default))}]"
    constants = {True: "true", False: "false", None: "null"}
    return constants[default] if default is None or isinstance(default, bool) else str(default)


def _columns() -> str:
    axes, measured = {"learning_rate": True}, ["cost", "test/r2", "test/accuracy"]
    tables: Sequence[tuple[str, Sequence[Column]]] = (
        ("Runs", runs_columns(axes, ["0.0001"], ["cost_change(1e-06)"], audited=True, measured=measured)),
        ("Curves", curves_columns(["test_cost"])),
        ("Problems", PROBLEMS),
        ("Learned parameters", [PARAMETER_KEY, *PARAMETER_COLUMNS]),
        ("Settings", settings_columns(["learning_rate"], ["0.0001"])),
    )
    parts = ["# Columns", "Of the frames, of the exported files, and of the report's tables."]
    for title, columns in tables:
        rows = "\n".join(f"| `{c.name}` | {c.dtype} | {c.unit} | {c.meaning} |" for c in columns)
        parts.append(f"## {title}\n\n| column | type | unit | meaning |\n|---|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def _commands() -> str:
    parts = ["# The command line"]
    root = click.Context(cli, info_name="gdbench", max_content_width=100, terminal_width=100)
    parts.append(f"```text\n{cli.get_help(root)}\n```")
    parts += [f"## gdbench {path}\n\n```text\n{text}\n```" for path, text in _helps(cli, root, "")]
    return "\n\n".join(parts) + "\n"


def _python() -> str:
    """What `import gdbench` offers, and what the objects that it gives have to offer."""
    parts = ["# Python", "What `import gdbench` offers. [How to](../howto/notebook.md) use it."]
    for name in gdbench.__all__:
        offered = getattr(gdbench, name)
        if name in _DECORATORS:
            continue
        if inspect.isclass(offered):
            parts.append(_class(f"gdbench.{name}", offered))
        else:
            told = f"gdbench.{name}{inspect.signature(offered)}\n\n{inspect.getdoc(offered) or ''}"
            parts.append(f"## gdbench.{name}\n\n```text\n{told}\n```")
    parts += [_class(title, kind) for title, kind in _GIVEN]
    listed = ", ".join(f"`@gdbench.{name}`" for name in _DECORATORS)
    parts.append(
        "## Decorators\n\n"
        f"{listed} register a choice of their kind, in a notebook's cell, a script or a "
        "[plug-in](../plugins.md), which says what each is made of."
    )
    return "\n\n".join(parts) + "\n"


def _class(title: str, kind: type) -> str:
    """Its docstring, and each public member's first paragraph."""
    lines = [inspect.getdoc(kind) or "", ""]
    for name, member in vars(kind).items():
        told = inspect.getdoc(member)
        if name.startswith("_") or not told or not (callable(member) or hasattr(member, "__get__")):
            continue
        call = str(inspect.signature(member)) if inspect.isfunction(member) else ""
        lines += [f".{name}{call}", *(f"    {line}" for line in told.splitlines())]
    text = "\n".join(lines).strip()
    return f"## {title}\n\n```text\n{text}\n```"


def _helps(group: click.Group, above: click.Context, path: str) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(above):
        command = group.get_command(above, name)
        if command is None:
            continue
        context = click.Context(
            command, info_name=name, parent=above, max_content_width=100, terminal_width=100
        )
        yield f"{path}{name}", command.get_help(context)
        if isinstance(command, click.Group):
            yield from _helps(command, context, f"{path}{name} ")


def write(folder: Path) -> None:
    """All pages, in place of those that are there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in _pages():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "reference")
