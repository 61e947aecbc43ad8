"""A port for a server: free, and promised to nobody else who starts one at the same moment."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.record.lock import exclusive

_USUAL = 5000  # MLflow's


@contextmanager
def reserved_port(host: str, port: int | None) -> Iterator[int]:
    """The port asked for, which must be free; or MLflow's usual one; or any. Ours until the block ends.

    A server binds its port seconds after it was found free. Two that start together would both find the
    same one, and the second would take the first one's answers for its own: so a lock file goes with it.
    """
    reason = "another gdbench is starting a server there"
    for candidate in [port] if port is not None else [_USUAL, 0, 0, 0]:
        found, refusal = _free(host, candidate)
        if found is None:
            reason = refusal
            continue
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusive(_lock(found), 0.0, reason))
            except GdbenchError:
                continue
            yield found
            return
    raise GdbenchError(
        f"{host}:{port or ''} cannot be used: {reason}. Choose another --port or --host, or leave both."
    )


def _free(host: str, port: int) -> tuple[int | None, str]:
    """(a port that can be bound, "") or (None, why not); 0 stands for any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return None, error.strerror or str(error)
        return int(probe.getsockname()[1]), ""


def _lock(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"gdbench-port-{port}.lock"
