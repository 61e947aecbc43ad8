"""A plug-in's source becomes registered choices, once, in this process; what is wrong is one sentence.

Standard library and Python 3.9 only: every worker process does this before its first run.
"""

from __future__ import annotations

import linecache
import sys
import tokenize
import traceback
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import PLUGIN_BYTES
from gdbench.descent.registry import Entry
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.contracts import complete
from gdbench.plugins.digest import Definition, claims_of, definition_of, digest_of
from gdbench.plugins.guard import Owners, executed, importing, supervised, threads_of, words_of
from gdbench.plugins.named_files import Unreadable, read_regular
from gdbench.plugins.originals import Originals

Names = set[tuple[str, str]]


class Plugin(NamedTuple):
    """A plug-in that is loaded here, in plain values, so that it can be sent to a worker.

    origin: the file as the user wrote it, or the package.  source: the file's text; "" of a package,
    which is imported by its `module`.  entries: (kind, name) of each choice that it registered.
    digest: of its code.  claims: of what it claims of itself, "" if nothing.
    definition: what its import made of it, () where it was imported before gdbench could look.
    """

    origin: str
    source: str
    module: str
    digest: str
    entries: tuple[tuple[str, str], ...]
    claims: str = ""
    definition: Definition = ()

    @property
    def identity(self) -> tuple[str, str]:
        return self.digest, self.claims


#: By what the plug-in does, so that loading one twice is harmless.
_loaded: dict[tuple[str, str], Plugin] = {}
#: What there was once the last of them was loaded; nothing until somebody asks.
_originals: list[Originals] = []


#: What a reader of plug-ins knows better to say of a file that cannot be read.
_WORDS = {
    "missing": "there is no such file. A plug-in is a Python file. Check the path.",
    "folder": "this is a folder; a plug-in is a Python file in it.",
}


def read_source(path: Path) -> str:
    """The text of a plug-in's file; raises GdbenchError."""
    try:
        content = read_regular(path, PLUGIN_BYTES)
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        source = TextIOWrapper(BytesIO(content), encoding).read()
    except Unreadable as error:
        raise GdbenchError(f"{path}: {_WORDS.get(error.kind, str(error))}") from None
    except (SyntaxError, UnicodeDecodeError):
        raise GdbenchError(f"{path}: this is not Python in UTF-8. Save the file as UTF-8 text.") from None
    return source


def load_file(path: Path) -> Plugin:
    """Register what a file adds; raises GdbenchError that names the line at fault."""
    return load_source(read_source(path), str(path))


def identity_of(source: str, origin: str) -> tuple[str, str]:
    """The digests of a text, which is not executed; raises GdbenchError where it is no Python."""
    try:
        return digest_of(source), claims_of(source)
    except SyntaxError as error:
        place = f"{origin}:{error.lineno}" if error.lineno else origin
        raise GdbenchError(f"{place}: this is not Python: {error.msg}.") from None
    except ValueError as error:
        raise GdbenchError(f"{origin}: this is not Python: {error}.") from None


def load_source(source: str, origin: str) -> Plugin:
    """Register what a plug-in's text adds; a newer text from the same origin takes the place of the old."""
    identity = identity_of(source, origin)
    if identity not in _loaded:
        for old in [plugin for plugin in _loaded.values() if plugin.origin == origin]:
            _unload(old)
        before = registered()
        try:
            with importing(origin, origin):
                _execute(source, origin)
                entries = adopt(origin, registered() - before)
                definition = definition_of(entries_of(entries))
        except GdbenchError:
            _remove(registered() - before)
            raise
        remember(Plugin(origin, source, "", identity[0], entries, identity[1], definition))
    return _loaded[identity]


def import_again(plugin: Plugin) -> Plugin:
    """The plug-in as a second import of its text makes it."""
    _unload(plugin)
    return load_source(plugin.source, plugin.origin)


def unlike(one: Plugin, other: Plugin) -> list[tuple[str, str, str]]:
    """(what, its value, its other value) where two imports made a plug-in differ."""
    if not (one.definition and other.definition):
        return []
    values, others = dict(one.definition), dict(other.definition)
    return [
        (what, values.get(what, "nothing"), others.get(what, "nothing"))
        for what in dict.fromkeys((*values, *others))
        if values.get(what) != others.get(what)
    ]


