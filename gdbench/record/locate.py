"""Finds recorded experiments by name or by folder, and tells what their files take.

A name that nobody knows is answered with all that exist.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError, did_you_mean, near_names
from gdbench.record.database import PARTS, part_of

#: The file in an experiment's folder that makes it one.
STORE_NAME = "store.sqlite"


def locate(results: Path, names: Sequence[str]) -> list[Path]:
    """The folders of experiments. names: of folders in `results`, or paths of such folders elsewhere.

    Raises GdbenchError, once for all names that are not known, and lists those that are.
    """
    unknown = [name for name in names if _folder(results, name) is None]
    if unknown:
        raise GdbenchError(_no_such(results, unknown))
    return [folder for name in names if (folder := _folder(results, name))]


def recorded(results: Path) -> list[str]:
    """The names of all recorded experiments."""
    return sorted(path.parent.name for path in results.glob(f"*/{STORE_NAME}"))


def other_case(results: Path, name: str) -> str:
    """A sentence, where another experiment's name differs from this one's in case only; else ""."""
    others = [other for other in recorded(results) if other != name and other.casefold() == name.casefold()]
    if not others:
        return ""
    return (
        f"{results / others[0]}: its name differs from '{name}' in capitals only; Windows and macOS take them "
        f"for one. gdbench rename {others[0]} gives it another."
    )


def _folder(results: Path, name: str) -> Path | None:
    for folder in (results / name, Path(name)):
        if name.strip() and (folder / STORE_NAME).is_file():
            return folder
    return None


def _no_such(results: Path, unknown: Sequence[str]) -> str:
    called = " or ".join(f"'{name}'" for name in unknown)
    known = recorded(results)
    wrong = f"no experiment is called {called}."
    if not known:
        return nothing_recorded(results, f"{wrong} Nothing has been run yet")
    guesses = [did_you_mean(near) for name in unknown if (near := near_names(name, known))]
    there = f"There are: {', '.join(known)}."
    return f"{results.absolute()}: {' '.join([wrong, *guesses, there])} {_ELSEWHERE}"


def words_for(results: Path) -> list[str]:
    """What a command line needs that is about another folder than the usual."""
    return [] if results == Path("results") else ["--results", str(results)]


def nothing_recorded(results: Path, wrong: str) -> str:
    """Where was looked, how to look elsewhere, and how to begin. wrong: what follows from that."""
    missing = "" if results.is_dir() else " (there is no such folder)"
    begin = "gdbench run configs/lr_sweep.yaml"
    return f"{results.absolute()}{missing}: {wrong}. {_ELSEWHERE} To begin: {begin}"


_ELSEWHERE = "--results or GDBENCH_RESULTS names another folder."


def cache_folder() -> Path:
    """The user's, for what can be made again: $XDG_CACHE_HOME/gdbench, or what the platform has instead.

    Of a user without a home it is a place where nothing can be kept.
    """
    own = {"win32": "~/AppData/Local/gdbench/Cache", "darwin": "~/Library/Caches/gdbench"}
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    if Path(given).is_absolute():  # any other is to be ignored, says the standard, and would lie anywhere
        return Path(given, "gdbench")
    try:
        return Path(own.get(sys.platform, "~/.cache/gdbench")).expanduser()
    except RuntimeError:
        return Path(os.devnull, "gdbench")


class Use(NamedTuple):
    """Bytes: the store with its log, what was set aside of it, and what was written from it."""

    store: int
    aside: int
    written: int

    @property
    def total(self) -> int:
        return self.store + self.aside + self.written


def disk_use(folder: Path) -> Use:
    """What the files in an experiment's folder take; one that goes meanwhile counts nothing."""
    store = _size(part_of(folder / STORE_NAME, part) for part in PARTS)
    aside = _size(folder.glob(f"{STORE_NAME}.*"))
    return Use(store, aside, _size(folder.rglob("*")) - store - aside)


def _size(files: Iterator[Path]) -> int:
    total = 0
    for file in files:
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total
