"""Options that several verbs share, so that one wish has one name everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from gdbench.cli.completing import configs, experiments, plugins

PATH = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)

config_argument = click.argument("config", type=PATH, shell_complete=configs)

results_option = click.option(
    "--results",
    type=FOLDER,
    default=Path("results"),
    envvar="GDBENCH_RESULTS",
    show_default=True,
    help="Folder of the stores, mlflow.db and reports (or GDBENCH_RESULTS).",
)

tracking_uri_option = click.option(
    "--tracking-uri",
    metavar="URI",
    help="MLflow server or database (default: MLFLOW_TRACKING_URI, else <results>/mlflow.db).",
)

workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Number of workers (default: as the profile says)."
)


def json_option(help_line: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option("--json", "as_json", is_flag=True, help=help_line)


def set_option(
    help_line: str, metavar: str = "KEY=VALUE"
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option("--set", "overrides", multiple=True, metavar=metavar, help=help_line)


def plugin_option(help_line: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(
        "--plugin",
        "plugins",
        type=PATH,
        multiple=True,
        metavar="FILE",
        shell_complete=plugins,
        help=help_line,
    )


def names_argument(*, required: bool) -> Callable[[click.decorators.FC], click.decorators.FC]:
    metavar = "NAME..." if required else "[NAME]..."
    return click.argument("names", nargs=-1, required=required, metavar=metavar, shell_complete=experiments)


def experiment_folders(results: Path, names: Sequence[str]) -> list[Path]:
    """The folders of experiments, of all where none is named; GdbenchError lists those that exist."""
    from gdbench.record.locate import locate, recorded  # noqa: PLC0415  `--help` needs no store

    return locate(results, names or recorded(results))
