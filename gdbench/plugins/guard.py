"""A block in which a plug-in's code runs in gdbench's own process, and nothing but what it is for.

Its prints go to standard error. What else it does to the process is undone and told in a sentence that names
the plug-in: other functions in the place of ours, a file descriptor that it closed, an exit, a thread that
never ends, more time than an import may take. Standard library and Python 3.9 only: workers import plug-ins.
"""

from __future__ import annotations

import linecache
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from gdbench.descent.errors import GdbenchError
from gdbench.plugins.originals import Change, Originals
from gdbench.plugins.prints import Streams, prints_to_stderr

#: Seconds that the import of a plug-in may take, and seconds after which the process ends if it will not stop.
MOST_SECONDS, _LAST_SECONDS = 8.0, 9.0
#: Seconds between two reminders, should the first have been caught.
_AGAIN = 0.1
#: Seconds that a thread may go on after the import that began it.
_GRACE = 0.5


#: File, folder or module of a plug-in → what it is called.
Owners = Mapping[str, str]


#: What was ever executed here, refused or not: threads that it began may go on.
executed: dict[str, str] = {}

#: The plug-ins whose import has begun and not ended.
_under_way: list[str] = []


class NotExecuted(GdbenchError):
    """A plug-in is not executed, because nobody wants that now."""


class Consent:
    """Whether code of plug-ins may run in this process, and who is told before it does."""

    given = os.environ.get("GDBENCH_NO_PLUGINS", "") in ("", "0")
    tell: Callable[[str], object] = str

    @classmethod
    def ask(cls, origin: str) -> None:
        """Before a plug-in is imported; raises NotExecuted."""
        if not cls.given:
            raise NotExecuted(f"{origin}: plug-ins are not executed (--no-plugins).")
        cls.tell(f"executes the plug-in {origin}; --no-plugins does not")


def is_importing() -> bool:
    """Whether what registers a choice now is a plug-in, and not a notebook's cell."""
    return bool(_under_way)


class _TooLong(BaseException):
    """The import takes too long. No Exception: what is caught by mistake would go on."""


class _Exit(BaseException):
    """os._exit was called, which would end gdbench without a word."""


@contextmanager
def importing(origin: str, place: str) -> Iterator[None]:
    """A plug-in is imported within the block; raises GdbenchError that names it. place: see `Owners`."""
    Consent.ask(origin)
    before, owners = set(threading.enumerate()), {place: origin}
    executed[place] = origin
    _under_way.append(origin)
    try:
        with supervised(owners, Originals()), _time_limit(origin), _placed(owners):
            yield
    finally:
        _under_way.pop()
    for thread in _lasting(one for one in threading.enumerate() if one not in before):
        raise GdbenchError(
            f"{origin}: its import began the thread '{thread.name}', which does not end, and gdbench would "
            "wait for it for ever. Let it end, or give it daemon=True."
        )


def _lasting(threads: Iterable[threading.Thread]) -> Iterator[threading.Thread]:
    """Those that keep the process, and do not end within a grace."""
    for thread in list(threads):
        if not thread.daemon and thread is not threading.main_thread():
            thread.join(_GRACE)
            if thread.is_alive():
                yield thread


def threads_of(owners: Owners) -> Iterator[tuple[threading.Thread, str]]:
    """(thread, plug-in) of each that is in a plug-in's code and keeps the process."""
    for thread in _lasting(threading.enumerate()) if owners else ():
        frame = sys._current_frames().get(thread.ident or 0)
        while frame:
            origin = owner_of(frame.f_code.co_filename, owners)
            if origin:
                yield thread, origin
                break
            frame = frame.f_back


@contextmanager
def _placed(owners: Owners) -> Iterator[None]:
    """What a decorator refuses is told with the line."""
    try:
        yield
    except GdbenchError as error:
        raise GdbenchError(words_of(error, owners) or str(error)) from error


