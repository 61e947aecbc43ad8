"""Runner profiles: where a plan runs, kept apart from what it is, so that moving it changes no result."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gdbench.descent.domains import show
from gdbench.descent.errors import UnknownName, nearest
from gdbench.experiment.document import Document, read_document
from gdbench.experiment.places import Findings
from gdbench.experiment.reading import read_text

FOLDER = Path("runners")

Kind = Literal["serial", "processes", "pypy", "dask", "dask-slurm", "dask-ssh"]
Workers = Literal["all"] | Annotated[int, Field(ge=1)]


class Profile(BaseModel):
    """One place to run: its kind, and how many workers it has ("all": one for each core)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: Kind = Field(description="serial: in this process; processes: local workers; pypy: under PyPy")
    workers: Workers = Field("all", description="a number, or all: one for each core")
    timeout: float | None = Field(None, description="seconds of wall clock a run may take")
    memory_limit: int | None = Field(None, description="bytes of address space a worker may take")
    retries: int = Field(1, ge=0, description="of a run that ended its worker")
    options: dict[str, Any] = Field(default_factory=dict, description="what the kind of place needs")
    name: str = Field("", description="what records call it")

    @property
    def worker_count(self) -> int:
        return available_cores() if self.workers == "all" else self.workers


#: What `--runner` knows without any file.
BUILT_IN = {
    "serial": Profile(kind="serial", workers=1, name="serial"),
    "processes": Profile(kind="processes", name="processes"),
}

_EXPECTED = {
    "kind": f"'kind' must be {' or '.join(get_args(Kind))}",
    "workers": "'workers' must be a whole number of 1 or more, or all",
}


def load_profile(name: str, workers: int | None = None) -> Profile:
    """The profile of a path, of a name in runners/, or built in; `workers` wins over what it says.

    Raises ConfigError for a bad file, UnknownName for a name that nothing has.
    """
    profile = _find(name)
    return profile.model_copy(update={"workers": workers}) if workers else profile


def _find(name: str) -> Profile:
    beside = FOLDER / f"{name}.yaml"
    if Path(name).suffix in {".yaml", ".yml"}:
        return _read(Path(name))
    if beside.is_file():
        return _read(beside)
    if name in BUILT_IN:
        return BUILT_IN[name]
    known = {*BUILT_IN, *(path.stem for path in FOLDER.glob("*.yaml"))}
    raise UnknownName("runner", name, known, f" A profile is a file in {FOLDER}/, or a path to one.")


def _read(path: Path) -> Profile:
    document = read_document(read_text(path))
    try:
        return Profile.model_validate(document.value)
    except ValidationError as error:
        _explain(error, document)
        raise


def _explain(error: ValidationError, document: Document) -> None:
    """Raise all that pydantic found as a ConfigError in our words."""
    findings = Findings(document.places)
    for key in dict.fromkeys(str(problem["loc"][0]) for problem in error.errors(include_url=False)):
        if key not in Profile.model_fields:
            known = nearest(key, Profile.model_fields)
            findings.add((key,), f"no key is called '{key}' in a runner profile. {known}", at_key=True)
        else:
            found = f"not {show(document.value[key])}" if key in document.value else "but it is missing"
            findings.add((key,), f"{_EXPECTED[key]}, {found}.")
    findings.raise_any()


def available_cores() -> int:
    """The cores that this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
