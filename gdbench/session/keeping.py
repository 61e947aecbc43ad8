"""The life of recorded experiments after their sweeps: how much disk they use, their removal, another name.

Nobody is disturbed who runs or tracks one, and whoever is killed on the way can do the same again.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gdbench.config.vocabulary import misnamed
from gdbench.descent.errors import GdbenchError
from gdbench.planning.specs import digest_of
from gdbench.record.database import PARTS, Damaged, part_of
from gdbench.record.locate import STORE_NAME, recorded
from gdbench.record.lock import LOCK_NAME, TRACKING_LOCK_NAME, exclusive
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store
from gdbench.record.tables import Unmade
from gdbench.tracking.server.address import masked, resolve_uri, sqlite_path
from gdbench.tracking.server.embedded import Held, held, rename

#: Seconds in which a look at a lock, or a process that is just ending, lets go of it.
_LOCK_WAIT = 1.0

#: Folders in an experiment's that gdbench writes, and can write again.
_FOLDERS = ("report", "export")


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Hold both locks of an experiment. what: cannot be done where somebody else has one of them."""

    def busy(does: str) -> str:
        return f"{folder}: another gdbench {does}, so it cannot be {what} now. Wait for it, or end it."

    with (
        exclusive(folder / LOCK_NAME, _LOCK_WAIT, busy("is running this experiment")),
        exclusive(folder / TRACKING_LOCK_NAME, _LOCK_WAIT, busy("is sending its runs to MLflow")),
    ):
        yield


# --- what MLflow has of it


class InMlflow(NamedTuple):
    """experiment: by MLflow's name.  has: what MLflow's file has of it, None where it has nothing or is none.

    address: for people.  uri: for MLflow's own commands, without credentials.  asked: whether it could be.
    """

    experiment: str
    has: Held | None
    address: str
    asked: bool

    def command(self, verb: str, more: str = "") -> str:
        """MLflow's own command about the experiment."""
        id_ = self.has.experiment_id if self.has else "ID"
        words = f"mlflow experiments {verb} --experiment-id {id_}{more}"
        if "***" in self.address:
            return f"(with the whole address in MLFLOW_TRACKING_URI) {words}"
        return f"MLFLOW_TRACKING_URI={shlex.quote(self.address)} {words}"


def in_mlflow(plan: PlanRecord | None, name: str, results: Path, tracking_uri: str | None) -> InMlflow:
    """What MLflow has of an experiment; a server is not asked, only a file."""
    uri = resolve_uri(tracking_uri, results)
    path, experiment = sqlite_path(uri), plan.mlflow_experiment if plan else name
    if path is None:
        return InMlflow(experiment, None, masked(uri, uri), asked=False)
    return InMlflow(experiment, held(path, experiment) if path.exists() else None, uri, asked=True)


def last_plan(folder: Path) -> PlanRecord | None:
    """The one asked for last; None as well where the store is damaged or empty."""
    try:
        with Store.read(folder) as store:
            return store.last_plan()
    except (Unmade, Damaged):
        return None


# --- removal


def remove(folder: Path) -> list[Path]:
    """Remove what gdbench wrote into an experiment's folder; what else is in it stays, and is given back."""
    store = folder / STORE_NAME
    with alone(folder, "removed"):
        # the store itself first: what is left of an experiment without one is no experiment
        for part in reversed(PARTS):
            part_of(store, part).unlink(missing_ok=True)
        for file in folder.glob(f"{STORE_NAME}.*"):
            file.unlink(missing_ok=True)
        for name in _FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
    for name in (LOCK_NAME, TRACKING_LOCK_NAME):
        for part in PARTS:
            part_of(folder / name, part).unlink(missing_ok=True)
    left = sorted(folder.iterdir())
    if not left:
        folder.rmdir()
    return left


# --- another name


def give_name(folder: Path, name: str, about: InMlflow) -> bool:
    """Rename an experiment, in its folder, its plans and MLflow; whether MLflow has it by the new name as well.

    Each step can be done again, and the folder is moved last: who was killed before finds the old name.
    """
    wrong = misnamed(name)
    if wrong:
        raise GdbenchError(f"'{name}' is no name for an experiment: {wrong}")
    target = folder.with_name(name)
    _check_free(folder, target)
    with alone(folder, "renamed"):
        with Store.open(folder, locked=True) as store:
            renamed = {plan.id: _renamed(plan, name) for plan in store.plans()}
            moved = _rename_in_mlflow(about, name, {before: plan.id for before, plan in renamed.items()})
            if about.has and not moved:
                renamed = {before: _kept_in(plan, about.experiment) for before, plan in renamed.items()}
            store.rename_plans(renamed)
        folder.rename(target)
    return moved


def _check_free(folder: Path, target: Path) -> None:
    taken = [one for one in recorded(folder.parent) if one.casefold() == target.name.casefold()]
    if [one for one in taken if one != folder.name] or (target.exists() and not target.samefile(folder)):
        raise GdbenchError(f"{target}: is there already. Choose another name, or gdbench merge the two.")


def _renamed(plan: PlanRecord, name: str) -> PlanRecord:
    """The plan that a config with the new name asks for: its id is that of name and runs, or stages."""
    keys = list(plan.identity) or [run.key for run in plan.runs]
    ours = plan.id == digest_of([plan.experiment, *keys])
    return replace(plan, experiment=name, id=digest_of([name, *keys]) if ours else plan.id)


def _kept_in(plan: PlanRecord, experiment: str) -> PlanRecord:
    return replace(plan, tracking={**plan.tracking, "experiment_name": experiment})


def _rename_in_mlflow(about: InMlflow, name: str, ids: dict[str, str]) -> bool:
    path = sqlite_path(about.address)
    if path is None or about.has is None:
        return False
    if held(path, name):
        return False  # there is one by that name: nobody is to take its runs for ours
    rename(path, about.experiment, name, ids)
    return True
