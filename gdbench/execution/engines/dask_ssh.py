"""Dask's scheduler and workers on machines reached by SSH, each asked first who it is.

Dask says of a machine that it cannot start a worker on only "Worker failed to start"; so what is wrong there
is found out before, by one question to each.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError, one_line

try:
    import asyncssh
    from distributed import SSHCluster
except ImportError:
    raise GdbenchError("this runner needs asyncssh: pip install 'gdbench[ssh]'") from None

from gdbench.execution.engines.heartbeat import within
from gdbench.execution.profiles.profile import Options
from gdbench.execution.workers.identity import another, in_words

#: For a shell or for cmd, between double quotes.
_QUESTION = (
    "import importlib.util as u, json; from gdbench.execution.workers.identity import identity; "
    "print(json.dumps([identity(), u.find_spec('distributed') is not None]))"
)

#: A shell's status where it finds no such program, or none that it can start.
_NOT_FOUND, _NOT_STARTED = 127, 126

#: Seconds that a worker looks for a scheduler that is gone, and that a scheduler waits without work: gdbench
#: may have been killed, and nothing of it is to stay on other machines.
_SEARCH, _IDLE = 60, "1h"


class Host(NamedTuple):
    """One machine as the profile has it. python: a path there."""

    name: str
    connection: Options
    python: str

    def __str__(self) -> str:
        user, port = self.connection.get("username"), self.connection.get("port")
        return f"{f'{user}@' if user else ''}{self.name}{f':{port}' if port else ''}"


def open_ssh(options: Options, runner: str, identity: Mapping[str, str], patience: float) -> SSHCluster:
    """An SSHCluster; raises GdbenchError where a host cannot be reached or has not our gdbench."""
    hosts = _hosts(options, runner)
    unlike = list({repr(host): host for host in hosts}.values())
    # in a thread of its own, as a notebook has a loop already
    for trouble in within(2 * patience, lambda: asyncio.run(_look_at(unlike, identity, patience))):
        if trouble:
            raise GdbenchError(f"runner {runner}: {trouble}")
    given = {
        **options,
        "worker_options": {"nthreads": 1, "death_timeout": _SEARCH, **options.get("worker_options", {})},
        "scheduler_options": {
            "dashboard_address": ":0",
            "idle_timeout": _IDLE,
            **options.get("scheduler_options", {}),
        },
    }
    try:
        return within(2 * patience, lambda: SSHCluster(**given))
    except RuntimeError as error:
        words = " ".join(str(error).split())
        raise GdbenchError(
            f"runner {runner}: Dask does not start on its hosts ({words}). Try there: {hosts[0].python} -m "
            "distributed.cli.dask_worker --help"
        ) from error


def _hosts(options: Options, runner: str) -> list[Host]:
    names = options["hosts"]
    one: Options = {"connect_options": {}, "remote_python": sys.executable}
    for key, usual in one.items():
        given = options.get(key) or usual
        one[key] = given if isinstance(given, list) else [given] * len(names)
        if len(one[key]) != len(names):
            raise GdbenchError(
                f"runner {runner}: options.{key} lists {len(given)} entries for {len(names)} hosts. Give one "
                "for each host, or one for all without a list."
            )
    return [Host(*host) for host in zip(names, *one.values(), strict=True)]


async def _look_at(hosts: list[Host], identity: Mapping[str, str], patience: float) -> list[str]:
    """What is wrong with each, or ""."""
    return await asyncio.gather(*(_trouble(host, identity, patience) for host in hosts))


async def _trouble(host: Host, identity: Mapping[str, str], patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            async with asyncssh.connect(host.name, **host.connection) as connection:
                done = await connection.run(f'{host.python} -c "{_QUESTION}"')
    except TimeoutError:
        return (
            f"host {host} has not answered by SSH within {patience:g} s. Is it up, and does no firewall lie "
            "between? options.patience allows it more time."
        )
    except Exception as error:  # noqa: BLE001  asyncssh passes on what sockets, files and keys raise
        return _no_connection(host, error)
    return _wrong_answer(host, done.exit_status, str(done.stdout), str(done.stderr), identity)


def _no_connection(host: Host, error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, asyncssh.PermissionDenied):
        return (
            f"host {host} refuses us by SSH ({words}). Put your public key into its authorized_keys, or name "
            "username and client_keys under options.connect_options."
        )
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return (
            f"host {host} shows a key that is not trusted ({words}). Connect to it once with ssh, which asks "
            "and remembers, or name a known_hosts file under options.connect_options."
        )
    if isinstance(error, OSError) and not error.filename:
        return (
            f"host {host} cannot be reached by SSH ({words}). Are name and port right, and does its SSH server "
            "run?"
        )
    if isinstance(error, asyncssh.DisconnectError):
        return f"host {host} ends the SSH connection ({words}). Does ssh to it work by hand?"
    return f"host {host}: its options.connect_options are not what asyncssh expects ({one_line(error)})."


def _wrong_answer(host: Host, status: int | None, out: str, err: str, identity: Mapping[str, str]) -> str:
    """Whatever a login prints comes before the answer."""
    where = f"{host.python} on host {host}"
    said = (err.strip() or out.strip() or "it said nothing").splitlines()[-1]
    remedy = "name its Python as options.remote_python"
    if status in (_NOT_FOUND, _NOT_STARTED):
        return f"{where} does not start ({said}). Install {in_words(identity)} there, and {remedy}."
    try:
        theirs, dask = json.loads(out.strip().splitlines()[-1])
        same = theirs == dict(identity)
    except (IndexError, TypeError, ValueError):
        return f"{where} cannot load gdbench ({said}). Install {in_words(identity)} there, or {remedy}."
    if not same:
        return another(where, theirs, identity)
    return "" if dask else f"{where} has no Dask. Install gdbench[dask] there, or {remedy}."
