"""gdbench bundle: an experiment into one file, and what is in it."""

from __future__ import annotations

from pathlib import Path

from gdbench.cli.streams import put, say
from gdbench.cli.words import bytes_in_words, counted
from gdbench.config.outside import argument, command
from gdbench.session.handing.bundle import bundle


def write_bundle(folder: Path, output: Path | None, most: int) -> None:
    """Write it and say what is in it. most: bytes of a table that goes in."""
    done = bundle(folder, output, most, lambda reason: say(f"the page has no charts: {reason}"))
    manifest = done.manifest
    put(str(done.path))
    there = [
        counted(manifest.runs, "run"),
        counted(sum(bool(one.part) for one in manifest.data), "data set"),
        *([counted(len(manifest.plugins), "plug-in")] if manifest.plugins else []),
    ]
    say(f"{', '.join(there)}, the config and the page: {bytes_in_words(done.size)}")
    for sentence in manifest.left_out:
        say(f"left out: {sentence}")
    say(f"whoever gets it checks it by: {command(['gdbench', 'verify', argument(done.path)])}")
