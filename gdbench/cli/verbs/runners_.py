"""gdbench runners: the places that `--runner` knows, and whether one can be reached."""

from __future__ import annotations

from collections.abc import Sequence

import click


@click.group("runners", invoke_without_command=True, epilog="Example: gdbench runners check dask")
@click.pass_context
def command(context: click.Context) -> None:
    """List the runner profiles that are found, each with its kind and where it comes from.

    A name is looked for in runners/, then among your own profiles, then among gdbench's built-in ones.
    """
    if context.invoked_subcommand is None:
        _list()


@command.command("check", epilog="Example: gdbench runners check pypy")
@click.argument("name")
@click.option("--workers", type=click.IntRange(min=1), help="Number of workers (default: as the profile says).")
@click.option(
    "--set", "overrides", multiple=True, metavar="runner.KEY=VALUE", help="Wins over the profile; repeatable."
)
def check(name: str, workers: int | None, overrides: tuple[str, ...]) -> None:
    """Reach the place of the profile NAME, have a run of one iteration done there, and say who did it."""
    from gdbench.descent.errors import GdbenchError  # noqa: PLC0415  not for --help
    from gdbench.execution.profiles.profile_files import load_profile, split_overrides  # noqa: PLC0415
    from gdbench.execution.profiles.trial import try_out  # noqa: PLC0415

    others, ours = split_overrides(overrides)
    if others:
        raise GdbenchError(f"--set {others[0]}: a profile's keys begin with runner., as in runner.timeout=30s.")
    profile = load_profile(name, workers, ours)
    found = try_out(profile)
    _print(
        [
            (profile.name, "answers"),
            ("kind", profile.kind),
            ("gdbench", found.gdbench.removeprefix("gdbench ")),
            ("python", found.interpreter),
            ("host", found.host),
            ("opened", f"in {found.opened:.2f} s"),
            ("ran", f"one iteration in {found.ran:.2f} s, first worker's start included"),
        ]
    )


def _list() -> None:
    from gdbench.execution.profiles.profile_files import found_profiles, user_folder  # noqa: PLC0415  not for --help

    rows: list[Sequence[str]] = []
    for name, origin, profile, broken in found_profiles():
        if profile is None:
            rows.append((name, "unusable", "", broken.splitlines()[0]))
        else:
            count = "all cores" if profile.workers == "all" else f"{profile.workers} workers"
            rows.append((name, profile.kind, "1 worker" if profile.kind == "serial" else count, origin))
    _print(rows)
    click.echo(f"your own profiles belong in {user_folder()}", err=True)


def _print(rows: Sequence[Sequence[str]]) -> None:
    last = len(rows[0]) - 1
    widths = [max(len(row[i]) for row in rows) for i in range(last)]
    for row in rows:
        click.echo("  ".join([*(row[i].ljust(widths[i]) for i in range(last)), row[last]]).rstrip())
