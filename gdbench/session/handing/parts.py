"""The file that is handed on: a ZIP of named parts and a manifest with the digest of each.

The same parts make the same bytes. A file of a stranger is read with care: nothing outside of its folder is
written, and nothing that swells beyond measure.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import mkstemp
from typing import Self

from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import as_bytes

MANIFEST = "manifest.json"
STORE, ANSWER, PAGE, ENVIRONMENT = "store.sqlite", "answer.txt", "report.html", "environment.json"

#: What says that a manifest is one, and which form it has.
FORMAT, VERSION = "gdbench bundle", 1

#: ZIP knows no earlier moment; a real one would make each file another.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644

#: Bytes that all parts may have together, and parts; what is more was not made by `gdbench bundle`.
MOST_BYTES, MOST_PARTS = 16_000_000_000, 20_000
#: Times that a part may be longer than its packed form, where it is long: SQLite's pages stay far below it.
_MOST_SWELLING, _SHORT = 300, 20_000_000
_MOST_MANIFEST = 50_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True)
class DataPart:
    """A table that runs need. part: of the bundle; "" where it is not there.

    recipe: what the config says of it, to make or read it again.  held_out: its rows are tested on.
    """

    digest: str
    rows: int
    features: int
    targets: int
    label: str
    part: str = ""
    recipe: Mapping[str, object] = field(default_factory=dict)
    held_out: bool = False


@dataclass(frozen=True)
class PluginPart:
    """A plug-in's file, by the name that the experiment has for it."""

    part: str
    origin: str


@dataclass(frozen=True)
class Manifest:
    """What is in a bundle.

    config: the part that `gdbench run` takes, with these overrides; "" where it is not there.
    left_out: a sentence for each thing that is not in it.  parts: name → (SHA-256, bytes).
    """

    experiment: str
    gdbench: str
    kernel_version: int
    runs: int
    config: str = ""
    overrides: Sequence[str] = ()
    data: Sequence[DataPart] = ()
    plugins: Sequence[PluginPart] = ()
    left_out: Sequence[str] = ()
    parts: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def to_text(self) -> str:
        """As JSON, which is the same for the same parts."""
        plain = {"format": FORMAT, "version": VERSION, **vars(self)}
        return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False, default=vars) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises ValueError, TypeError or LookupError where it is none."""
        plain = json.loads(text)
        if plain.pop("format") != FORMAT or plain.pop("version") != VERSION:
            raise ValueError("another format")
        data = [DataPart(**one) for one in plain.pop("data")]
        plugins = [PluginPart(**one) for one in plain.pop("plugins")]
        parts = {str(name): (str(digest), int(size)) for name, (digest, size) in plain.pop("parts").items()}
        found = cls(data=data, plugins=plugins, parts=parts, **plain)
        for one in (*(data.part for data in data if data.part), *(plugin.part for plugin in plugins)):
            parts[one]
        return found


# --- writing


def write(path: Path, manifest: Manifest, parts: Mapping[str, bytes | Path]) -> Manifest:
    """Write the file, whole or not at all; gives the manifest with the digests of all parts."""
    digests = {name: _digest(parts[name]) for name in sorted(parts)}
    whole = Manifest(**{**vars(manifest), "parts": digests})
    everything = {MANIFEST: whole.to_text().encode(), **{name: parts[name] for name in sorted(parts)}}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as packed:
                for name, content in everything.items():
                    _put(packed, name, content)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be written: {error.strerror or error}.") from error
    return whole


def _digest(content: bytes | Path) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size


def _put(packed: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE << 16, 3
    if isinstance(content, bytes):
        packed.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size
    with content.open("rb") as source, packed.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _CHUNK)


# --- reading


class NoBundle(GdbenchError):
    """A file that is not what `gdbench bundle` writes."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: this is no bundle of gdbench: {why}. gdbench bundle NAME writes one.")


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """A bundle whose names and sizes have been looked at; raises GdbenchError."""
    try:
        with zipfile.ZipFile(path) as packed:
            _check(path, packed)
            yield _manifest(path, packed), packed
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise NoBundle(path, "it is no ZIP, or a spoilt one") from error


def _check(path: Path, packed: zipfile.ZipFile) -> None:
    entries = packed.infolist()
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise NoBundle(path, f"it would be more than {MOST_PARTS:,} files or {as_bytes(MOST_BYTES)}")
    seen: set[str] = set()
    for entry in entries:
        name = PurePosixPath(entry.filename)
        parts = entry.filename.split("/")
        odd = (
            name.is_absolute()
            or not set(parts).isdisjoint(("", ".", ".."))
            or set(entry.filename) & set("\\:\0")
        )
        if (
            odd
            or entry.filename.casefold() in seen
            or stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG)
        ):
            raise NoBundle(path, f"the name or kind of a file in it is not allowed ({entry.filename!r})")
        if entry.file_size > _SHORT and entry.file_size > _MOST_SWELLING * max(1, entry.compress_size):
            raise NoBundle(path, f"{entry.filename} would swell to {as_bytes(entry.file_size)}")
        seen.add(entry.filename.casefold())


def _manifest(path: Path, packed: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in packed.namelist():
        raise NoBundle(path, f"it has no {MANIFEST}")
    if packed.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise NoBundle(path, f"its {MANIFEST} is too long")
    try:
        found = Manifest.from_text(packed.read(MANIFEST).decode())
        size = sum(size for _, size in found.parts.values())
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise NoBundle(path, f"its {MANIFEST} cannot be read, or is of another version") from error
    if STORE not in found.parts or size > MOST_BYTES:
        raise NoBundle(path, f"its {MANIFEST} names no {STORE}")
    return found


def unpack(manifest: Manifest, packed: zipfile.ZipFile, folder: Path) -> dict[str, str]:
    """Write every part that the manifest names into a folder; part → what is wrong with it.

    A file that the manifest does not name is wrong as well, and is not written.
    """
    there = set(packed.namelist()) - {MANIFEST}
    wrong = dict.fromkeys(sorted(there - manifest.parts.keys()), "is not in the manifest")
    for name, (expected, _) in manifest.parts.items():
        if name not in there:
            wrong[name] = "is missing"
            continue
        try:
            found = _extract(packed, name, folder / name)
        except (zipfile.BadZipFile, EOFError, ValueError, OSError, zlib.error) as error:
            found, wrong[name] = expected, f"cannot be unpacked: {error}"
        if found != expected:
            wrong[name] = "is not what the manifest has the digest of"
    return wrong


def _extract(packed: zipfile.ZipFile, name: str, target: Path) -> str:
    """Its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with packed.open(name) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
