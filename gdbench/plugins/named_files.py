"""Opening a file that a user named: a regular one of bounded size, or a sentence that says what it is instead.

A named pipe waits for somebody to write, and a device may have no end. Standard library and Python 3.9 only.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import as_bytes

#: Opening a pipe must not wait for its other end; a system without this flag has no such pipes.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class Unreadable(GdbenchError):
    """A file that cannot be read; the text says why, without its path: "this is a named pipe, …".

    kind: "missing", "folder", "special", "large" or "other", for readers that know more to say.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


def open_regular(path: Path, most: int) -> BinaryIO:
    """A file open for reading; raises Unreadable. most: bytes that it may have.

    One that grows while it is read is its reader's to hold up: ask for `most` bytes and one more.
    """
    try:
        _check(path.stat(), most)
        file = os.fdopen(os.open(path, os.O_RDONLY | _AT_ONCE), "rb")
    except FileNotFoundError:
        raise Unreadable("missing", "there is no such file.") from None
    except ValueError:  # of a NUL in its name
        raise Unreadable("missing", "there is no such file: no name can hold such a character.") from None
    except OSError as error:
        raise _unread(error) from None
    try:
        _check(os.fstat(file.fileno()), most)  # it may have been replaced in between
    except Unreadable:
        file.close()
        raise
    return file


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file of at most so many bytes; raises Unreadable."""
    with open_regular(path, most) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise _unread(error) from None
    if len(content) > most:
        raise _too_large(most)
    return content


def _check(found: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise Unreadable("folder", "this is a folder. Name a file in it.")
    for is_such, what in _SPECIAL:
        if is_such(found.st_mode):
            said = f"this is {what}, which may never end. Write into a file what it gives, and name that."
            raise Unreadable("special", said)
    if found.st_size > most:
        raise _too_large(most)


def _too_large(most: int) -> Unreadable:
    return Unreadable("large", f"this file is larger than {as_bytes(most)}, the most that is read.")


def _unread(error: OSError) -> Unreadable:
    if error.errno == errno.ELOOP:
        return Unreadable("other", "this is a link that leads back to itself. Make it anew.")
    return Unreadable("other", f"this file cannot be read: {error.strerror or error}.")
