"""Whether what computes is what it was: functions that a plug-in puts in the place of others are noticed.

Looked at are gdbench's own modules and the libraries that a number goes through: their names, the code of
their functions, the members of their classes, the registries' entries, constants that are lists or mappings,
and how the processor rounds. It is a look at identities, mostly by comparing mappings, which Python does
quickly: under a millisecond. It is made for accidents and for plug-ins that improve on others; somebody who
wants to lie to it can. Standard library and Python 3.9 only: every worker looks, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import is_
from types import CodeType, FunctionType, ModuleType
from typing import Any

from gdbench.descent.registry import Entry, Registry
from gdbench.plugins.choices import REGISTRIES

_OURS = "gdbench"
#: Libraries through which numbers, their order or their digests go.
_LIBRARIES = (
    *("builtins", "math", "cmath", "operator", "random", "itertools", "functools", "statistics", "fractions"),
    *("array", "bisect", "struct", "json", "json.encoder", "json.decoder", "hashlib"),
    *("numpy", "numpy.linalg", "scipy.linalg", "scipy.optimize", "scipy.special"),
)
#: What is assigned to on purpose while a process works; the last two talk, and notebooks put in their own.
_STATE = ("_here", "input", "print")
_GONE = object()

Namespace = Mapping[str, object]
#: A list, a mapping or a set.
Container = Any


class Change:
    """Something that is another than it was. what: as in math.exp.  now: what is there, None for nothing."""

    def __init__(self, what: str, now: object, undo: Callable[[], object]) -> None:
        self.what, self.now, self.undo = what, now, undo

    @property
    def home(self) -> str:
        """The module or file that the intruder comes from, "" where it does not say."""
        return home_of(self.now)


def home_of(value: object) -> str:
    """Where a function or a class was written."""
    code = getattr(value, "__code__", None)
    return str(getattr(code, "co_filename", "") or getattr(value, "__module__", "") or "")


@dataclass
class _Space:
    """A module or a class, and what it had. then: its namespace."""

    name: str
    owner: ModuleType | type
    then: Namespace


class Originals:
    """What there is as this is made. `changes()` is what has become of it."""

    def __init__(self) -> None:
        self._modules = {name: module for name, module in list(sys.modules.items()) if _is_looked_at(name)}
        self._spaces = [space for name, module in self._modules.items() for space in _spaces(name, module)]
        # by what they are: most stand in several modules, under the name of the first
        functions = {f: f"{s.name}.{name}" for s in reversed(self._spaces) for name, f in _functions(s.then)}
        self._functions = [
            (what, function, function.__code__, _defaults(function)) for function, what in functions.items()
        ]
        self._constants = [constant for space in self._spaces for constant in _constants(space)]
        self._entries = [(registry, entry, dict(entry.facts)) for registry in REGISTRIES for entry in registry]
        self._rounding = _rounding()

    def changes(self) -> list[Change]:
        """What is not as it was, in no particular order; nothing is looked at twice."""
        return [
            *self._replaced_modules(),
            *(change for space in self._spaces if _differs(space) for change in _changed(space)),
            *self._changed_functions(),
            *self._changed_constants(),
            *self._changed_entries(),
        ]

    def intruders(self, is_foreign: Callable[[str], bool]) -> list[Change]:
        """What plug-ins put into our modules that were imported later than this was made."""
        return [
            Change(f"{space.name}.{key}", value, partial(sys.modules.pop, name, None))
            for name, module in list(sys.modules.items())
            if _is_ours(name) and name not in self._modules
            for space in _spaces(name, module)
            for key, value in space.then.items()
            if is_foreign(home_of(value))
        ]

    def _replaced_modules(self) -> Iterator[Change]:
        for name, module in self._modules.items():
            now = sys.modules.get(name)
            if now is not module:
                yield Change(f"the module {name}", now, partial(sys.modules.__setitem__, name, module))

    def _changed_functions(self) -> Iterator[Change]:
        for what, function, code, defaults in self._functions:
            plain = not (defaults or function.__defaults__ or function.__kwdefaults__)
            if function.__code__ is not code or not (plain or _are_same(_defaults(function), defaults)):
                now = FunctionType(function.__code__, {})
                yield Change(what, now, partial(_put_back, function, code, defaults))

    def _changed_constants(self) -> Iterator[Change]:
        for what, value, then in self._constants:
            if value != then:
                yield Change(what, None, partial(_refill, value, then))

    def _changed_entries(self) -> Iterator[Change]:
        for registry, entry, facts in self._entries:
            now = next((one for one in registry if one.name == entry.name), None)
            if now is not entry or entry.facts != facts:
                undo = partial(_reinstate, registry, entry, facts)
                yield Change(f"the {registry.kind} {entry.name}", getattr(now, "function", None), undo)
        if _rounding() != self._rounding:
            yield Change("how the processor rounds floats", None, lambda: None)


def _is_ours(name: str) -> bool:
    return name == _OURS or name.startswith(f"{_OURS}.")


def _is_looked_at(name: str) -> bool:
    return _is_ours(name) or name in _LIBRARIES


def _spaces(name: str, module: ModuleType) -> Iterator[_Space]:
    """A module, and the classes that are at home in it."""
    then = dict(vars(module))
    yield _Space(name, module, then)
    for value in then.values():
        if isinstance(value, type) and value.__module__ == name and _is_open(value):
            yield _Space(f"{name}.{value.__qualname__}", value, dict(vars(value)))


def _is_open(kind: type) -> bool:
    """Whether members can be put into a class: those that are written in C are closed."""
    return bool(kind.__flags__ & 1 << 9)  # Py_TPFLAGS_HEAPTYPE


def _functions(space: Namespace) -> Iterator[tuple[str, FunctionType]]:
    """Functions written in Python, within what wraps them in a class as well."""
    for name, value in space.items():
        wrapped = value.fget if isinstance(value, property) else value
        if isinstance(wrapped, (staticmethod, classmethod)):
            wrapped = wrapped.__func__
        if isinstance(wrapped, FunctionType):
            yield name, wrapped


def _constants(space: _Space) -> Iterator[tuple[str, Container, Container]]:
    """(name, what it is, what is in it) of each constant of ours that can be written into."""
    if isinstance(space.owner, ModuleType) and _is_ours(space.name):
        for name, value in space.then.items():
            if name.isupper() and isinstance(value, (dict, list, set)):
                yield f"{space.name}.{name}", value, value.copy()


def _defaults(function: FunctionType) -> tuple[object, ...]:
    """Of its parameters: by position, a mark, then by name."""
    given, named = function.__defaults__, function.__kwdefaults__
    if not (given or named):
        return ()
    return (*(given or ()), _GONE, *(item for pair in (named or {}).items() for item in pair))


def _are_same(now: Sequence[object], then: Sequence[object]) -> bool:
    """One by one: PyPy makes the tuple anew whenever it is asked."""
    return len(now) == len(then) and all(map(is_, now, then))


def _differs(space: _Space) -> bool:
    """Whether any name means something else; a loop, since PyPy 7.3.11 crashes where two such are compared."""
    now = vars(space.owner)
    return len(now) != len(space.then) or not all(map(is_, now.values(), space.then.values()))


def _changed(space: _Space) -> list[Change]:
    """Names of a module or a class that mean something else; what may change is taken note of."""
    now = dict(vars(space.owner))
    found = [
        Change(f"{space.name}.{name}", now.get(name), partial(_restore, space.owner, name, value))
        for name, value in space.then.items()
        if now.get(name, _GONE) is not value and not _may_change(name, value)
    ]
    found += [
        Change(f"{space.name}.{name}", value, partial(_restore, space.owner, name, _GONE))
        for name, value in now.items()
        if name not in space.then and not _may_come(space, name, value)
    ]
    if not found:
        space.then = now
    return found


def _may_change(name: str, value: object) -> bool:
    """Names of Python's own in a module or class, and state."""
    return (name.startswith("__") and not callable(value)) or name in _STATE


