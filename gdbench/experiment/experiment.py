"""A config that has been read and found right: what to run, with nothing said yet about where."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gdbench.descent.gradients import GRADIENTS
from gdbench.experiment.axes import read_grid
from gdbench.experiment.components import read_choices
from gdbench.experiment.convergence import read_watched
from gdbench.experiment.document import plain_document, read_mapping
from gdbench.experiment.overrides import apply
from gdbench.experiment.places import ConfigPath, Findings, Places, each
from gdbench.experiment.plugins.listing import read_plugins
from gdbench.experiment.plugins.loading import Plugin
from gdbench.experiment.plugins.packages import load_installed
from gdbench.experiment.reading import read_text
from gdbench.experiment.schema import check_shape
from gdbench.experiment.source import Source, read_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gdbench.experiment.choice import Choice
    from gdbench.experiment.problems import ConfigError

#: The most combinations of one grid; a thousand such runs a second would take a quarter of an hour.
MOST_COMBINATIONS = 1_000_000


@dataclass(frozen=True)
class Experiment:
    """What a config asks for.

    path, text: the config as found, its YAML untouched; `overrides` were applied on top.
    sources: where the data comes from, more than one being an axis.
    grid: axis → its choices, all axes, in canonical order.
    repeats: runs of each combination in which something is random.
    targets: relative objective gaps whose first iteration is recorded, the loosest first.
    watch: stopping rules whose firing is recorded although they stop nothing.
    audit: the gradient method that the chosen one is compared with at the start of each run.
    divergence: a cost that grew by more than this multiple of max(1, |starting cost|) counts as diverged.
    tracking: the section of this name, plain, with only what is given.
    plugins: what the config and installed packages add to the choices, for the workers to load as well.
    """

    name: str
    description: str
    path: Path
    text: str
    sources: tuple[Source, ...]
    grid: Mapping[str, tuple[Choice, ...]]
    repeats: int
    seed: int
    targets: tuple[float, ...]
    divergence: float
    places: Places = field(compare=False, repr=False)
    watch: tuple[Choice, ...] = ()
    audit: Choice | None = None
    overrides: tuple[str, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    tracking: Mapping[str, Any] = field(default_factory=dict)

    def error(self, path: ConfigPath, message: str) -> ConfigError:
        """An error at the value that a config path leads to, ("data", "target") or ("grid", "cost", 1)."""
        return self.places.value(path).error(message)


def load_experiment(path: Path, overrides: Iterable[str] = ()) -> Experiment:
    """Read and check a config; raises `ConfigError` with everything that is wrong with it.

    overrides: settings that win over the file, as in "grid.learning_rate=[0.1, 0.2]".
    """
    text, overrides = read_text(path), tuple(overrides)
    document = plain_document(apply(read_mapping(text), overrides))
    findings = Findings(document.places)
    # before anything looks up a name, and alone: an unknown name may only want its plug-in mended
    plugins = (*load_installed(), *read_plugins(document.value.get("plugins"), path.parent, findings))
    findings.raise_any()
    shape = check_shape(document.value, findings)
    given_grid = document.value.get("grid")
    grid = read_grid(given_grid, findings) if isinstance(given_grid, dict) else {}
    _check_size(grid, findings)
    data = document.value.get("data")
    sources = read_sources(data, path.parent, findings) if "data" in document.value else ()
    watched = document.value.get("watch", [])
    watch = [rule for item, at in each(watched, ("watch",)) for rule in read_watched(item, at, findings)]
    audit = document.value.get("audit")
    audits = read_choices(GRADIENTS, audit, ("audit",), findings) if audit is not None else []
    findings.raise_any()
    assert shape is not None
    return Experiment(
        name=shape.name,
        description=shape.description.strip(),
        path=path,
        text=text.text,
        sources=sources,
        grid=grid,
        repeats=shape.repeats,
        seed=shape.seed,
        targets=tuple(sorted(set(shape.targets), reverse=True)),
        divergence=shape.divergence,
        watch=tuple(dict.fromkeys(watch)),
        audit=audits[0] if audits else None,
        places=document.places,
        overrides=overrides,
        plugins=plugins,
    )


def _check_size(grid: Mapping[str, tuple[Choice, ...]], findings: Findings) -> None:
    combinations = math.prod(map(len, grid.values()))
    if combinations > MOST_COMBINATIONS:
        wrong = f"this grid has {combinations:,} combinations; an experiment may have {MOST_COMBINATIONS:,}."
        findings.add(("grid",), f"{wrong} Split it, or take fewer values on an axis.", at_key=True)
