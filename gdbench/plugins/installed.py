"""Installed packages that add choices: each names a module in the entry-point group `gdbench.plugins`."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from gdbench.plugins.guard import Consent
from gdbench.plugins.loading import Plugin
from gdbench.plugins.packages import load_module

GROUP = "gdbench.plugins"


def are_installed() -> bool:
    """Whether there are any; nothing is imported."""
    return bool(_points(tuple(sys.path)))


def load_installed() -> tuple[Plugin, ...]:
    """Register what installed packages add; raises GdbenchError that names the package at fault."""
    points = _points(tuple(sys.path)) if Consent.given else []
    return tuple(load_module(point.module, f"plug-in {point.name} ({point.module})") for point in points)


@lru_cache(maxsize=1)
def _points(_: tuple[str, ...]) -> list[EntryPoint]:
    """In a fixed order. Every installed package is looked at, so once is enough for a path."""
    return sorted(entry_points(group=GROUP), key=lambda point: (point.module, point.name))
