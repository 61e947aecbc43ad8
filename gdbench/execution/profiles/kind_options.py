"""What each kind of place can be told under `options`, checked before anything is opened."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pkgutil import resolve_name
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from gdbench.config.yaml.places import ConfigPath, Mistakes
from gdbench.descent.domains import show
from gdbench.descent.errors import nearest
from gdbench.execution.profiles.profile import A_SPAN, AUTO, OURS, Options, Seconds, load_kind

_HOSTS = "a list of at least one host: the first has the scheduler, the others a worker each"
_TEXTS = "a list of texts"

Text = Annotated[str, StringConstraints(min_length=1)]
#: SLURM's minutes, minutes:seconds, hours:minutes:seconds, or days-hours and on.
Walltime = Annotated[
    Text,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    StringConstraints(pattern=r"^(\d+-)?\d+(:\d+){0,2}$"),
]


class _StrictOptions(BaseModel):
    """A field's description is what a message says is expected."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _OpenOptions(_StrictOptions):
    """Keywords that we do not know go to the library, as far as it knows them."""

    model_config = ConfigDict(extra="allow")


class PypyOptions(_StrictOptions):
    interpreter: Text = Field("pypy3", description="a program's name on the PATH, or a path")


class DaskOptions(_OpenOptions):
    address: Text | None = Field(None, description="a scheduler's address, as tcp://host:8786")
    patience: Seconds | None = Field(None, description=A_SPAN)


class SlurmOptions(_OpenOptions):
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


class SshOptions(_OpenOptions):
    hosts: list[Text] = Field(min_length=1, description=_HOSTS)
    connect_options: Options | list[Options] | None = Field(
        None, description="a mapping of asyncssh's connection options, or a list of one for each host"
    )
    worker_options: Options | None = Field(None, description="a mapping of options of a Dask worker")
    scheduler_options: Options | None = Field(None, description="a mapping of options of the scheduler")
    remote_python: Text | list[Text] | None = Field(None, description="the hosts' Python, a path")
    patience: Seconds | None = Field(None, description=A_SPAN)


_MODELS: Mapping[str, type[BaseModel]] = {
    AUTO: _StrictOptions,
    "serial": _StrictOptions,
    "processes": _StrictOptions,
    "pypy": PypyOptions,
    "dask": DaskOptions,
    "dask-slurm": SlurmOptions,
    "dask-ssh": SshOptions,
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


def checked_options(kind: str, given: Mapping[str, object], mistakes: Mistakes) -> Options:
    """The options as the engine gets them; what is wrong with them joins the mistakes."""
    model = _MODELS[kind] if kind in OURS else getattr(load_kind(kind), "Options", None)
    if model is None:
        return dict(given)
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        add_mistakes(error, model, given, ("options",), f"option of kind {kind}", mistakes)
        return {}
    if checked.model_extra:
        _check_passed_on(kind, checked.model_extra, given, model, mistakes)
    return checked.model_dump(exclude_unset=True)


def add_mistakes(
    error: ValidationError,
    model: type[BaseModel],
    given: Mapping[str, object],
    path: ConfigPath,
    what: str,
    mistakes: Mistakes,
) -> None:
    """Of an error of pydantic's one sentence in our words for each key of `given`, which stands at `path`."""
    for key in dict.fromkeys(str(problem["loc"][0]) for problem in error.errors(include_url=False)):
        if key not in model.model_fields:
            known = [name for name in model.model_fields if name != "name"]
            remedy = nearest(key, known) if known else "It has none."
            mistakes.add((*path, key), f"no {what} is called '{key}'. {remedy}", at_key=True)
            continue
        expected = model.model_fields[key].description or "another value"
        instead = f"not {show(given[key])}" if key in given else "but it is missing"
        mistakes.add((*path, key), f"'{key}' must be {expected}, {instead}.")


def _check_passed_on(
    kind: str, extra: Iterable[str], given: Mapping[str, object], model: type[BaseModel], mistakes: Mistakes
) -> None:
    """Options that go to the library: those it defines, not ours misspelt, nor what we give it ourselves."""
    ours = set(model.model_fields)
    # a scheduler that runs already takes none
    theirs = set[str]() if given.get("address") else _keywords(kind)
    for key in extra:
        if kind == "dask" and key in _RESERVED:
            message = f"the option '{key}' is gdbench's to give. Use {_RESERVED[key]}."
        else:
            misspelt = bool(get_close_matches(key, ours, 1))
            if key in theirs if theirs is not None else not misspelt:
                continue
            remedy = nearest(key, ours if misspelt else theirs or ours)
            message = f"no option of kind {kind} is called '{key}'. {remedy}"
        mistakes.add(("options", key), message, at_key=True)


def _keywords(kind: str) -> set[str] | None:
    """The keywords that the library behind a kind defines; None where it is not installed."""
    try:
        callables = [resolve_name(name) for name in _CALLABLES[kind]]
    except ImportError:
        return None
    parameters = [p for one in callables for p in inspect.signature(one).parameters.values()]
    return {p.name for p in parameters if p.kind is not p.VAR_KEYWORD} - {"self", "kwargs", "args"}


#: Kind → what of its library takes the keywords; loaded where there are some, because it is slow, and an extra.
_CALLABLES = {
    "dask": ("distributed:LocalCluster", "distributed:Nanny", "distributed:Worker"),
    "dask-ssh": ("distributed:SSHCluster",),
    "dask-slurm": (
        "dask_jobqueue.slurm:SLURMJob",
        "dask_jobqueue.core:Job",
        "dask_jobqueue.core:JobQueueCluster",
    ),
}
