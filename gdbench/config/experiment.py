"""A config that has been read and found right: what to run, with nothing said yet about where."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gdbench.config.expectations import read_expectations
from gdbench.config.extending import Whole, apply_overrides, read_whole, whole_of
from gdbench.config.grid.axes import read_rules
from gdbench.config.grid.combining import read_grid
from gdbench.config.grid.components import read_choices
from gdbench.config.grid.grid import Grid, Sampled, Values, check_ranges, check_size
from gdbench.config.grid.methods import read_methods
from gdbench.config.grid.ranges import Room, expand_ranges
from gdbench.config.race import Race
from gdbench.config.shapes import ConfigShape, check_shape
from gdbench.config.yaml.document import Document, plain_document
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.places import ConfigPath, ConfigText, Mistakes, Places, each
from gdbench.config.yaml.reading import checked
from gdbench.data.source import Source, names_of, read_sources
from gdbench.descent.errors import GdbenchError
from gdbench.descent.gradients import GRADIENTS
from gdbench.plugins.guard import Consent
from gdbench.plugins.installed import are_installed, load_installed
from gdbench.plugins.loading import Plugin, identity_of, load_source, read_source
from gdbench.plugins.packages import CONTENDERS, load_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gdbench.config.expectations import Expectation
    from gdbench.config.grid.choice import Choice


@dataclass(frozen=True)
class Experiment:
    """What a config asks for.

    path, text: the config as found, its YAML untouched, with what it extends below it as comments;
        `overrides` were applied on top.
    sources: where the data comes from, more than one being an axis.
    combining: the grid: the axes, and which of their combinations are asked for.
    repeats: runs of each combination in which something is random.  sample: how many to take, None for all.
    targets: relative objective gaps whose first iteration is recorded, the loosest first.
    watch: stopping rules whose firing is recorded although they stop nothing.
    audit: the gradient method that the chosen one is compared with at the start of each run.
    divergence: a cost that grew by more than this multiple of max(1, |starting cost|) counts as diverged.
    timeout: seconds of wall clock that a run may take, None for what the runner says.
    expect: published numbers that the runs are held against.
    tracking, report: the sections of these names, plain, with only what is given.
    methods: what is compared and what is tuned, by "compare" and "tune", with only what is given.
    race: how many settings go on from where to where, None where all are run to their end.
    plugins: what the config and installed packages add to the choices, for the workers to load as well.
    """

    name: str
    description: str
    path: Path
    text: str
    sources: tuple[Source, ...]
    repeats: int
    seed: int
    targets: tuple[float, ...]
    divergence: float
    places: Places = field(compare=False, repr=False)
    sample: Sampled | None = None
    watch: tuple[Choice, ...] = ()
    audit: Choice | None = None
    overrides: tuple[str, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    timeout: float | None = None
    expect: tuple[Expectation, ...] = ()
    tracking: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    methods: Mapping[str, Sequence[str]] = field(default_factory=dict)
    race: Race | None = None
    combining: Grid = field(default_factory=lambda: Grid({}))

    @cached_property
    def grid(self) -> Values:
        """Axis → its choices, all axes, in canonical order."""
        return self.combining.axes

    def error(self, path: ConfigPath, message: str) -> ConfigError:
        """An error at the value that a config path leads to, ("data", "target") or ("grid", "cost", 1)."""
        return ConfigError([self.places.mistake(path, message)])


def load_experiment(path: Path, overrides: Iterable[str] = ()) -> Experiment:
    """Read and check a config; raises `ConfigError` with everything that is wrong with it.

    overrides: settings that win over the file, as in "grid.learning_rate=[0.1, 0.2]".
    """
    return _experiment(read_whole(path), path, tuple(overrides))


def read_experiment(text: str, path: Path, overrides: Iterable[str] = (), name: str = "") -> Experiment:
    """The same of a text that has no file yet.

    path: where it would stand, which its own paths begin at.  name: what mistakes call it, by default the path.
    """
    own = checked(ConfigText(name or str(path), text, folder=path.parent))
    return _experiment(whole_of(own, path), path, tuple(overrides))


def _experiment(whole: Whole, path: Path, overrides: tuple[str, ...]) -> Experiment:
    document = plain_document(apply_overrides(whole.root, overrides))
    mistakes = Mistakes(document.places)
    config = _with_ranges(document, mistakes)
    shape = check_shape(config, mistakes)
    plugins: tuple[Plugin, ...] = ()
    if "plugins" in config or are_installed():
        mistakes.raise_any()  # nobody's code runs for a config that is refused anyway
        # before anything looks up a name, and alone: an unknown name may only want its plug-in mended
        plugins = (*load_installed(), *_read_plugins(config.get("plugins"), path.parent, mistakes))
        mistakes.raise_any()
    sources = read_sources(config["data"], path.parent, mistakes) if "data" in config else ()
    names = [name for source in sources for name in names_of(source)]
    asked = config.get("grid")
    grid = read_grid(asked, names, mistakes) if isinstance(asked, dict) else Grid({})
    sample = _sampled(shape)
    _check_extent(grid, shape, len(sources), mistakes, sample)
    methods = read_methods(config, grid.axes, mistakes)
    watched = config.get("watch", [])
    watch = [rule for item, at in each(watched, ("watch",)) for rule in read_rules(item, at, mistakes)]
    audit = config.get("audit")
    audits = read_choices(GRADIENTS, audit, ("audit",), mistakes) if audit is not None else []
    expected = read_expectations(config.get("expect"), mistakes)
    if mistakes.all and "plugins" in config and not Consent.given:
        mistakes.add(("plugins",), "what these add is unknown: they are not executed (--no-plugins).")
    mistakes.raise_any()
    assert shape is not None
    return Experiment(
        name=shape.name,
        description=shape.description.strip(),
        path=path,
        text=_text(whole.texts),
        sources=sources,
        combining=grid,
        repeats=shape.repeats,
        sample=sample,
        seed=shape.seed,
        targets=tuple(sorted(set(shape.targets), reverse=True)),
        divergence=shape.divergence,
        watch=tuple(dict.fromkeys(watch)),
        audit=audits[0] if audits else None,
        timeout=shape.timeout,
        expect=expected,
        tracking=shape.tracking.model_dump(exclude_unset=True),
        report=shape.report.model_dump(exclude_unset=True),
        methods=methods,
        race=_race(shape),
        places=document.places,
        overrides=overrides,
        plugins=plugins,
    )


def _race(shape: ConfigShape) -> Race | None:
    return Race(shape.race.keep, shape.race.rungs) if shape.race else None


def _check_extent(
    grid: Grid, shape: ConfigShape | None, sources: int, mistakes: Mistakes, sample: Sampled | None
) -> None:
    # of what cannot be read, nobody knows whether it asks for a sample
    if shape and not sample:
        check_ranges(grid, mistakes)
    check_size(grid, shape.repeats if shape else 1, sources, mistakes, sample)


def _sampled(shape: ConfigShape | None) -> Sampled | None:
    asked = shape.sample if shape else None
    return Sampled(asked.runs, asked.seed) if asked else None


def _read_plugins(value: object, folder: Path, mistakes: Mistakes) -> tuple[Plugin, ...]:
    """The files under `plugins:`, loaded before the grid is read, and none before all of them are read."""
    texts: list[tuple[str, str, ConfigPath]] = []
    contenders: list[ConfigPath] = []
    for item, path in each(value, ("plugins",)):
        if not isinstance(item, str):
            continue  # there are none
        if item == CONTENDERS:
            contenders.append(path)
            continue
        file = mistakes.places.folder(path, folder) / item
        with _noting(mistakes, path):
            source = read_source(file)
            identity_of(source, str(file))
            texts.append((source, str(file), path))
    if mistakes.all or not Consent.given:
        return ()
    found: dict[str, Plugin] = {}
    for source, origin, path in texts:
        with _noting(mistakes, path):
            plugin = load_source(source, origin)
            found[plugin.digest] = plugin
    for path in contenders[:1]:
        with _noting(mistakes, path):
            found[CONTENDERS] = load_module(f"gdbench.{CONTENDERS}", CONTENDERS)
    return tuple(found.values())


@contextmanager
def _noting(mistakes: Mistakes, path: ConfigPath) -> Iterator[None]:
    try:
        yield
    except GdbenchError as error:
        mistakes.add(path, str(error))


def _with_ranges(document: Document, mistakes: Mistakes) -> dict[str, object]:
    """The config's values, with lists for the ranges where numbers are listed."""
    listing, room = ("grid", "data", "targets", "watch"), Room()
    return {
        key: expand_ranges(value, (key,), mistakes, room) if key in listing else value
        for key, value in document.value.items()
    }


def _text(texts: Sequence[ConfigText]) -> str:
    """The config's own text, and those that it extends as comments below, so that a record holds all."""
    own, *bases = texts
    below = (
        f"\n# --- {base.name}, extended above\n" + "".join(f"# {line}\n" for line in base.text.splitlines())
        for base in bases
    )
    return own.text + "".join(below)
