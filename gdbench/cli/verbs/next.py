"""gdbench next: the next experiment worth running, printed, written or run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from gdbench.cli import OK
from gdbench.cli.streams import put, put_json, say
from gdbench.cli.verbs.run import Options, run_config
from gdbench.config.outside import argument, command
from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import CONFIG_BYTES
from gdbench.judgement.next_experiment import Offer, heading, next_experiment
from gdbench.judgement.study import study
from gdbench.plugins.named_files import Unreadable, read_regular
from gdbench.record.store import Store


class Place(NamedTuple):
    """Where it is run, with --run: see `gdbench run`."""

    results: Path
    runner: str
    workers: int | None
    tracking_uri: str | None
    tracking: bool


def follow(folder: Path, output: Path | None, place: Place, *, force: bool, run_it: bool, as_json: bool) -> int:
    """folder: of the experiment.  output: the file to write; None prints, or is the usual one to run."""
    with Store.read(folder) as store:
        offer = next_experiment(study(store), store, output.parent if output else None)
    if as_json and not (run_it and isinstance(offer, Offer)):
        put_json(offer.to_plain())
    if not isinstance(offer, Offer):
        say(offer.why)
        return OK
    path = output or (offer.path if run_it else None)
    if path is None:
        if not as_json:
            _print(offer)
        return OK
    _write(path, offer, force=force)
    if not run_it:
        put(str(path))
        return OK
    say(f"{path}: {offer.why}")
    return _run(path, place, as_json=as_json)


def _print(offer: Offer) -> None:
    """The config into a pipe or a file; for people at a terminal what it is, and how to have it."""
    if not sys.stdout.isatty():
        put(offer.text, end="")
        return
    again = command(["gdbench", "next", offer.experiment])
    put(offer.why)
    put(f"to run it: {again} --run")
    put(f"to write it: {again} -o {argument(offer.path)}")
    put(f"to read it: {again} | cat")


def _write(path: Path, offer: Offer, *, force: bool) -> None:
    """Over a file of its own, and over no other one unless it is asked to."""
    try:
        own = heading(offer.experiment)
        ours = not path.exists() or read_regular(path, CONFIG_BYTES).decode("utf-8").startswith(own)
        if not (ours or force):
            raise GdbenchError(f"{path}: there is such a file already. Choose another with -o, or --force.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(offer.text, encoding="utf-8")
    except Unreadable as error:
        raise GdbenchError(f"{path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise GdbenchError(f"{path}: cannot be written: {reason}. Choose another with -o.") from None


def _run(path: Path, place: Place, *, as_json: bool) -> int:
    options = Options(
        runner=place.runner,
        workers=place.workers,
        overrides=(),
        only=(),
        again=(),
        limit=None,
        fail_fast=False,
        tracking=place.tracking,
        tracking_uri=place.tracking_uri,
    )
    return run_config(path, place.results, options, dry_run=False, yes=False, as_json=as_json, quiet=False)
