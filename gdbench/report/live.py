"""The page of a sweep while it runs: made anew as results arrive, for the browser of this machine alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME

#: Of the time it takes to make a page so many times as much is left to the sweep before it is made again.
REST = 4.0
#: The address that is reachable from this machine only, and the names under which a browser may ask for it.
LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")

#: When the files of a store were written, and their sizes.
State = tuple[tuple[int, int], ...]

_LOG = f"{STORE_NAME}-wal"


class LivePage:
    """The page of a store. make: its version → the page now.  clock: seconds.  failed: told why there is none.

    version: how often it has been made; a browser that shows another one asks for it again.
    """

    def __init__(
        self,
        folder: Path,
        make: Callable[[int], str],
        clock: Callable[[], float] = time.monotonic,
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder, self._make, self._clock, self._failed = folder, make, clock, failed
        self._seen: State | None = None
        self._text, self._rested, self._lock = "", 0.0, Lock()
        self.version = 0

    def fresh(self) -> tuple[int, str]:
        """(version, page), made anew where results have come since and the last time is long enough ago."""
        with self._lock:
            found = _state(self._folder)
            if found != self._seen and (not self.version or self._clock() >= self._rested):
                self._remake(found)
            return self.version, self._text

    def _remake(self, found: State) -> None:
        began = self._clock()
        try:
            self._text = self._make(self.version + 1)
            self.version += 1
        except GdbenchError as error:
            if not self.version:
                raise
            self._failed(str(error))
        ended = self._clock()
        self._seen, self._rested = found, ended + REST * (ended - began)


def _state(folder: Path) -> State:
    """What changes when something is recorded. An empty log is as none: who reads a store makes one."""
    states = []
    for name in (STORE_NAME, _LOG):
        try:
            about = (folder / name).stat()
        except OSError:
            states.append((0, 0))
        else:
            states.append((about.st_mtime_ns if about.st_size else 0, about.st_size))
    return tuple(states)


@contextmanager
def serving(page: LivePage) -> Iterator[ThreadingHTTPServer]:
    """A server of this page on a free port of this machine, which answers as soon as `serve_forever` runs."""

    class Handler(_Handler):
        live = page

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        yield server


def address(server: ThreadingHTTPServer) -> str:
    return f"http://{LOOPBACK}:{server.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    live: LivePage

    def do_GET(self) -> None:
        # another site's page may have had its name point here (DNS rebinding): it would ask under that name
        assert isinstance(self.server, ThreadingHTTPServer)
        if self.headers.get("Host") not in {f"{name}:{self.server.server_port}" for name in NAMES}:
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", "This page is for the browser of this machine.\n")
        elif self.path == "/":
            self._answer(HTTPStatus.OK, "text/html", self.live.fresh()[1])
        elif self.path == "/version":
            self._answer(HTTPStatus.OK, "text/plain", str(self.live.fresh()[0]))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is the page, and nothing else.\n")

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing: a line for every question would bury the address."""
