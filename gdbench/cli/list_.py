"""gdbench list: the choices that a config can make, from the registries themselves."""

from __future__ import annotations

import click

from gdbench.descent.errors import UnknownName


@click.command("list", epilog="Example: gdbench list costs")
@click.argument("kind", required=False)
def command(kind: str | None) -> None:
    """Name the choices of one KIND (costs, models, …), or of all, each with its formula and parameters."""
    from gdbench.experiment.choices import REGISTRIES  # noqa: PLC0415  not for --help
    from gdbench.experiment.plugins.packages import load_installed  # noqa: PLC0415

    load_installed()
    by_plural = {registry.plural: registry for registry in REGISTRIES}
    if kind is not None and kind not in by_plural:
        raise UnknownName("kind of choice", kind, by_plural)
    for plural, registry in by_plural.items():
        if kind in (None, plural):
            click.echo(f"{plural}:" if kind is None else "", nl=kind is None)
            for entry in registry:
                parameters = ", ".join(
                    p.name if p.required else f"{p.name}={p.default}" for p in entry.parameters
                )
                name = f"{entry.name}({parameters})" if parameters else entry.name
                click.echo(f"  {name:<34} {entry.summary}")
