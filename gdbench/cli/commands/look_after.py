"""The verbs that look after gdbench itself and what extends it: check, doctor, schema, completion."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from gdbench.cli.options import (
    PATH,
    experiment_folders,
    experiments,
    json_option,
    plugin_option,
    results_option,
    tracking_uri_option,
)
from gdbench.cli.options import plugins as plugin_files
from gdbench.cli.streams import put

_CHECK = """Example: gdbench check configs/plugins/pseudo_huber.py

\b
Exit status: 0 nothing is wrong · 1 something is · 2 the file cannot be loaded"""
_DOCTOR = """\b
Example: gdbench doctor
         gdbench doctor lr_sweep

Exit status: 0 nothing is wrong · 1 something is · 2 no experiment has the name"""
_SCHEMA = """\b
Example: gdbench schema > configs/schema.json

The first line of a config then names it, and the editor completes and checks (VS Code: the YAML extension):

\b
# yaml-language-server: $schema=schema.json"""

#: Shell → the file that it reads at its start, and the line that belongs there.
_SHELLS = {
    "bash": ("~/.bashrc", 'eval "$(gdbench completion bash)"'),
    "zsh": ("~/.zshrc", 'eval "$(gdbench completion zsh)"'),
    "fish": ("~/.config/fish/config.fish", "gdbench completion fish | source"),
}
_COMPLETION = "\b\nOne line switches it on for good:\n\n\b\n" + "\n".join(
    f"{shell:<5} {line:<40} in {file}" for shell, (file, line) in _SHELLS.items()
)


@click.command("check", epilog=_CHECK)
@click.argument("file", type=PATH, shell_complete=plugin_files)
@click.option("--steps", is_flag=True, help="Tell how numerical gradients err, step by step.")
@click.option("-o", "--output", type=PATH, help="With --steps: a picture to write, of the first choice (.svg).")
@json_option("Everything found, with its numbers, as JSON.")
def check_command(*, file: Path, steps: bool, output: Path | None, as_json: bool) -> int:
    """Execute FILE, trace each formula in it, compare gradients, find kinks and limits, and time it."""
    from gdbench.cli.verbs.check import check, check_steps  # noqa: PLC0415  not for --help

    if steps or output:
        return check_steps(file, output, as_json=as_json)
    return check(file, as_json=as_json)


@click.command("doctor", epilog=_DOCTOR)
@click.argument("name", required=False, shell_complete=experiments)
@click.option("--mend", is_flag=True, help="Set a damaged store of NAME aside, and keep what is sound of it.")
@json_option("The same, for a program to read.")
@results_option
@tracking_uri_option
def doctor_command(
    *, name: str | None, mend: bool, as_json: bool, results: Path, tracking_uri: str | None
) -> int:
    """Tell versions, interpreters, optional parts, the tracking store, write access and the clock.

    With NAME, look the store of that experiment through instead: the file, the checksum of every row, the plan,
    and whether MLflow has all. Nothing is changed, unless --mend is given; to see whether a folder can be
    written, a file is made there and taken away again.
    """
    if mend and name is None:
        raise click.UsageError("--mend needs the NAME of the experiment whose store is to be mended.")
    folder = None if name is None else experiment_folders(results, [name])[0]
    from gdbench.cli.verbs.doctor import examine  # noqa: PLC0415  not for --help

    return examine(folder, results, tracking_uri, mend=mend, as_json=as_json)


@click.command("schema", epilog=_SCHEMA)
@plugin_option("A plug-in file whose choices are to be known; repeatable.")
def schema_command(plugins: tuple[Path, ...]) -> None:
    """Print the JSON Schema of a config, with every name that it may choose.

    Choices of installed plug-in packages are in it; a plug-in that is a file is named.
    """
    from gdbench.cli.verbs.inspect import show_schema  # noqa: PLC0415  not for --help

    show_schema(plugins)


@click.command("completion", epilog=f"{_COMPLETION}\n\nExample: gdbench completion bash")
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete gdbench's command lines."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root()
    put(kind(root.command, {}, "gdbench", "_GDBENCH_COMPLETE").source())
