"""One of NIST's data sets as columns, for the loader of data."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gdbench.data.columns import Columns, choose_features, choose_target
from gdbench.data.nist.library import NIST


def read_nist(name: str, target: str | None = None, features: Sequence[str] | None = None) -> Columns:
    """The data in its raw units, the target what NIST's model predicts.

    That is y, except in Nelson, where it is log(y); `target: y` asks for the observations there too.
    name: one of NIST.  Raises BadParameter for a target or feature that the set does not have.
    """
    known = NIST[name]
    target = choose_target(name, list(dict.fromkeys([known.response, "y"])), target)
    chosen = choose_features(name, list(known.predictors), target, features)
    return Columns(
        name=name,
        title=f"{name} → {target}" if known.response != "y" else name,
        features={label: known.predictors[label] for label in chosen},
        target_name=target,
        target=known.y if target == "y" else [math.log(y) for y in known.y],
    )
