"""What each kind of place can be told under `options`, checked before anything is opened."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from gdbench.config.yaml.places import ConfigPath, Findings
from gdbench.descent.domains import show
from gdbench.descent.errors import nearest
from gdbench.execution.profiles.kinds import OURS, load_kind
from gdbench.execution.profiles.profile import A_SPAN, Seconds

_HOSTS = "a list of at least one host: the first has the scheduler, the others a worker each"
_TEXTS = "a list of texts"

Text = Annotated[str, StringConstraints(min_length=1)]
#: SLURM's minutes, minutes:seconds, hours:minutes:seconds, or days-hours and on.
Walltime = Annotated[
    Text,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    StringConstraints(pattern=r"^(\d+-)?\d+(:\d+){0,2}$"),
]


class _Options(BaseModel):
    """A field's description is what a message says is expected."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Open(_Options):
    """Keywords that we do not know go to the library, as far as it knows them."""

    model_config = ConfigDict(extra="allow")


class Pypy(_Options):
    interpreter: Text = Field("pypy3", description="a program's name on the PATH, or a path")


class Dask(_Open):
    address: Text | None = Field(None, description="a scheduler's address, as tcp://host:8786")
    patience: Seconds | None = Field(None, description=A_SPAN)


class Slurm(_Open):
    queue: Text | None = Field(None, description="the name of a partition")
    account: Text | None = Field(None, description="the name of an account")
    cores: int | None = Field(None, ge=1, description="a whole number of 1 or more")
    processes: int | None = Field(None, ge=1, description="a whole number of 1 or more")
    memory: Text | None = Field(None, description="a job's memory, as 2GB")
    walltime: Walltime | None = Field(None, description="a job's time in SLURM's form, as 01:00:00")
    interface: Text | None = Field(None, description="a network interface, as ib0")
    job_extra_directives: list[str] | None = Field(None, description=_TEXTS)
    job_script_prologue: list[str] | None = Field(None, description=_TEXTS)
    worker_extra_args: list[str] | None = Field(None, description=_TEXTS)
    local_directory: Text | None = Field(None, description="a folder on the workers' machines")
    log_directory: Text | None = Field(None, description="a folder")
    python: Text | None = Field(None, description="the jobs' Python, a path")
    patience: Seconds | None = Field(None, description=A_SPAN)


class Ssh(_Open):
    hosts: list[Text] = Field(min_length=1, description=_HOSTS)
    connect_options: dict[str, Any] | list[dict[str, Any]] | None = Field(
        None, description="a mapping of asyncssh's connection options, or a list of one for each host"
    )
    worker_options: dict[str, Any] | None = Field(None, description="a mapping of options of a Dask worker")
    scheduler_options: dict[str, Any] | None = Field(None, description="a mapping of options of the scheduler")
    remote_python: Text | list[Text] | None = Field(None, description="the hosts' Python, a path")
    patience: Seconds | None = Field(None, description=A_SPAN)


_MODELS: Mapping[str, type[BaseModel]] = {
    "serial": _Options,
    "processes": _Options,
    "pypy": Pypy,
    "dask": Dask,
    "dask-slurm": Slurm,
    "dask-ssh": Ssh,
}

#: Keywords of the libraries that are gdbench's to give → what to use instead.
_RESERVED = {
    "n_workers": "workers of the profile",
    "memory_limit": "memory_limit of the profile",
    **dict.fromkeys(("threads_per_worker", "nthreads"), "workers of the profile: each does one run at a time"),
    **dict.fromkeys(
        (
            "host",
            "local_directory",
            "dashboard_address",
            "silence_logs",
            "loop",
            "asynchronous",
            "worker_class",
        ),
        "address, with a cluster that you have started yourself",
    ),
}


def checked_options(kind: str, given: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The options as the engine gets them; what is wrong with them joins the findings."""
    model = _MODELS[kind] if kind in OURS else getattr(load_kind(kind), "Options", None)
    if model is None:
        return dict(given)
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        tell(error, model, given, ("options",), f"option of kind {kind}", findings)
        return {}
    extra = dict.fromkeys(checked.model_extra or ())
    _check_passed_on(kind, extra, given, model, findings)
    return checked.model_dump(exclude_unset=True)


def tell(
    error: ValidationError,
    model: type[BaseModel],
    given: Mapping[str, Any],
    path: ConfigPath,
    what: str,
    findings: Findings,
) -> None:
    """What pydantic found, in our words, one sentence for each key of `given`, which stands at `path`."""
    for key in dict.fromkeys(str(problem["loc"][0]) for problem in error.errors(include_url=False)):
        if key not in model.model_fields:
            known = [name for name in model.model_fields if name != "name"]
            told = nearest(key, known) if known else "It has none."
            findings.add((*path, key), f"no {what} is called '{key}'. {told}", at_key=True)
            continue
        expected = model.model_fields[key].description or "another value"
        found = f"not {show(given[key])}" if key in given else "but it is missing"
        findings.add((*path, key), f"'{key}' must be {expected}, {found}.")


def _check_passed_on(
    kind: str,
    extra: Sequence[str] | Mapping[str, None],
    given: Mapping[str, Any],
    model: type[BaseModel],
    findings: Findings,
) -> None:
    """Options that go to the library: those it defines, not ours misspelt, nor what we give it ourselves."""
    if not extra:
        return
    ours, theirs = set(model.model_fields), _keywords(kind)
    if given.get("address"):
        theirs = set()  # a scheduler that runs already takes none
    for key in extra:
        path = ("options", key)
        if kind == "dask" and key in _RESERVED:
            remedy = _RESERVED[key]
            findings.add(path, f"the option '{key}' is gdbench's to give. Use {remedy}.", at_key=True)
        elif (theirs is None and get_close_matches(key, ours, 1)) or (theirs is not None and key not in theirs):
            close = get_close_matches(key, ours, 1)
            told = nearest(key, ours if close or not theirs else theirs)
            findings.add(path, f"no option of kind {kind} is called '{key}'. {told}", at_key=True)


def _keywords(kind: str) -> set[str] | None:
    """The keywords that the library behind a kind defines; None where it is not installed."""
    try:
        callables = _callables(kind)
    except ImportError:
        return None
    names = {
        name for one in callables for name, p in inspect.signature(one).parameters.items() if p.kind.value != 4
    }
    return names - {"self", "kwargs", "args"}


def _callables(kind: str) -> list[Any]:
    from distributed import LocalCluster, Nanny, SSHCluster, Worker  # noqa: PLC0415  slow, and an extra

    if kind == "dask":
        return [LocalCluster, Nanny, Worker]
    if kind == "dask-ssh":
        return [SSHCluster]
    from dask_jobqueue.core import Job, JobQueueCluster  # noqa: PLC0415
    from dask_jobqueue.slurm import SLURMJob  # noqa: PLC0415

    return [SLURMJob, Job, JobQueueCluster]
