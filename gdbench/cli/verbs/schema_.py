"""gdbench schema: the config language for editors."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.completing import plugins as plugin_files

_EPILOG = """\b
Example: gdbench schema > configs/schema.json

The first line of a config then names it, and the editor completes and checks (VS Code: the YAML extension):

\b
# yaml-language-server: $schema=schema.json"""


@click.command("schema", epilog=_EPILOG)
@click.option(
    "--plugin",
    "plugins",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    shell_complete=plugin_files,
    help="A plug-in file whose choices are to be known; repeatable.",
)
def command(plugins: tuple[Path, ...]) -> None:
    """Print the JSON Schema of a config, with every name that it may choose.

    Choices of installed plug-in packages are in it; a plug-in that is a file is named.
    """
    from gdbench.config.json_schema import config_schema, text_of  # noqa: PLC0415  not for --help
    from gdbench.plugins.loading import load_file  # noqa: PLC0415
    from gdbench.plugins.packages import load_installed  # noqa: PLC0415

    load_installed()
    for path in plugins:
        load_file(path)
    click.echo(text_of(config_schema()), nl=False)
