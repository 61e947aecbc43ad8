"""Which gdbench this is: a worker with other kernels would record results under keys that are not theirs.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import gdbench.descent
from gdbench import __version__
from gdbench.descent.errors import GdbenchError
from gdbench.plugins.loading import Plugin, unlike


def identity() -> dict[str, str]:
    """Version and a digest of the kernels' sources, which tells apart two checkouts of one version."""
    return {"gdbench": __version__, "kernels": _kernels()}


def check_identity(expected: Mapping[str, str]) -> None:
    """Raise GdbenchError unless the parent's gdbench is this one."""
    mine = identity()
    if mine != dict(expected):
        raise GdbenchError(another("a worker", mine, expected))


def another(where: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """The sentence for a place where another gdbench is than here."""
    return (
        f"{where} has another gdbench than this one: {in_words(theirs)} there, {in_words(ours)} here. "
        "Install the same version in both places."
    )


def check_plugin(expected: Plugin, found: Plugin) -> None:
    """Raise GdbenchError unless a plug-in is here what it is in the parent."""
    if found.digest != expected.digest:
        raise GdbenchError(
            f"{expected.origin}: a worker has another plug-in of this name: its digest is {found.digest[:12]} "
            f"there, {expected.digest[:12]} here. Install the same version in both places."
        )
    for what, here, there in unlike(expected, found):
        raise GdbenchError(
            f"{expected.origin}: {what} is {here} here and {there} in a worker, although the file is the same. "
            "Write constants down: they must not come from chance, the clock or the machine."
        )


def in_words(of: Mapping[str, str]) -> str:
    """An identity in words."""
    return f"gdbench {of['gdbench']} (kernels {of['kernels']})"


@lru_cache(maxsize=1)
def _kernels() -> str:
    folder, found = Path(str(gdbench.descent.__file__)).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]
