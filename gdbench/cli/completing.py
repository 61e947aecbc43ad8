"""What the shell offers after TAB: configs, experiments, runners, and names of choices.

Nothing heavy is imported, and whatever goes wrong offers nothing: a completion must never disturb a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

    from gdbench.descent.registry import Registry

_SUFFIXES = (".yaml", ".yml")


def configs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001  click's signature
    """Config files, and the folders on the way to them."""
    return _files(incomplete, _SUFFIXES)


def plugins(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Python files, and the folders on the way to them."""
    return _files(incomplete, (".py",))


def experiments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Recorded experiments in the folder of results."""
    from gdbench.record.locate import recorded  # noqa: PLC0415  the store is not for --help

    results = context.params.get("results") or Path("results")
    return _begun(recorded(Path(results)), incomplete)


def runners(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Profiles by name, or by path where one is begun."""
    if "/" in incomplete or "\\" in incomplete:
        return _files(incomplete, _SUFFIXES)
    names = {"serial", "processes", *(path.stem for path in Path("runners").glob("*.yaml"))}
    return _begun(sorted(names), incomplete)


def kinds(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """costs, models, …"""
    return _begun([*(registry.plural for registry in _registries()), "data"], incomplete)


def choices(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Every name that a registry holds."""
    summaries = {entry.name: entry.summary for registry in _registries() for entry in registry}
    return [CompletionItem(name, help=line) for name, line in summaries.items() if name.startswith(incomplete)]


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
