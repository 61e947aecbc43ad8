"""A worker's first file, run by its path: lends the parent's packages to an interpreter that has none of them.

It says what Python it is, then becomes a worker. Argument: JSON, the name of each package → its file.
Everything else is the interpreter's own: what is installed beside gdbench may be compiled for another.
Standard library and Python 3.9 only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from types import ModuleType


class ModuleFinder(MetaPathFinder):
    """Finds the packages whose files are given, wherever they are."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  what is lent lies in no folder of a package
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        file = self._files.get(fullname)
        return spec_from_file_location(fullname, file) if file else None


if __name__ == "__main__":
    # before anything is imported: the parent waits for no more than this to know that it is a Python
    sys.stdout.write(json.dumps({"here": sys.version}) + "\n")
    sys.stdout.flush()
    sys.meta_path.insert(0, ModuleFinder(json.loads(sys.argv.pop(1))))
    from gdbench.execution.workers.pypy_worker import serve

    serve()
