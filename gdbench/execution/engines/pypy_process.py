"""One worker process under another interpreter, and the pipes to it: JSON lines in and out.

What the worker prints goes into a file, and no further; the end of it is kept for messages.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BufferedReader
from queue import Empty, SimpleQueue
from typing import cast

from gdbench.descent.errors import GdbenchError
from gdbench.execution.workers.pypy_worker import WorkerMessage
from gdbench.plugins.prints import open_prints

#: Bytes of what the worker printed that are kept.
_KEPT = 4096
#: Characters of them that a message may show.
_SHOWN = 300
#: Seconds in which the pipes of a worker that is dead have told all that was in them.
_SECONDS_TO_DIE = 1.0


class PypyProcess:
    """late: whether `receive` ended it.  prints: the file for what it prints, "" for none."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], prints: str = "") -> None:
        self.late = False
        self._prints = open_prints(prints)
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603  the interpreter that the user named
                command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
            )
        except OSError as error:
            raise GdbenchError(f"{command[0]}: this program cannot be started: {error.strerror}.") from None
        # a pipe cannot be read with a time limit everywhere, and one that nobody reads stops its writer
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._printed = b""
        self._readers = [
            threading.Thread(target=read, daemon=True) for read in (self._read_lines, self._read_printed)
        ]
        for reader in self._readers:
            reader.start()

    def send(self, line: bytes) -> None:
        """Send a line; a worker that is gone does not get it, and `receive` tells."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def receive(self, seconds: float | None) -> WorkerMessage | None:
        """The worker's next message, None once it has ended; what is no message is an empty one.

        seconds: after which it is killed if it has said nothing; None waits for ever.
        """
        line = self._next(seconds)
        if line is None:
            self.late = True
            self.kill()
            line = self._next(_SECONDS_TO_DIE) or b""
        if not line.endswith(b"\n"):
            return None  # the end; a line without its own was being written when the worker died
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        return cast("WorkerMessage", message) if isinstance(message, dict) else {}

    def kill(self) -> None:
        """End it, whatever it is doing; harmless where it has ended."""
        self._process.kill()

    def wait(self) -> int:
        """The exit status of a worker that has ended or is ending."""
        code = self._process.wait()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        for reader in self._readers:
            # for the last words; a child of the worker may hold the pipes open for longer
            reader.join(_SECONDS_TO_DIE)
        return code

    def last_words(self) -> str:
        """The last line that the worker printed, "" if there was none."""
        lines = self._printed.decode(errors="replace").split("\n")
        return next((" ".join(line.split())[:_SHOWN] for line in reversed(lines) if line.strip()), "")

    def _next(self, seconds: float | None) -> bytes | None:
        try:
            return self._lines.get(timeout=seconds)
        except Empty:
            return None

    def _read_lines(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            while line := pipe.readline():
                self._lines.put(line)
        self._lines.put(b"")

    def _read_printed(self) -> None:
        pipe = self._process.stderr
        assert isinstance(pipe, BufferedReader)
        with pipe:
            while some := pipe.read1(65536):
                self._printed = (self._printed + some)[-_KEPT:]
                if self._prints:
                    self._prints.write(some)
        if self._prints:
            self._prints.close()
