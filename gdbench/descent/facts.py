"""Facts: what a choice claims of itself, beside its function, for all that reason about it.

A fact is a value, or a function of the choice's parameters; each room says which facts it reads, and which
of them are functions of more than that. What is not given is not known, and what rests on it says so.
`gdbench check` holds a plug-in's claims against its formula.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Container, Dict, Mapping

#: What contradictions between parameters there are is asked of the registry's entry itself.
CHECK = "check"


def settled(
    facts: Mapping[str, Any], parameters: Mapping[str, Any], functions: Container[str] = ()
) -> Dict[str, Any]:
    """The facts of a choice with these parameters; `functions` are those that take further arguments first."""
    found: Dict[str, Any] = {}
    for name, fact in facts.items():
        if name == CHECK:
            continue
        if name in functions:
            found[name] = partial(fact, **parameters) if parameters and callable(fact) else fact
        else:
            found[name] = fact(**parameters) if callable(fact) else fact
    return found
