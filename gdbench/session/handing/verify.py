"""A bundle looked through: parts by their digests, the store by its checksums, runs by doing some again.

Because the same spec gives the same bits everywhere, anybody can. Nothing of a plug-in is executed before
somebody has said so.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from gdbench.config.yaml.document import plain_document, read_mapping
from gdbench.config.yaml.places import ConfigText, Mistakes
from gdbench.data.data import load
from gdbench.data.source import read_sources
from gdbench.descent import KERNEL_VERSION
from gdbench.descent.errors import GdbenchError
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.execution.again import computed_again
from gdbench.execution.profiles.profile import Profile
from gdbench.planning.specs import key_of
from gdbench.plugins.loading import Plugin, load_source, plugin_of
from gdbench.record.database import Damaged
from gdbench.record.records import RunRecord
from gdbench.record.salvage import damage_of
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.comparison.same_runs import OF_THE_PLACE, Apart, first_difference
from gdbench.session.handing.parts import STORE, DataPart, Manifest, opened, unpack
from gdbench.session.handing.sources import read_csv
from gdbench.session.handing.yardsticks import Moved, moved


class Sample(NamedTuple):
    """share: of the runs that can be done again, by lot.  seed: of the lot."""

    share: float = 0.05
    seed: int = 0


class Differing(NamedTuple):
    """A run that came out otherwise than it is recorded. kernel: the version that it was recorded by."""

    key: str
    label: str
    apart: Apart
    kernel: int


@dataclass
class Findings:
    """What came of it.

    parts: part → what is wrong with it.  damage: of the store, in a few words, "" for none.
    misnamed: keys that are not those of what the run says it did.  runs: in the store.
    same, differing: of those that were done again.  older: others that differ, recorded by other kernels.
    moved: constants of the problems of these runs that came out otherwise.
    left: reason → how many runs could not be done again. Those that no lot fell on are not counted.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    damage: str = ""
    misnamed: list[str] = field(default_factory=list)
    runs: int = 0
    same: int = 0
    differing: list[Differing] = field(default_factory=list)
    older: list[Differing] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        apart = [one for one in self.moved if not one.close]
        return not (self.parts or self.damage or self.misnamed or self.differing or apart)

    @property
    def done(self) -> int:
        """How many runs were done again."""
        return self.same + len(self.differing) + len(self.older)

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""

        def plain(found: Sequence[Differing]) -> list[dict[str, object]]:
            return [{**one._asdict(), "apart": one.apart._asdict()} for one in found]

        return {
            "sound": self.sound,
            "parts": dict(self.parts),
            "damage": self.damage,
            "misnamed": self.misnamed,
            "runs": self.runs,
            "computed_again": self.done,
            "same": self.same,
            "differing": plain(self.differing),
            "older": plain(self.older),
            "moved": [one._asdict() for one in self.moved],
            "left": dict(self.left),
        }


@dataclass(frozen=True)
class Unpacked:
    """A bundle in a folder of its own. wrong: part → what is wrong with it."""

    path: Path
    manifest: Manifest
    folder: Path
    wrong: Mapping[str, str]

    def plugin_text(self, part: str) -> str:
        """A plug-in's source; raises GdbenchError where it is no text."""
        try:
            return (self.folder / part).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise GdbenchError(f"{self.path}: {part} cannot be read: {error}.") from error


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """Its parts, for as long as the block lasts; raises GdbenchError where it is no bundle."""
    with (
        TemporaryDirectory(prefix="gdbench-", ignore_cleanup_errors=True) as scratch,
        opened(path) as (manifest, packed),
    ):
        folder = Path(scratch)
        yield Unpacked(path, manifest, folder, unpack(manifest, packed, folder))


def verify(bundle: Unpacked, sample: Sample, profile: Profile, *, trust: bool) -> Findings:
    """Look at everything, and do a part of the runs again. trust: whether its plug-ins may be executed."""
    found = Findings(parts=bundle.wrong)
    store = bundle.folder / STORE
    if not store.exists():
        return found
    try:
        found.damage = damage_of(store, thorough=True).why
        if not found.damage:
            with Store.read(bundle.folder) as read:
                _look(found, bundle, read, sample, profile, trust=trust)
    except Damaged as error:
        found.damage = error.what
    except GdbenchError as error:
        raise GdbenchError(str(error).replace(str(store), f"{bundle.path}: {STORE}")) from error
    return found


def _look(
    found: Findings, bundle: Unpacked, store: Store, sample: Sample, profile: Profile, *, trust: bool
) -> None:
    problems, runs = store.problems(), list(store.runs(curves=False))
    labels = {run.key: run.label for plan in store.plans() for run in plan.runs}
    found.runs = len(runs)
    found.misnamed += [run.key for run in runs if key_of(run.spec) != run.key]
    tables = _Tables(bundle)
    plugins = _plugins(bundle) if trust else []
    trusted = trust or not bundle.manifest.plugins
    reasons = {run.key: _why_not(run, problems, tables, trust=trusted) for run in runs}
    reasons.update(dict.fromkeys(found.misnamed, "its key is not that of what it says it did"))
    found.left.update(filter(None, reasons.values()))
    lot = drawn([run for run in runs if not reasons[run.key]], sample)
    found.moved += _moved(lot, problems, tables.known)
    again = computed_again(lot, problems, tables.known, plugins, profile, bundle.folder) if lot else ()
    recorded = store.runs([run.key for run in lot])
    for one, other in zip(recorded, again, strict=True):
        _compare(found, one, other, labels.get(one.key, one.key))


