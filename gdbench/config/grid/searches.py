"""`find:`, which stands on an axis in place of a value that is to be searched for by what comes out."""

from __future__ import annotations

from gdbench.descent.domains import inner_fraction, one_of, optional, positive, within
from gdbench.descent.errors import BadParameter
from gdbench.descent.registry import CHECK, UNSAID, Entry, Parameter, Registry

#: What a search may end at: where runs stop being stable, or where they are soonest at a target.
CRITICAL, FASTEST = "critical", "fastest"
#: Probes that a search makes at most.
MOST = 40
#: A search ends where the rates around the one that is found differ by no more than this share.
TOLERANCE = {CRITICAL: 0.01, FASTEST: 0.05}


def find(what: str) -> str:
    """A rate found by runs: `critical`, above which they are not stable, or `fastest`, soonest at a target."""
    return what


def _check(**given: object) -> None:
    low, high = given.get("from"), given.get("to")
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        raise BadParameter("from", f"'from' of search 'find' must be below 'to', but {low:g} ≥ {high:g}.")


_PARAMETERS = (
    Parameter("what", one_of(CRITICAL, FASTEST)),
    Parameter("tolerance", optional(inner_fraction), None),
    Parameter("from", optional(positive), None),
    Parameter("to", optional(positive), None),
    Parameter("most", within(3, 1000), MOST),
)

#: How a config says it.
SEARCH = "find"
#: What may stand in place of a value, to be searched for.
SEARCHES: Registry[str] = Registry("search", "searches")
SEARCHES.put(
    Entry("search", SEARCH, find, _PARAMETERS, {CHECK: _check, UNSAID: [p.name for p in _PARAMETERS[1:]]})
)
