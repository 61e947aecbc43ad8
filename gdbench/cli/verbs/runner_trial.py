"""gdbench runners check: whether a place can be reached, by a run of one iteration."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.cli.words import print_columns
from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.engine import try_out
from gdbench.execution.profiles.profile_files import load_profile, split_overrides


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
