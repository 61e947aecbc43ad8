"""Named choices and the facts that they claim of themselves: a registry for each room, joined by one line.

A registered function's parameters are read from its signature. The first `given` of them are handed
over by gdbench (a prediction and a target, say); those that follow are the user's to choose in YAML.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Container, Dict, Generic, Iterator, Mapping, Tuple, TypeVar

from gdbench.descent.domains import Domain
from gdbench.descent.errors import BadParameter, GdbenchError, UnknownName, nearest

_REQUIRED = inspect.Parameter.empty

#: What the functions of a room give, such as an `Optimizer`; who only names, lists or describes choices
#: takes those of any room: `Entry[object]`.
T_co = TypeVar("T_co", covariant=True)
#: One name with its parameters, as a config writes it: {"huber": {"delta": 1.0}}.
Choice = Mapping[str, Mapping[str, Any]]
#: What decides a run, as plain data: each axis of the grid with its choice, its seed, its targets.
Spec = Mapping[str, Any]

#: What contradictions between parameters there are is asked of the registry's entry itself.
CHECK = "check"

#: What others call the choice: a name that nobody knows is answered with those that mean the same.
ALSO = "also"
#: The fact that names parameters of which the default is never written down: they came later, and what was run
#: without them keeps its key.
UNSAID = "unsaid"


@dataclass(frozen=True)
class Parameter:
    """One parameter that a config may give: its name, what it may be, and its default if any."""

    name: str
    domain: Domain[object]
    default: object = _REQUIRED

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED


@dataclass(frozen=True)
class Entry(Generic[T_co]):
    """A registered choice: its function, the parameters a config may give, and facts about it."""

    kind: str
    name: str
    function: Callable[..., T_co]
    parameters: Tuple[Parameter, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first line of the docstring: what it is, with its formula."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def resolve(self, given: Mapping[str, Any]) -> Dict[str, Any]:
        """All parameters, checked and with defaults filled in; raises `BadParameter`."""
        names = [p.name for p in self.parameters]
        for name in given:
            if name not in names:
                hint = nearest(name, names) if names else "It takes none."
                raise BadParameter(name, f"{self.kind} '{self.name}' has no parameter '{name}'. {hint}")
        return {p.name: self._value(p, given) for p in self.parameters}

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise `BadParameter` where parameters, each right by itself, contradict one another."""
        if "check" in self.facts:
            self.facts["check"](**parameters)

    def _value(self, parameter: Parameter, given: Mapping[str, Any]) -> Any:
        name = parameter.name
        if name not in given:
            if parameter.required:
                raise BadParameter(
                    name, f"{self.kind} '{self.name}' needs '{name}': {parameter.domain.expected}."
                )
            return parameter.default
        try:
            return parameter.domain(given[name])
        except ValueError as error:
            raise BadParameter(name, f"'{name}' of {self.kind} '{self.name}' {error}") from None


class Registry(Generic[T_co]):
    """The named choices of one kind; `given` counts the leading arguments that gdbench passes.

    also: what others call the kind.
    """

    def __init__(self, kind: str, plural: str, given: int = 0, also: Tuple[str, ...] = ()) -> None:
        self.kind, self.plural, self.also, self._given = kind, plural, also, given
        self._entries: Dict[str, Entry[T_co]] = {}

    def register(
        self,
        name: str,
        /,
        facts: Mapping[str, Any] | None = None,
        gradient: Callable[..., object] | None = None,
        **domains: Domain[object],
    ) -> Callable[[Callable[..., T_co]], Callable[..., T_co]]:
        """Decorate a function to make it a choice; each of its parameters names its domain.

        gradient: one's own, by which runs with `gradient: given` go; it becomes a fact of the choice.
        """
        own = {} if gradient is None else {"gradient": gradient}

        def add(function: Callable[..., T_co]) -> Callable[..., T_co]:
            if name in self._entries:
                homes = [f.__module__ for f in (self._entries[name].function, function)]
                raise GdbenchError(
                    f"two {self.plural} are called '{name}': one in {homes[0]}, one in {homes[1]}."
                )
            chosen = list(inspect.signature(function).parameters.values())[self._given :]
            for parameter in chosen:
                if parameter.name not in domains:
                    raise GdbenchError(
                        f"{self.kind} '{name}' does not say what its parameter '{parameter.name}' may be. "
                        f"Name its domain where it is registered, as in {parameter.name}=positive."
                    )
            parameters = tuple(Parameter(p.name, domains[p.name], p.default) for p in chosen)
            self._entries[name] = Entry(self.kind, name, function, parameters, {**(facts or {}), **own})
            return function

        return add

    def remove(self, name: str) -> None:
        """Forget a choice, so that another may take its name; one that is not there is no mistake."""
        self._entries.pop(name, None)

    def put(self, entry: Entry[Any]) -> None:
        """Have a choice under its name again, whatever else was put there."""
        self._entries[entry.name] = entry

    def __getitem__(self, name: str) -> Entry[T_co]:
        if name not in self._entries:
            raise UnknownName(self.kind, name, self._entries, f" (gdbench list {self.plural})", self.synonyms)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T_co]]:
        return iter(self._entries.values())

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    @property
    def synonyms(self) -> Dict[str, Tuple[str, ...]]:
        """Name → what others call it."""
        return {name: tuple(entry.facts.get(ALSO, ())) for name, entry in self._entries.items()}


def find(registry: Registry[T_co], choice: Choice) -> Tuple[Entry[T_co], Dict[str, Any]]:
    """(entry, parameters) of a choice in config form; raises UnknownName and BadParameter."""
    ((name, given),) = choice.items()
    entry = registry[name]
    parameters = entry.resolve(given)
    entry.check(parameters)
    return entry, parameters


def build(registry: Registry[T_co], choice: Choice, *given: object) -> T_co:
    """What the function of a choice in config form gives; given: its leading arguments."""
    entry, parameters = find(registry, choice)
    return entry.function(*given, **parameters)


def settled(
    facts: Mapping[str, Any], parameters: Mapping[str, Any], functions: Container[str] = ()
) -> Dict[str, Any]:
    """The facts of a choice with these parameters; `functions` are those that take further arguments first."""
    found: Dict[str, Any] = {}
    for name, fact in facts.items():
        if name in (CHECK, UNSAID, ALSO):
            continue
        if name in functions:
            found[name] = partial(fact, **parameters) if parameters and callable(fact) else fact
        else:
            found[name] = fact(**parameters) if callable(fact) else fact
    return found
