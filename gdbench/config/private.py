"""What of a text would tell of the machine and the people it comes from, taken out before it is handed on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

#: user:password@ in an address; the last @ ends it, so that a password may hold one.
_USERINFO = re.compile(r"(?<=://)\S*@")
#: The same within a text, where an @ may stand further on in the address.
_USERINFO_IN_TEXT = re.compile(r"(?<=://)[^\s/'\"]*@")
#: A secret that is given by its name, as in an address's query.
SECRET_VALUE = re.compile(r"(?i)\b(password|passwd|pwd|token|secret|sslpassword)=[^&\s'\"]+")

#: Whole paths, by what is around them: an address of a file; between quotes, where spaces belong to them; bare.
_ADDRESS = re.compile(r"\b(file|sqlite(?:\+\w+)?):/+[^\s'\"]*/([^\s'\"/]*)")
_QUOTED = re.compile(r"(?<=[\"'])(?:…?/|[A-Za-z]:[\\/])[^\"'\n]*[\\/]([^\"'\n\\/]*)(?=[\"'])")
_BARE = re.compile(r"(?<![\w.:/\\~…-])…?(?:/[^\s/:;,'\"()\[\]<>|]+)+/([^\s/:;,'\"()\[\]<>|]*)")
_WINDOWS = re.compile(r"(?<!\w)[A-Za-z]:[\\/](?:[^\s\\/:;,'\"()<>|]+[\\/])+([^\s\\/:;,'\"()<>|]*)")


#: Steps of a path that many machines have in common: /, and a name below it.
_SHARED = 2


def without_credentials(text: str) -> str:
    """An address without who asks and by which secret."""
    return SECRET_VALUE.sub(r"\1=…", _USERINFO.sub("", text))


def folders_of(paths: Iterable[str | Path]) -> tuple[str, ...]:
    """The folders of whole paths that were named, this one, one's home: texts may hold them, spaces and all."""
    whole = [
        *(Path(path) for path in paths if Path(path).is_absolute()),
        Path.cwd() / "here",
        Path(os.path.expanduser("~"), "here"),  # noqa: PTH111  Path.home() fails where nobody has one
    ]
    return tuple(sorted({str(above) for path in whole for above in path.parents if len(above.parts) > _SHARED}))


def impersonal(text: str, known: Iterable[str] = (), sign: str = "…/") -> str:
    """The text with whole paths cut down to their last name, and no credentials.

    known: folders whose names it may hold.  sign: what stands for the folders.
    """
    for folder in sorted(known, key=len, reverse=True):
        text = text.replace(f"{folder}/", sign).replace(folder, "…")
    text = _ADDRESS.sub(rf"\1:{sign}\2", SECRET_VALUE.sub(r"\1=…", _USERINFO_IN_TEXT.sub("", text)))
    for pattern in (_QUOTED, _BARE, _WINDOWS):
        text = pattern.sub(rf"{sign}\1", text)
    return text
