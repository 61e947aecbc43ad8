"""gdbench show: the source of a compiled kernel, or of a choice's definition, to read and to learn from."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from gdbench.cli.completing import choices, configs
from gdbench.descent.errors import GdbenchError


@click.group("show", epilog="Example: gdbench show kernel --model linear --cost huber --features 2")
def command() -> None:
    """Print source that teaches: the function that gdbench compiled, or the definition it came from."""


@command.command("kernel", epilog="Example: gdbench show kernel configs/lr_sweep.yaml")
@click.argument("config", type=click.Path(path_type=Path), required=False, shell_complete=configs)
@click.option("--model", metavar="CHOICE", help="As linear, or '{mlp: {hidden: [3]}}'.")
@click.option("--cost", metavar="CHOICE", help="As huber, or '{huber: {delta: 2}}'.")
@click.option("--penalty", metavar="CHOICE", help="As '{l2: 0.1}'.")
@click.option("--surface", metavar="CHOICE", help="As rosenbrock; it needs no model or cost.")
@click.option("--features", type=click.IntRange(1, 200), default=2, show_default=True)
@click.option(
    "--classes", type=click.IntRange(2, 50), default=3, show_default=True, help="For costs over classes."
)
@click.option("--plugin", "plugins", type=click.Path(path_type=Path), multiple=True, help="A plug-in file.")
def kernel(
    config: Path | None,
    model: str | None,
    cost: str | None,
    penalty: str | None,
    surface: str | None,
    features: int,
    classes: int,
    plugins: tuple[Path, ...],
) -> None:
    """Print the Python that minimises each problem of CONFIG, or the one that the options describe."""
    from gdbench.planning.kernel_sources import kernels_of_choices, kernels_of_config  # noqa: PLC0415
    from gdbench.plugins.loading import load_file  # noqa: PLC0415  not for --help

    for path in plugins:
        load_file(path)
    chosen = {"model": model, "cost": cost, "penalty": penalty, "surface": surface}
    given = {axis: value for axis, value in chosen.items() if value is not None}
    if config is not None and given:
        raise GdbenchError(
            f"a config says what is minimised: give {config}, or --{next(iter(given))}, not both."
        )
    _print(kernels_of_config(config) if config else kernels_of_choices(given, features, classes))


@command.command("definition", epilog="Example: gdbench show definition huber")
@click.argument("name", shell_complete=choices)
@click.option("--plugin", "plugins", type=click.Path(path_type=Path), multiple=True, help="A plug-in file.")
def definition(name: str, plugins: tuple[Path, ...]) -> None:
    """Print the definition of each choice called NAME, of whatever kind, as it was written."""
    from gdbench.planning.kernel_sources import definitions  # noqa: PLC0415
    from gdbench.plugins.loading import load_file  # noqa: PLC0415  not for --help

    for path in plugins:
        load_file(path)
    _print(definitions(name))


def _print(sources: Iterable[str]) -> None:
    """In colours on a terminal, as plain text into a pipe or file."""
    for number, source in enumerate(sources):
        if number:
            click.echo()
        if sys.stdout.isatty():
            from rich.console import Console  # noqa: PLC0415  only where it is seen
            from rich.syntax import Syntax  # noqa: PLC0415

            Console().print(
                Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)
            )
        else:
            click.echo(source.rstrip("\n"))
