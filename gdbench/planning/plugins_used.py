"""Which plug-ins a run rests on: only those are part of its identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.costs import COSTS
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.registry import Registry
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.surfaces import SURFACES
from gdbench.plugins.loading import is_any_loaded, plugin_of

#: A spec's key → the room that it chooses from. Generators are missing: their data is known by its content.
_ROOMS: Mapping[str, Registry[object]] = {
    "surface": SURFACES,
    "model": MODELS,
    "cost": COSTS,
    "penalty": PENALTIES,
    "gradient": GRADIENTS,
    "audit": GRADIENTS,
    "optimizer": OPTIMIZERS,
    "learning_rate": LEARNING_RATES,
    "initialization": INITIALIZERS,
    "batch_size": BATCH_SIZES,
    "convergence": STOPPING_RULES,
    "watch": STOPPING_RULES,
    "kernel": KERNELS,
}


def plugins_used(spec: Mapping[str, Any]) -> dict[str, str]:
    """{"cost pseudo_huber": digest of its file's code} for each choice of a spec that a plug-in made.

    Where a step rests on what theory makes of a plug-in's claims, their digest is there as well.
    """
    found: dict[str, str] = {}
    if not is_any_loaded():
        return found
    rests = _rests_on_claims(spec)
    for key, room in _ROOMS.items():
        for name in _names(spec.get(key)):
            plugin = plugin_of(room.kind, name)
            if plugin:
                found[f"{room.kind} {name}"] = plugin.digest
                if rests and plugin.claims:
                    found[f"claims of {room.kind} {name}"] = plugin.claims
    return found


def _rests_on_claims(spec: Mapping[str, Any]) -> bool:
    """Whether any step, or the end, follows from L, μ, the optimum, or the cost's being a square."""
    chosen = [
        _ROOMS[key][name].facts
        for key in ("learning_rate", "convergence", "watch", "kernel")
        for name in _names(spec.get(key))
        if name in _ROOMS[key]
    ]
    theoretical = any(given.get("theoretical") for given in spec.get("optimizer", {}).values())
    return theoretical or any(facts.get("needs") or facts.get("squared") for facts in chosen)


def _names(value: Any) -> Iterator[str]:
    """Every key, however deep: a rule may stand within `any`, and what is no name is in no room."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _names(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
