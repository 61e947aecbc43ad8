"""A config's `plugins:`, files relative to the config's own folder, loaded before the grid is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gdbench.config.yaml.places import Mistakes, each
from gdbench.descent.errors import GdbenchError
from gdbench.plugins.loading import Plugin, load_file


def read_plugins(value: Any, folder: Path, mistakes: Mistakes) -> tuple[Plugin, ...]:
    """Load each; what is wrong goes to the mistakes. What is no text is left to the schema."""
    found: dict[str, Plugin] = {}
    for item, path in each(value, ("plugins",)):
        if isinstance(item, str) and item:
            try:
                plugin = load_file(mistakes.places.folder(path, folder) / item)
            except GdbenchError as error:
                mistakes.add(path, str(error))
            else:
                found[plugin.digest] = plugin
    return tuple(found.values())
