"""From a path to text: everything that can be wrong with a config before its first word is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gdbench.config.yaml.mistakes import ConfigError, Mistake
from gdbench.config.yaml.places import ConfigText
from gdbench.descent.limits import CONFIG_BYTES, as_bytes
from gdbench.plugins.named_files import Unreadable, read_regular

if TYPE_CHECKING:
    from pathlib import Path

#: What a reader of configs knows better to say of a file that cannot be read.
_WORDS = {
    "missing": "there is no such file. Check the path; gdbench reads it from the current folder.",
    "folder": "this is a folder; a config is a YAML file in it.",
    "large": f"this file is larger than {as_bytes(CONFIG_BYTES)}; "
    "a config describes an experiment in a few lines.",
}
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
        return read_regular(path, CONFIG_BYTES)
    except Unreadable as error:
        raise _refused(path, _WORDS.get(error.kind, str(error))) from None


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError([Mistake(str(path), 0, 0, message)])
