"""What a sweep is: a plan, the runs of it that are meant, and the place where they are done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from gdbench.config.experiment import load_experiment
from gdbench.execution.auto import MEASURED, Placed, placed
from gdbench.execution.profiles.profile import AUTO, Profile
from gdbench.execution.profiles.profile_files import load_profile, runner_words, split_overrides
from gdbench.execution.selection import chosen, to_do
from gdbench.judgement.stages import grown_by
from gdbench.planning.plan import Plan, Run, make_plan
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from gdbench.tracking.server.address import resolve_uri


class Wanted(NamedTuple):
    """Which runs are meant: see `gdbench.execution.selection`. limit: of those that are begun now."""

    only: Sequence[str] = ()
    again: Sequence[str] = ()
    limit: int | None = None


#: Every run that has no result yet.
ALL = Wanted()


class Selection(NamedTuple):
    """meant: the runs that were asked for.  now: those of them to begin.  before: how many are done already."""

    meant: Sequence[Run]
    now: Sequence[Run]
    before: int


@dataclass(frozen=True)
class Sweep:
    """Which runs of a plan are done where.

    results: the folder of all experiments.  uri: the MLflow address, or None for no tracking.
    fail_fast: begin nothing more once a run failed.  asked: the words that chose the profile.
    """

    plan: Plan
    results: Path
    profile: Profile
    uri: str | None = None
    wanted: Wanted = ALL
    fail_fast: bool = False
    asked: Sequence[str] = ()

    @property
    def folder(self) -> Path:
        """The experiment's, with its store."""
        return self.results / self.plan.experiment.name

    def select(self, outcomes: Mapping[str, str]) -> Selection:
        """outcomes: key → outcome of what is recorded."""
        meant = chosen(self.plan, self.wanted.only)
        missing = to_do(meant, outcomes, self.wanted.again)
        return Selection(meant, missing[: self.wanted.limit], len(meant) - len(missing))

    def more(self, outcomes: Mapping[str, str], begun: Collection[str]) -> Sequence[Run]:
        """Of a plan that has grown: what is to begin now. begun: keys of the runs that this session began."""
        meant = chosen(self.plan, self.wanted.only)
        missing = [run for run in to_do(meant, outcomes) if run.key not in begun]
        limit = self.wanted.limit
        return missing if limit is None else missing[: max(0, limit - len(begun))]

    def recorded(self, store: Store) -> dict[str, str]:
        """Key → outcome of the plan's runs that have one."""
        return store.outcomes(run.key for run in self.plan.runs)

    def place(self, runs: Sequence[Run], store: Store | None = None, recorded: Iterable[str] = ()) -> Placed:
        """Where they are done: as the profile says, or what `auto` comes to. recorded: keys in the store."""
        keys = sorted(recorded)
        measured = store.runs(keys[:: 1 + len(keys) // MEASURED], curves=False) if store else ()
        return placed(self.profile, self.plan, runs, measured)

    def preview(self) -> tuple[Selection, Placed]:
        """What `run` would select, and where it would be done; nothing is written."""
        if not (self.folder / STORE_NAME).exists():
            selection = self.select({})
            return selection, self.place(selection.now)
        sweep = replace(self, plan=grown_by(self.plan, self.folder))
        with Store.read(self.folder) as store:
            recorded = sweep.recorded(store)
            selection = sweep.select(recorded)
            return selection, sweep.place(selection.now, store, recorded)


def prepare(
    config: Path | Plan,
    results: Path,
    *,
    runner: str = AUTO,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    only: Sequence[str] = (),
    again: Sequence[str] = (),
    limit: int | None = None,
    fail_fast: bool = False,
    tracking: bool = True,
    tracking_uri: str | None = None,
) -> Sweep:
    """Read config and profile, and find everything that can be wrong before a file is written.

    config: its file, or its plan.
    overrides: `key=value`, for the profile where the key begins with `runner.`.
    only, again, limit: see `Wanted`.  tracking: whether MLflow is told.
    """
    for_config, for_runner = split_overrides(overrides)
    profile = load_profile(runner, workers, for_runner)
    uri = resolve_uri(tracking_uri, results) if tracking else None
    plan = config if isinstance(config, Plan) else make_plan(load_experiment(config, for_config))
    limits = [limit for limit in (profile.timeout, plan.experiment.timeout) if limit is not None]
    profile = profile.model_copy(update={"timeout": min(limits, default=None)})
    wanted, words = Wanted(only, again, limit), runner_words(runner, workers, for_runner)
    sweep = Sweep(plan, results, profile, uri, wanted, fail_fast, words)
    sweep.select({})
    return sweep
