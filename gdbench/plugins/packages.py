"""A module of an installed package becomes registered choices, here and in every worker.

Which modules there are, `installed` asks; that takes `importlib.metadata`, which no worker need load.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from gdbench.descent.errors import GdbenchError, one_line
from gdbench.descent.registry import Entry
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.digest import claims_of, definition_of, digest_of
from gdbench.plugins.guard import importing
from gdbench.plugins.loading import Plugin, adopt, entries_of, load_source, registered, remember

#: What a config calls the optimizers of other packages that gdbench brings, under `plugins:`.
CONTENDERS = "contenders"


def load_module(name: str, origin: str) -> Plugin:
    """Import a module that registers choices, and tell which are its own, whoever imported it first."""
    before, new = registered(), name not in sys.modules
    module = _imported(name, origin) if new else sys.modules[name]
    own = {(entry.kind, entry.name) for registry in REGISTRIES for entry in registry if _within(entry, name)}
    entries = adopt(origin, (registered() - before) | own)
    sources = _sources(module)
    definition = definition_of(entries_of(entries)) if new else ()
    return remember(Plugin(origin, "", name, digest_of(*sources), entries, claims_of(*sources), definition))


def _imported(name: str, origin: str) -> ModuleType:
    package = name.partition(".")[0]
    if package == __name__.partition(".")[0]:
        return import_module(name)  # our own: there is nothing that it could put in another's place
    try:
        found = find_spec(package)
        place = str(found.origin or "").removesuffix(f"{os.sep}__init__.py") if found else package
        with importing(origin, place):
            return import_module(name)
    except Exception as error:
        said = str(error) if isinstance(error, GdbenchError) else one_line(error)
        raise GdbenchError(f"{origin}: this package cannot be loaded: {said}. Mend or uninstall it.") from error


def install(plugin: Plugin) -> Plugin:
    """Load, in a worker, what the parent has loaded; what is found there."""
    if plugin.module:
        return load_module(plugin.module, plugin.origin)
    return load_source(plugin.source, plugin.origin)


def _within(entry: Entry[object], package: str) -> bool:
    home = getattr(entry.function, "__module__", None) or ""
    return f"{home}.".startswith(f"{package}.")


def _sources(module: ModuleType) -> list[str]:
    """The text of a module, and of all that lies in its package if it is in one: helpers count too."""
    package = sys.modules.get(module.__package__ or "", module)
    folders = [Path(folder) for folder in getattr(package, "__path__", [])]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))] or [
        Path(module.__file__ or "")
    ]
    return [path.read_text(encoding="utf-8") for path in paths]