@contextmanager
def supervised(owners: Owners, originals: Originals) -> Iterator[None]:
    """Code of plug-ins runs within the block; raises GdbenchError. originals: what there was before."""
    streams, done = Streams(), ""
    with suppress(AttributeError, OSError, ValueError):  # there may be none
        sys.stdout.flush()
    try:
        with prints_to_stderr(names_of(owners)), no_exit(owners):
            yield
    except BaseException as error:
        done = put_right(originals, streams, owners)
        if isinstance(error, GdbenchError) and not done:
            raise
        if isinstance(error, KeyboardInterrupt) and not is_raised_by(error, owners):
            raise
        said = done or words_of(error, owners)
        if not said:
            raise
        raise GdbenchError(said) from error
    else:
        done = put_right(originals, streams, owners)
    finally:
        streams.close()
    if done:
        raise GdbenchError(done)


def owner_of(place: str, owners: Owners) -> str:
    """The plug-in that a file or a module belongs to, "" for none."""
    for home, origin in owners.items():
        if place == home or place.startswith((f"{home}{os.sep}", f"{home}.")):
            return origin
    return ""


def put_right(originals: Originals, streams: Streams, owners: Owners) -> str:
    """Put back what plug-ins changed; a sentence that says what that was, "" for nothing."""
    closed = streams.restore()
    changes = [*originals.changes(), *originals.intruders(lambda home: bool(owner_of(home, owners)))]
    for change in changes:
        change.undo()
    if changes:
        return _told(changes, owners)
    return f"{names_of(owners)} closed {closed}, which is gdbench's own. Leave it open." if closed else ""


def _told(changes: Sequence[Change], owners: Owners) -> str:
    by = next(filter(None, (owner_of(change.home, owners) for change in changes)), "") or names_of(owners)
    others = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
    return (
        f"{by} puts another thing in the place of {changes[0].what}{others}: results of other choices would no "
        "longer be what their keys say. Leave it as it is, and give what you write a name of its own."
    )


def names_of(owners: Owners) -> str:
    return " or ".join(dict.fromkeys(owners.values()))


def words_of(error: BaseException, owners: Owners) -> str:
    """'mine.py:3: ValueError: what it says', of an exception that came through a plug-in; else ""."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if owner_of(frame.filename, owners)]
    if not frames:
        return ""
    kind = "" if isinstance(error, (GdbenchError, _Exit, _TooLong)) else type(error).__name__
    try:
        said = ": ".join(filter(None, [kind, " ".join(str(error).split())]))
    except Exception:  # noqa: BLE001  an exception of a plug-in may fail to say what it is
        said = f"{kind}, which cannot be shown"
    return f"{frames[-1].filename}:{frames[-1].lineno}: {said}"


def is_raised_by(error: BaseException, owners: Owners) -> bool:
    """Whether a plug-in raised it itself: Ctrl-C comes between any two lines, and belongs to the user."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or not owner_of(frames[-1].filename, owners):
        return False
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0)
    return "raise" in re.findall(r"\w+", line)


@contextmanager
def no_exit(owners: Owners) -> Iterator[None]:
    """os._exit is an exception within the block, where a plug-in calls it."""
    end = os._exit

    def refuse(status: int) -> NoReturn:
        frame = sys._getframe(1)  # who calls
        if owner_of(frame.f_code.co_filename, owners):
            raise _Exit(f"os._exit({status!r}) would end gdbench. Raise an exception instead.")
        end(status)

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = end


@contextmanager
def _time_limit(origin: str) -> Iterator[None]:
    """What takes too long is interrupted; what will not be interrupted ends the process, with the reason."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    said = f"its import takes longer than {MOST_SECONDS:g} s. What is slow belongs into a function."

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise _TooLong(said)

    last = threading.Timer(_LAST_SECONDS, _end, [f"{origin}: {said}"])
    last.daemon = True
    last.start()
    handler = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS, _AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, handler)
        last.cancel()


def _end(sentence: str) -> None:
    with suppress(OSError):
        os.write(2, f"{sentence}\n".encode())
    os._exit(2)
