"""gdbench schema: the config language for editors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gdbench.config.json_schema import config_schema, text_of
from gdbench.plugins.installed import load_installed
from gdbench.plugins.loading import load_file


def show_schema(plugins: Sequence[Path]) -> None:
    """The JSON Schema of a config, with every name that it may choose."""
    load_installed()
    for path in plugins:
        load_file(path)
    click.echo(text_of(config_schema()), nl=False)
