"""Installed packages that add choices: each names a module in the entry-point group `gdbench.plugins`."""

from __future__ import annotations

from importlib.metadata import entry_points

from gdbench.plugins.loading import Plugin
from gdbench.plugins.packages import load_module

GROUP = "gdbench.plugins"


def load_installed() -> tuple[Plugin, ...]:
    """Register what installed packages add; raises GdbenchError that names the package at fault."""
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.module, point.name))
    return tuple(load_module(point.module, f"plug-in {point.name} ({point.module})") for point in points)
