"""The options and arguments that verbs share, and what the shell offers for them after TAB.

Nothing heavy is imported, and whatever goes wrong offers nothing: a completion must never disturb a line.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from gdbench.config.examples import examples
from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import locate, recorded

if TYPE_CHECKING:
    from gdbench.descent.registry import Registry

#: How a config and a runner profile end.
_SUFFIXES = (".yaml", ".yml")


def iterations(text: str) -> tuple[int, ...] | str:
    """Iterations as they are asked for: '0,5,50', or 'all'."""
    parts = [part.strip() for part in text.split(",")]
    if parts == ["all"]:
        return "all"
    if not all(part.isdecimal() for part in parts):
        raise click.BadParameter(f"'{text}' is no list of iterations, such as 0,5,50, nor 'all'.")
    return tuple(map(int, parts))


def configs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001  click's signature
    """Config files, and the folders on the way to them."""
    return _files(incomplete, _SUFFIXES)


def plugins(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Python files, and the folders on the way to them."""
    return _files(incomplete, (".py",))


def experiments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Recorded experiments in the folder of results."""
    results = context.params.get("results") or Path("results")
    return _begun([folder.name for folder in experiment_folders(Path(results), ())], incomplete)


def runners(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Profiles by name, or by path where one is begun."""
    if "/" in incomplete or "\\" in incomplete:
        return _files(incomplete, _SUFFIXES)
    names = {"auto", "serial", "processes", *(path.stem for path in Path("runners").glob("*.yaml"))}
    return _begun(sorted(names), incomplete)


def kinds(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """costs, models, …"""
    return _begun([*(registry.plural for registry in _registries()), "data", "examples"], incomplete)


def choices(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Every name that a registry holds."""
    summaries = {entry.name: entry.summary for registry in _registries() for entry in registry}
    return [CompletionItem(name, help=line) for name, line in summaries.items() if name.startswith(incomplete)]


def example_names(
    context: click.Context,  # noqa: ARG001
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """lr_sweep, literature/strang_zigzag, runners/slurm, …"""
    return _begun(list(examples()), incomplete)


def _registries() -> Sequence[Registry[object]]:
    from gdbench.plugins.choices import REGISTRIES  # noqa: PLC0415  the registries are not for --help

    return REGISTRIES


def _begun(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _files(incomplete: str, suffixes: tuple[str, ...]) -> list[CompletionItem]:
    """Files here and one folder further down; where there is none, whatever the shell itself offers."""
    folder = Path(incomplete if incomplete.endswith("/") else str(Path(incomplete).parent))
    try:
        found = sorted({*folder.glob("*"), *folder.glob("[!.]*/*")})
    except OSError:
        found = []
    paths = [path.as_posix() for path in found if path.suffix in suffixes and not path.name.startswith(".")]
    beginning = incomplete.removeprefix("./")
    items = [CompletionItem(path) for path in paths if path.startswith(beginning)]
    return items or [CompletionItem(incomplete, type="file")]


PATH = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)

config_argument = click.argument("config", type=PATH, shell_complete=configs)
configs_argument = click.argument("config", type=PATH, nargs=-1, required=True, shell_complete=configs)

results_option = click.option(
    "--results",
    type=FOLDER,
    default=Path("results"),
    envvar="GDBENCH_RESULTS",
    show_default=True,
    help="Folder of the stores, mlflow.db and reports (or GDBENCH_RESULTS).",
)


#: What stands in a printed address for what is secret in it.
_LEFT_OUT = "***"


def _whole_address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An address as our own commands print it: what is secret is found in the environment, or asked for."""
    if not value or _LEFT_OUT not in value:
        return value
    known = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if re.fullmatch(".+".join(map(re.escape, value.split(_LEFT_OUT))), known):
        return known
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise GdbenchError(
            f"{value}: {_LEFT_OUT} stands for what is secret. Put the whole address into MLFLOW_TRACKING_URI."
        )
    first, *others = value.split(_LEFT_OUT)
    whole = first
    for after in others:
        what = "user:password" if whole.endswith("://") else whole.rpartition("&")[2].rpartition("?")[2]
        whole += f"{click.prompt(f'{what} of {value}', hide_input=True, err=True)}{after}"
    return whole


tracking_uri_option = click.option(
    "--tracking-uri",
    metavar="URI",
    callback=_whole_address,
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


def only_option(help_line: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option("--only", multiple=True, metavar="EXPR", help=help_line)


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


def _refuse_consent(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: ARG001, FBT001  click's signature
    if value:
        import_module("gdbench.plugins.guard").Consent.given = False


no_plugins_option = click.option(
    "--no-plugins",
    is_flag=True,
    expose_value=False,
    callback=_refuse_consent,
    help="Execute no plug-in: what they add is unknown (or GDBENCH_NO_PLUGINS=1).",
)


def names_argument(*, required: bool) -> Callable[[click.decorators.FC], click.decorators.FC]:
    metavar = "NAME..." if required else "[NAME]..."
    return click.argument("names", nargs=-1, required=required, metavar=metavar, shell_complete=experiments)


def experiment_folders(results: Path, names: Sequence[str]) -> list[Path]:
    """The folders of experiments, of all where none is named; GdbenchError lists those that exist."""
    return locate(results, names or recorded(results))
