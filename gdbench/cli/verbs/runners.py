"""gdbench runners: the places that `--runner` knows, and whether one can be reached."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gdbench.cli.consoles import print_columns
from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile_files import (
    ListedProfile,
    listed_profiles,
    load_profile,
    split_overrides,
    user_folder,
)
from gdbench.execution.profiles.trial import try_out


def show_runners() -> None:
    """Every profile that is found, with its kind and where it comes from."""
    print_columns([_row(listed) for listed in listed_profiles()])
    click.echo(f"your own profiles belong in {user_folder()}", err=True)


def _row(listed: ListedProfile) -> tuple[str, ...]:
    profile = listed.profile
    if profile is None:
        return listed.name, "unusable", "", listed.broken.splitlines()[0]
    if profile.kind == "serial":
        count = "1 worker"
    else:
        count = "all cores" if profile.workers == "all" else f"{profile.workers} workers"
    return listed.name, profile.kind, count, listed.origin


def check_runner(name: str, workers: int | None, overrides: Sequence[str]) -> None:
    """Reach the place of a profile, have a run of one iteration done there, and say who did it."""
    others, ours = split_overrides(overrides)
    if others:
        raise GdbenchError(f"--set {others[0]}: a profile's keys begin with runner., as in runner.timeout=30s.")
    profile = load_profile(name, workers, ours)
    trial = try_out(profile)
    print_columns(
        [
            (profile.name, "answers"),
            ("kind", profile.kind),
            ("gdbench", trial.gdbench.removeprefix("gdbench ")),
            ("python", trial.interpreter),
            ("host", trial.host),
            ("opened", f"in {trial.opened:.2f} s"),
            ("ran", f"one iteration in {trial.ran:.2f} s, first worker's start included"),
        ]
    )
