"""gdbench runners: the places that `--runner` knows."""

from __future__ import annotations

from gdbench.cli.streams import say
from gdbench.cli.words import print_columns
from gdbench.execution.profiles.profile_files import ListedProfile, listed_profiles, user_folder


def show_runners() -> None:
    """Every profile that is found, with its kind and where it comes from."""
    print_columns([_row(listed) for listed in listed_profiles()])
    say(f"your own profiles belong in {user_folder()}")


def _row(listed: ListedProfile) -> tuple[str, ...]:
    profile = listed.profile
    if profile is None:
        return listed.name, "unusable", "", listed.broken.splitlines()[0]
    if profile.kind == "serial":
        count = "1 worker"
    else:
        count = "all cores" if profile.workers == "all" else f"{profile.workers} workers"
    return listed.name, profile.kind, count, listed.origin
