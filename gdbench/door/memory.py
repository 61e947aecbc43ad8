"""Data in memory as a file called by its content: it is then recorded, found again, and run anywhere."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pandas as pd

from gdbench.descent.errors import GdbenchError

#: The key under which a config holds a table in memory.
FRAME = "frame"

#: What pandas makes a table of.
Rows = Sequence[Sequence[float]]


def put_away(source: Mapping[str, object], folder: Path) -> dict[str, object]:
    """`{frame: table, target: …}` as `{file: path, target: column}`, the table written into a folder.

    frame: a pandas frame, or what pandas makes one of, whose columns are then x1, x2, …
    target: the name of a column, or the values themselves. Raises GdbenchError.
    """
    table, target = _table(source[FRAME], source.get("target"))
    path = folder / f"{FRAME}-{_digest(table)}.parquet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            beside = path.with_name(f".{os.getpid()}-{path.name}")
            table.to_parquet(beside, index=False)
            beside.replace(path)
    except (OSError, ValueError, TypeError) as error:
        raise GdbenchError(f"data.frame: cannot be written to {path}: {error}.") from error
    rest = {key: value for key, value in source.items() if key not in (FRAME, "target")}
    return {"file": str(path), "target": target, **rest}


def _table(given: object, target: object) -> tuple[pd.DataFrame, object]:
    try:
        table = given if isinstance(given, pd.DataFrame) else pd.DataFrame(cast("Rows", given))
    except (ValueError, TypeError) as error:
        raise GdbenchError(
            f"data.frame: is no table: {error}. Give a pandas frame or rows of numbers."
        ) from None
    names = [str(name) for name in table.columns]
    if not isinstance(given, pd.DataFrame) and all(isinstance(name, int) for name in table.columns):
        names = [f"x{place}" for place in range(1, len(names) + 1)]
    table = table.set_axis(names, axis="columns").reset_index(drop=True)
    if target is None or isinstance(target, str):
        return table, target
    values = pd.Series(cast("Sequence[float]", target)).reset_index(drop=True)
    if len(values) != len(table):
        raise GdbenchError(
            f"data.target: has {len(values):,} values for {len(table):,} rows; expected one for each row."
        )
    name = str(values.name) if values.name is not None else "y"
    return table.assign(**{name: values}), name


def _digest(table: pd.DataFrame) -> str:
    """40 bits of what the table holds: names, types and cells."""
    found = hashlib.sha256(repr([(name, str(kind)) for name, kind in table.dtypes.items()]).encode())
    found.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return found.hexdigest()[:10]