def remember(plugin: Plugin) -> Plugin:
    """Note a plug-in whose choices are registered."""
    _originals.clear()
    return _loaded.setdefault(plugin.identity, plugin)


def is_any_loaded() -> bool:
    """Whether there is any choice that is not gdbench's own."""
    return bool(_loaded)


def supervision() -> AbstractContextManager[None]:
    """A block in which gdbench's own process runs code of the plug-ins that are loaded: see `guard`."""
    return supervised(owners(), originals()) if _loaded else nullcontext()


def owners() -> Owners:
    """Where the code of the plug-ins lies that are loaded."""
    return {place: plugin.origin for plugin in _loaded.values() for place in _places(plugin)}


def words_on(error: BaseException) -> str:
    """'mine.py:3: ValueError: what it says', where a plug-in raised it; else ""."""
    return words_of(error, owners())


def endless_threads() -> list[str]:
    """Of each thread that a plug-in began and that would keep this process for ever, a sentence."""
    return [
        f"{origin}: its thread '{thread.name}' does not end; gdbench leaves without it."
        for thread, origin in threads_of({**executed, **owners()})
    ]


def originals() -> Originals:
    """What there was as the plug-ins were loaded, or as this was first asked after that."""
    if not _originals:
        _originals.append(Originals())
    return _originals[0]


def plugin_of(kind: str, name: str) -> Plugin | None:
    """The plug-in that a choice comes from; None for gdbench's own."""
    return next((plugin for plugin in _loaded.values() if (kind, name) in plugin.entries), None)


def registered() -> Names:
    """(kind, name) of every choice there is."""
    return {(registry.kind, entry.name) for registry in REGISTRIES for entry in registry}


def adopt(origin: str, names: Names) -> tuple[tuple[str, str], ...]:
    """Check what was registered, in the order of the registries; raises GdbenchError."""
    entries = entries_of(names)
    if not entries:
        raise GdbenchError(
            f"{origin}: this file registers nothing. A plug-in decorates a function, as in "
            "@cost('name') with `from gdbench.descent.costs import cost`."
        )
    for entry in entries:
        complete(entry, origin)
    return tuple((entry.kind, entry.name) for entry in entries)


def line_in(error: BaseException, origin: str) -> int | None:
    """The last line of a file that an exception came through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == origin]
    return lines[-1] if lines else None


def _places(plugin: Plugin) -> list[str]:
    if not plugin.module:
        return [plugin.origin]
    package = plugin.module.partition(".")[0]
    if package == __name__.partition(".")[0]:
        return []  # of gdbench itself, which watches others and not its own
    return [package, *places_of(sys.modules.get(package))]


def places_of(module: ModuleType | None) -> list[str]:
    """The folders of a package, or the file of a module."""
    return [*getattr(module, "__path__", ())] or [file for file in [getattr(module, "__file__", None)] if file]


def _execute(source: str, origin: str) -> None:
    """Run the text as a module of its own, called by its origin, so that a clash of names can tell it."""
    module = ModuleType(origin)
    module.__file__ = origin
    sys.modules[origin] = module
    # tracebacks and `inspect` then find the text in workers as well, where there is no such file
    linecache.cache[origin] = (len(source), None, source.splitlines(keepends=True), origin)
    exec(compile(source, origin, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  the user's own


def forget(kind: str, name: str) -> None:
    """Unload the plug-in that a choice comes from, so that another may take its place."""
    plugin = plugin_of(kind, name)
    if plugin:
        _unload(plugin)


def _unload(plugin: Plugin) -> None:
    del _loaded[plugin.identity]
    _originals.clear()
    _remove(set(plugin.entries))


def _remove(names: Names) -> None:
    for registry in REGISTRIES:
        for kind, name in names:
            if kind == registry.kind:
                registry.remove(name)


def entries_of(names: Iterable[tuple[str, str]]) -> list[Entry[object]]:
    """The registered choices of these kinds and names."""
    wanted = set(names)
    return [entry for entry in _entries() if (entry.kind, entry.name) in wanted]


def _entries() -> list[Entry[object]]:
    return [entry for registry in REGISTRIES for entry in registry]
