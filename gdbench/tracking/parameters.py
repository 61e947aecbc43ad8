"""The learned parameters of a sweep in one file on its parent: run key → name and parameters, bit for bit.

One file for all: a folder and a file for each run took 25 times as long (0.12 against 0.005 ms a run), left
10,000 folders of a large study, and through a server is a request more.
"""

from __future__ import annotations

import json
import math
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdbench.record.records import RunRecord

PARAMETERS_FILE = "parameters.json"


def write_parameters(file: IO[str], records: Iterable[RunRecord], labels: Mapping[str, str]) -> None:
    """Write one JSON object, a line for each run; infinities and NaN as text, since JSON has none."""
    before = "{"
    for record in records:
        values = [value if math.isfinite(value) else str(value) for value in record.result.parameters]
        held = {"run": labels.get(record.key, record.key), "parameters": values}
        file.write(f"{before}\n  {json.dumps(record.key)}: {json.dumps(held, ensure_ascii=False)}")
        before = ","
    file.write("{}\n" if before == "{" else "\n}\n")
