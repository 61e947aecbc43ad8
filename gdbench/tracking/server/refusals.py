"""What goes wrong on the way to MLflow, as one sentence without credentials; it need not import MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import masked
from gdbench.tracking.server.embedded import damage_of_database
from gdbench.tracking.wire import cut

#: What a mistake in our own code looks like. Everything else that comes out of MLflow, its database
#: drivers and its artifact stores, whose exceptions have no common parent, is a refusal.
_OUR_MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError)


#: What an error at an address means; "" where that is not known.
Refused = Callable[[BaseException, str], str]


def _unknown(_error: BaseException, _uri: str) -> str:
    return ""


@contextmanager
def explained(uri: str, otherwise: Refused = _unknown) -> Iterator[None]:
    """Turn any refusal on the way to MLflow into one sentence without credentials.

    otherwise: asked first.
    """
    try:
        yield
    except GdbenchError:
        raise
    except _OUR_MISTAKES:
        damage = damage_of_database(uri)  # whoever reads what nobody wrote stumbles over anything
        if damage:
            raise GdbenchError(damage) from None
        raise
    except Exception as error:  # noqa: BLE001  whatever a driver raises, it is told as a sentence
        # `from None`: the chain of causes carries the address, password included.
        raise GdbenchError(sentence(error, uri, otherwise)) from None


def sentence(error: BaseException, uri: str, otherwise: Refused = _unknown) -> str:
    """What went wrong between us and MLflow, in one sentence without credentials."""
    where, text = masked(uri, uri), " ".join(masked(str(error), uri).split())
    refused = otherwise(error, uri)
    if refused:
        return f"MLflow at {where}: {refused}"
    for sign, meaning in _MEANINGS:
        if sign in text:
            return f"MLflow at {where}: {meaning}"
    return damage_of_database(uri) or f"MLflow at {where} refused: {type(error).__name__}: {cut(text, _SHOWN)}"


#: Characters of somebody else's words.
_SHOWN = 300

_MEANINGS = (
    (
        "Databricks credential",
        "no credentials for it. Set DATABRICKS_HOST and DATABRICKS_TOKEN, or: databricks auth login",
    ),
    (
        "No module named",
        "a driver that this kind of database needs is not installed; see MLflow's documentation.",
    ),
    ("Can't load plugin", "no driver of this name is known. Try postgresql+psycopg:// or mysql+pymysql://."),
    ("Connection refused", "nothing answers there. Is the server running, and is the address right?"),
    ("Max retries exceeded", "no answer. Is the server running, and is the address right?"),
    ("timeout exception", "no answer in time. Is the server overloaded, or the address right?"),
    ("database or disk is full", "the disk is full."),
    ("No space left on device", "the disk is full."),
    ("readonly database", "the database may not be written to. Check its permissions and its folder's."),
    ("database is locked", "another process has kept the database locked for too long."),
)
