"""Where MLflow may be told to keep artifacts: a folder or an address, and never one with a password in it."""

from __future__ import annotations

import re
from typing import Any

from gdbench.descent.domains import Domain

#: Credentials before a host: s3://key:secret@bucket. A config is stored and shown; they belong elsewhere.
_CREDENTIALS = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*@"


def _artifact_root(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if not value or not value.isprintable() or re.match(_CREDENTIALS, value):
        raise ValueError
    return value


artifact_root = Domain(
    "a folder or an address such as s3://bucket/path, without credentials (they belong in the environment)",
    {"type": "string", "minLength": 1, "not": {"pattern": _CREDENTIALS}},
    _artifact_root,
)
