"""From a path to text: everything that can be wrong with a config before its first word is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gdbench.config.yaml.mistakes import ConfigError, Mistake
from gdbench.config.yaml.places import ConfigText

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 10_000_000  # bytes
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path) -> ConfigText:
    """The text of a config file; raises `ConfigError`."""
    content = _content(path)
    if content.startswith(_UTF16):
        raise _refused(path, "this file is UTF-16. Save it as UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = ConfigText(str(path), content[: error.start].decode("utf-8-sig"))
        wrong = f"the byte 0x{content[error.start]:02x} is not UTF-8. Save the file as UTF-8 text."
        raise ConfigError([before.mistake(len(before.text), wrong)]) from None
    return checked(ConfigText(str(path), text, folder=path.parent))


def checked(text: ConfigText) -> ConfigText:
    """The same text, if all of its characters may stand in YAML."""
    wrong = _UNPRINTABLE.search(text.text)
    if wrong:
        code = f"U+{ord(wrong[0]):04X}"
        message = f"the control character {code} cannot stand in a config. Save it as plain text."
        raise ConfigError([text.mistake(wrong.start(), message)])
    return text


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _refused(path, "this is a folder; a config is a YAML file in it.")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise _refused(
            path, "there is no such file. Check the path; gdbench reads it from the current folder."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(path, f"this file cannot be read: {reason}.") from None
    if len(content) > _LARGEST:
        raise _refused(path, "this file is larger than 10 MB; a config describes an experiment in a few lines.")
    return content


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError([Mistake(str(path), 0, 0, message)])
