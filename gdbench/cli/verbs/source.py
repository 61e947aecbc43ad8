"""gdbench show: the source of a compiled kernel, or of a choice's definition, to read and to learn from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.syntax import Syntax

from gdbench.planning.kernel_sources import definitions, kernels_of_choices, kernels_of_config
from gdbench.plugins.loading import load_file


def show_kernels(
    config: Path | None, given: Mapping[str, str], features: int, classes: int, plugins: Sequence[Path]
) -> None:
    """The Python that minimises each problem of a config, or the one that the choices describe."""
    for path in plugins:
        load_file(path)
    _print(kernels_of_config(config) if config else kernels_of_choices(given, features, classes))


def show_definitions(name: str, plugins: Sequence[Path]) -> None:
    """The definition of each choice of this name."""
    for path in plugins:
        load_file(path)
    _print(definitions(name))


def _print(sources: Iterable[str]) -> None:
    """In colours on a terminal, as plain text into a pipe or file."""
    for number, source in enumerate(sources):
        if number:
            click.echo()
        if sys.stdout.isatty():
            Console().print(
                Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)
            )
        else:
            click.echo(source.rstrip("\n"))