def _may_come(space: _Space, name: str, value: object) -> bool:
    """Modules join their package; what classes get by themselves is no function."""
    if isinstance(space.owner, ModuleType):
        return isinstance(value, ModuleType) or name.startswith("__") or not _is_ours(space.name)
    return not (callable(value) or hasattr(value, "__get__"))


def _restore(owner: ModuleType | type, name: str, value: object) -> None:
    if value is _GONE:
        delattr(owner, name)
    else:
        setattr(owner, name, value)


def _put_back(function: FunctionType, code: CodeType, defaults: Sequence[object]) -> None:
    mark = defaults.index(_GONE) if defaults else 0
    named = defaults[mark + 1 :]
    function.__code__ = code
    function.__defaults__ = tuple(defaults[:mark]) or None
    function.__kwdefaults__ = {str(named[i]): named[i + 1] for i in range(0, len(named), 2)} or None


def _refill(value: Container, then: Container) -> None:
    value.clear()
    (value.extend if isinstance(value, list) else value.update)(then)


def _reinstate(registry: Registry[object], entry: Entry[object], facts: Mapping[str, object]) -> None:
    _refill(entry.facts, facts)
    registry.put(entry)


def _rounding() -> tuple[float, ...]:
    """Sums and products that come out otherwise where a library has changed the processor's settings.

    Ties go to the even neighbour, and numbers too small for full precision are not taken for 0.
    """
    one, half, least = (float(text) for text in ("1", "1.1102230246251565e-16", "5e-324"))
    return one + half, one + 3.0 * half, -one - half, least * one, 2.2250738585072014e-308 * (one / 4.0)
