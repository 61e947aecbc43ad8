"""What can be made again is made once for each version, and kept in the user's cache folder.

Each writer has a file of its own, and the last one's stays: they are the same. What is not whole is made again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from gdbench.record.locate import cache_folder


def kept(name: str) -> bytes | None:
    """What was kept under a name; None where there is nothing, or not all of it."""
    with suppress(OSError):
        digest, _, content = (cache_folder() / name).read_bytes().partition(b"\n")
        if digest == _digest(name, content):
            return content
    return None


def keep(name: str, content: bytes) -> None:
    """In a folder that cannot be written nothing is, and it will be made the next time too."""
    place = cache_folder() / name
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_digest(name, content) + b"\n" + content)
            Path(beside).replace(place)
        finally:
            Path(beside).unlink(missing_ok=True)


def _digest(name: str, content: bytes) -> bytes:
    """Of what is kept, and of what it is for."""
    return hashlib.sha256(name.encode() + content).hexdigest().encode()


class Templates(BytecodeCache):
    """A page's templates as Python's code: to compile them takes as long as to fill them.

    Whether a template has changed Jinja tells by its text.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := kept(_name(bucket))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        keep(_name(bucket), bucket.bytecode_to_string())


def _name(bucket: Bucket) -> str:
    """Of a template, with all by which it is compiled."""
    of = bucket.environment
    options = f"{of.autoescape} {of.trim_blocks} {of.lstrip_blocks}"
    made_by = f"{version('jinja2')} {sys.implementation.cache_tag} {options} {bucket.key}"
    return f"template-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}"
