"""gdbench bundle and gdbench verify: what went into a file, and what of a file holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.streams import put, put_json, say
from gdbench.cli.words import bytes_in_words, counted
from gdbench.config.outside import argument, command
from gdbench.descent import KERNEL_VERSION
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.plugins.guard import Consent
from gdbench.session.handing.bundle import bundle
from gdbench.session.handing.verify import Differing, Findings, Sample, Unpacked, unpacked, verify

#: Lines of one kind that are shown; JSON has all.
_SHOWN = 10


def write_bundle(folder: Path, output: Path | None, most: int) -> None:
    """Write it and say what is in it. most: bytes of a table that goes in."""
    done = bundle(folder, output, most, lambda reason: say(f"the page has no charts: {reason}"))
    manifest = done.manifest
    put(str(done.path))
    there = [
        counted(manifest.runs, "run"),
        counted(sum(bool(one.part) for one in manifest.data), "data set"),
        *([counted(len(manifest.plugins), "plug-in")] if manifest.plugins else []),
    ]
    say(f"{', '.join(there)}, the config and the page: {bytes_in_words(done.size)}")
    for sentence in manifest.left_out:
        say(f"left out: {sentence}")
    say(f"whoever gets it checks it by: {command(['gdbench', 'verify', argument(done.path)])}")


def verify_bundle(
    path: Path,
    sample: tuple[float, int],
    place: tuple[str, int | None, Sequence[str]],
    *,
    trust: bool,
    as_json: bool,
) -> int:
    """Say what holds and what does not, and return the exit status. place: see `load_profile`."""
    profile = load_profile(*place)
    with unpacked(path) as given:
        trusted = _trusted(given, trust=trust)
        found = verify(given, Sample(*sample), profile, trust=trusted)
        if as_json:
            put_json({"experiment": given.manifest.experiment, **found.to_plain()})
        else:
            for line in _lines(found, given):
                put(line)
    return OK if found.sound else RUN_FAILED


def _trusted(given: Unpacked, *, trust: bool) -> bool:
    """Whether its plug-ins may be executed: as it was said, or as somebody says who is asked."""
    plugins = given.manifest.plugins
    if not plugins or not Consent.given:
        return False
    for one in plugins:
        lines = given.plugin_text(one.part).count("\n")
        digest = given.manifest.parts[one.part][0]
        say(f"its plug-in {one.part}: {counted(lines, 'line')} of Python, SHA-256 {digest[:16]}…")
    if trust:
        return True
    show = command(["unzip", "-p", argument(given.path), plugins[0].part])
    say(f"A plug-in runs with all of your rights. To read it first: {show}")
    if sys.stdin.isatty() and sys.stderr.isatty():
        return click.confirm("Execute what is listed above?", err=True)
    say("Nothing of it is executed. Add --trust where you trust who wrote it.")
    return False


def _lines(found: Findings, given: Unpacked) -> Iterator[str]:
    """What came of it, a line each; the verdict is the last."""
    for part, wrong in found.parts.items():
        yield f"✗ {part} {wrong}"
    if not found.parts:
        yield f"✓ {counted(len(given.manifest.parts), 'part')}, each as the manifest has its digest"
    if found.damage:
        yield f"✗ the store is damaged: {found.damage}; no run was done again"
    elif found.runs:
        yield f"✓ the store: {counted(found.runs, 'run')}, each with its checksums"
    for key in found.misnamed[:_SHOWN]:
        yield f"✗ run {key}: its key is not that of what it says it did"
    yield from _again(found)
    yield from (f"· {counted(number, 'run')} not done again: {why}" for why, number in found.left.items())
    for sentence in given.manifest.left_out:
        yield f"· not in the bundle: {sentence}"
    yield _verdict(found, given)


def _again(found: Findings) -> Iterator[str]:
    for at in found.moved[:_SHOWN]:
        close = "; libraries of mathematics may disagree so far" if at.close else ""
        sign = "·" if at.close else "✗"
        yield f"{sign} {at.problem}: {at.what} is {at.one} in the bundle, {at.other} here{close}"
    if found.same:
        whole = "every curve, result and parameter equal to the last bit"
        yield f"✓ {counted(found.same, 'run')} done again, {whole}"
    for one in found.differing[:_SHOWN]:
        yield f"✗ {_differs(one)}"
    if len(found.differing) > _SHOWN:
        yield f"✗ and {counted(len(found.differing) - _SHOWN, 'more run')}"
    if found.older:
        one = found.older[0]
        yield (
            f"? {counted(len(found.older), 'run')} of kernel version {one.kernel} came out otherwise under "
            f"version {KERNEL_VERSION}, as bits may: that is no difference. {_differs(one)}"
        )


def _differs(one: Differing) -> str:
    apart = one.apart
    return f"{one.label} ({one.key}) differs: {apart.what}: {apart.one} in the bundle, {apart.other} here"


def _verdict(found: Findings, given: Unpacked) -> str:
    name = given.manifest.experiment
    if not found.sound:
        return f"{name}: not what was written, or not what comes out here."
    if found.done:
        return f"{name}: sound, as far as {found.done} of {counted(found.runs, 'run')} tell."
    return f"{name}: as it was written; no run was done again."