def _moved(
    lot: Sequence[RunRecord], problems: Mapping[str, ProblemRecord], tables: Mapping[str, Table]
) -> Iterator[Moved]:
    for run in {run.problem: run for run in reversed(lot)}.values():
        if run.spec.get("kernel_version") == KERNEL_VERSION:
            yield from moved(problems[run.problem], run.spec, tables)


def _compare(found: Findings, recorded: RunRecord, again: RunRecord, label: str) -> None:
    if again.result.outcome in OF_THE_PLACE:
        found.left[f"{again.result.outcome.replace('_', ' ')} here"] += 1
        return
    apart, kernel = first_difference(recorded, again), int(recorded.spec.get("kernel_version", 0))
    if apart is None:
        found.same += 1
    else:
        there = found.differing if kernel == KERNEL_VERSION else found.older
        there.append(Differing(recorded.key, label, apart, kernel))


def drawn(runs: Sequence[RunRecord], sample: Sample) -> list[RunRecord]:
    """The share of the runs that the lot falls on, in turns from every problem; one at least."""
    lot, by_problem = Random(sample.seed), dict[str, list[RunRecord]]()  # noqa: S311  seeded on purpose
    for run in sorted(runs, key=lambda run: run.key):
        by_problem.setdefault(run.problem, []).append(run)
    turns = list(by_problem.values())
    lot.shuffle(turns)
    for one in turns:
        lot.shuffle(one)
    most = math.ceil(sample.share * len(runs))
    rounds = max(map(len, turns), default=0)
    return [one[turn] for turn in range(rounds) for one in turns if turn < len(one)][:most]


# --- what it takes


def _why_not(run: RunRecord, problems: Mapping[str, ProblemRecord], tables: _Tables, *, trust: bool) -> str:
    """Why a run cannot be done again; "" where it can."""
    spec = run.spec
    if run.result.outcome in OF_THE_PLACE:
        return f"{run.result.outcome.replace('_', ' ')} where it was recorded"
    if run.problem not in problems:
        return "its problem is not in the store"
    if spec.get("plugins"):
        if not trust:
            return "it uses a plug-in, and no plug-in was executed (--trust)"
        if any(_strange(what, digest) for what, digest in spec["plugins"].items()):
            return "the plug-in that it used is not in the bundle"
    wanted = [] if "surface" in spec else [spec.get("digest", ""), *filter(None, [spec.get(TEST_DIGEST)])]
    return next((why for digest in wanted if (why := tables.why_not(digest))), "")


def _strange(what: str, digest: str) -> bool:
    """Whether a choice of a plug-in is not here as the run had it. what: 'cost pseudo_huber'."""
    claims = what.startswith(_CLAIMS)
    kind, _, name = what.removeprefix(_CLAIMS).rpartition(" ")
    plugin = plugin_of(kind, name)
    return plugin is None or (plugin.claims if claims else plugin.digest) != digest


_CLAIMS = "claims of "


def _plugins(bundle: Unpacked) -> list[Plugin]:
    """They are executed here."""
    return [
        load_source(bundle.plugin_text(one.part), f"{bundle.path.name}:{one.part}")
        for one in bundle.manifest.plugins
    ]


class _Tables:
    """The data of a bundle, read when a run wants it. known: digest → table, as far as they are had."""

    def __init__(self, bundle: Unpacked) -> None:
        self._folder, self._parts = bundle.folder, {one.digest: one for one in bundle.manifest.data}
        self._why: dict[str, str] = {}
        self.known: dict[str, Table] = {}

    def why_not(self, digest: str) -> str:
        """Why there is no such table; "" where there is."""
        if digest not in self._why:
            self._why[digest] = self._found(digest)
        return self._why[digest]

    def _found(self, digest: str) -> str:
        of = self._parts.get(digest)
        if of is None:
            return "its data is not in the bundle"
        for table in self._ways(of):
            if table.digest == digest:
                self.known[digest] = table
                return ""
        return (
            f"its data ({of.label}) is not what its digest says" if of.part else "its data is not in the bundle"
        )

    def _ways(self, of: DataPart) -> Iterator[Table]:
        if of.part:
            try:
                yield read_csv((self._folder / of.part).read_bytes(), of)
            except (OSError, ValueError, ArithmeticError):
                return
        else:
            yield from _made(of)


def _made(of: DataPart) -> Iterable[Table]:
    """What the recipe gives; of what it would read on this machine, nothing."""
    recipe = dict(of.recipe)
    test = recipe.get("test")
    if "file" in recipe or (isinstance(test, Mapping) and "file" in test):
        return []
    try:
        config = plain_document(read_mapping(ConfigText("recipe", json.dumps({"data": [recipe]}))))
        mistakes = Mistakes(config.places)
        sources = read_sources(config.value["data"], Path(), mistakes)
        mistakes.raise_any()
        data = [load(source) for source in sources]
    except GdbenchError:
        return []
    return [one for each in data for one in (each.table, *([each.held_out.table] if each.held_out else []))]
