"""An experiment becomes one file that can be handed on: seen, done again and checked anywhere, by anyone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from gdbench import __version__
from gdbench.descent import KERNEL_VERSION
from gdbench.judgement.answer import answer
from gdbench.judgement.study import study
from gdbench.record.locate import STORE_NAME
from gdbench.record.recorded_plan import latest_plan
from gdbench.record.store import Store
from gdbench.report.page.write import documents
from gdbench.session.handing.clean_copy import clean_copy
from gdbench.session.handing.parts import ANSWER, ENVIRONMENT, PAGE, STORE, Manifest, write
from gdbench.session.handing.sources import gather

#: Bytes of a table up to which it goes in, where nobody says.
USUAL_DATA = 20_000_000


class Bundled(NamedTuple):
    """path: of the file.  size: its bytes.  manifest: what is in it."""

    path: Path
    size: int
    manifest: Manifest


def bundle(
    folder: Path,
    output: Path | None = None,
    most: int = USUAL_DATA,
    missing: Callable[[str], None] = lambda _: None,
) -> Bundled:
    """Write an experiment into one file. output: by default NAME.gdbench.zip here.

    most: bytes of a table that goes in; of a larger one, its digest and how it is made.
    missing: told why the page has no charts, where it has none.  Raises GdbenchError.
    """
    path = output or Path(f"{folder.name}.gdbench.zip")
    with Store.read(folder) as store:
        latest_plan(store)
        found = gather(store.plans(), (run.spec for run in store.runs(curves=False)), most)
    with TemporaryDirectory(prefix="gdbench-") as scratch:
        copy = Path(scratch) / folder.name
        copy.mkdir()
        clean_copy(folder / STORE_NAME, copy / STORE_NAME)
        with Store.read(copy) as store:
            about = study(store)
            page = documents([about], [store], None, ["html"], missing)
            runs = store.keys()
            interpreters = sorted({run.result.interpreter for run in store.runs(curves=False)} - {""})
            said = answer(about)
        parts: dict[str, bytes | Path] = {
            **found.parts,
            STORE: copy / STORE_NAME,
            PAGE: str(page["index.html"]).encode(),
            ANSWER: "\n".join([f"{said.experiment}: {said.progress}", *said.lines, ""]).encode(),
            ENVIRONMENT: _json({"planned": dict(about.plan.environment), "computed": interpreters}),
        }
        manifest = Manifest(
            experiment=folder.name,
            gdbench=__version__,
            kernel_version=KERNEL_VERSION,
            runs=len(runs),
            config=found.config,
            overrides=list(about.plan.overrides),
            data=found.data,
            plugins=found.plugins,
            left_out=found.left_out,
        )
        whole = write(path, manifest, parts)
    return Bundled(path, path.stat().st_size, whole)


def _json(plain: object) -> bytes:
    return (json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
