"""Where runs are tracked: which MLflow address is meant, and how to show it without its credentials."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import quote, unquote
from urllib.request import url2pathname

from gdbench.config.outside import command
from gdbench.config.private import SECRET_VALUE
from gdbench.descent.errors import GdbenchError

DATABASE_NAME = "mlflow.db"

_SERVERS = ("http", "https", "databricks")

#: Managed servers, each with whose it is and the package with MLflow's plug-in for it.
_MANAGED = {
    "arn": ("a server of Amazon SageMaker", "sagemaker-mlflow"),
    "azureml": ("a workspace of Azure Machine Learning", "azureml-mlflow"),
}

#: The entry points of packages that know how to track into other addresses.
_PLUGINS = "mlflow.tracking_store"

_HOST = re.compile(r"[\w.-]+:\d+(/.*)?")
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?):///(?P<path>[^?]*)(?P<query>\?.*)?")
#: What begins the options of an address, and a letter in hexadecimal digits.
_MEANT_OTHERWISE = "?%"
_USERINFO = re.compile(r"(\w[\w+.-]*://)[^\s/@]+@")
_SECRET_VARIABLES = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


def resolve_uri(given: str | None, results: Path) -> str:
    """The tracking address: the one given, else MLFLOW_TRACKING_URI, else `<results>/mlflow.db`.

    A relative SQLite path is taken from the current folder and made absolute, so that the address
    means the same everywhere. Raises GdbenchError for an address that MLflow could not keep runs in.
    """
    uri = (given or os.environ.get("MLFLOW_TRACKING_URI") or "").strip()
    if not uri:
        return _sqlite_uri(results / DATABASE_NAME)
    if uri.startswith("sqlite"):
        return _absolute_sqlite(uri)
    if _scheme(uri) in (*_SERVERS, *_DATABASES) or _managed(uri):
        return uri
    if _is_folder(uri):
        raise GdbenchError(_no_folders(uri))
    host = f" Did you mean http://{uri}?" if _HOST.fullmatch(uri) else ""
    raise GdbenchError(
        f"'{masked(uri, uri)}' is no address that MLflow can track into.{host} Expected http://host:port, "
        "sqlite:///file.db or postgresql://user@host/database (--tracking-uri or MLFLOW_TRACKING_URI)."
    )


def words_for_address(uri: str, results: Path) -> list[str]:
    """What a command line needs that is about another address than the one it would find by itself."""
    shown = masked(uri, uri)
    with suppress(GdbenchError):
        usual = resolve_uri(None, results)
        if masked(usual, usual) == shown:
            return []
    return ["--tracking-uri", shown]


def _scheme(uri: str) -> str:
    if uri == "databricks":
        return uri
    scheme = (
        uri.partition("://")[0] if "://" in uri else uri.partition(":")[0] if uri.startswith("arn:") else ""
    )
    return scheme.partition("+")[0].lower()


def _managed(uri: str) -> bool:
    """Whether it is a managed server that MLflow reaches by a plug-in; GdbenchError where that is missing."""
    scheme = _scheme(uri)
    if scheme not in _MANAGED:
        return False
    if scheme not in entry_points(group=_PLUGINS).names:
        whose, package = _MANAGED[scheme]
        raise GdbenchError(f"'{masked(uri, uri)}' is {whose}, which MLflow reaches by: pip install {package}")
    return True


def _is_folder(uri: str) -> bool:
    """Whether it is a path, or the name of a folder that is there."""
    return uri.startswith(("file:", ".", "/", "~")) or bool(Path(uri).drive) or Path(uri).is_dir()


def _no_folders(uri: str) -> str:
    """Why a folder will not do, what will, and how what the folder holds is taken along."""
    path = url2pathname(uri.removeprefix("file:").removeprefix("//")) if uri.startswith("file:") else uri
    folder = Path(path).expanduser().absolute()
    database = folder.with_name(f"{folder.name or 'mlruns'}.db")
    instead = _sqlite_uri(database)
    told = (
        f"'{uri}' is a folder, and MLflow no longer tracks into folders. Into a file beside it: "
        f"{command(['--tracking-uri', instead])}"
    )
    if not folder.is_dir() or database.exists():
        return told
    moved = command(["mlflow", "migrate-filestore", "--source", str(folder), "--target", instead])
    return f"{told} To take along what the folder holds, first: {moved}"


def _absolute_sqlite(uri: str) -> str:
    match = _SQLITE.fullmatch(uri)
    if match is None or match["path"] in ("", ":memory:"):
        raise GdbenchError(
            f"'{uri}' names no database file. Expected sqlite:///results/mlflow.db, or four slashes for an "
            "absolute path: sqlite:////data/mlflow.db."
        )
    return f"{_sqlite_uri(Path(match['path']), match['scheme'])}{match['query'] or ''}"


def _sqlite_uri(path: Path, scheme: str = "sqlite") -> str:
    whole = path.absolute().as_posix()
    for sign in _MEANT_OTHERWISE:
        if sign in whole:
            raise GdbenchError(
                f"{whole}: MLflow cannot be given this file, for a {sign} in its address means something else. "
                "Choose a folder without it (--results), another database (--tracking-uri sqlite:///…) or none "
                "(--no-tracking)."
            )
    return f"{scheme}:///{whole}"


def sqlite_path(uri: str) -> Path | None:
    """The database file of a SQLite address, None for any other address."""
    match = _SQLITE.fullmatch(uri)
    return Path(match["path"]) if match else None


def is_server(uri: str) -> bool:
    """Whether an MLflow server answers there, rather than a database that we open ourselves."""
    return _scheme(uri) in (*_SERVERS, *_MANAGED)


def artifact_location(uri: str, results: Path, experiment: str, root: str = "") -> str | None:
    """Where an experiment's artifacts go; None leaves it to the server, which knows its own place.

    root: a folder or an address that was asked for.
    """
    if "://" in root:
        return f"{root.rstrip('/')}/{quote(experiment)}"
    if root:
        return (Path(root) / experiment).absolute().as_uri()
    return None if is_server(uri) else (results / "artifacts" / experiment).absolute().as_uri()


def page_base(uri: str) -> str | None:
    """A server's address for a browser, without credentials; None where no such page is known."""
    if _scheme(uri) not in ("http", "https"):
        return None
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0].rstrip('/')}"


def masked(text: str, uri: str) -> str:
    """`text` without the credentials that the address, or any address in the text, carries."""
    for secret in sorted(_secrets(uri), key=len, reverse=True):
        text = text.replace(secret, "***")
    return SECRET_VALUE.sub(r"\1=***", _USERINFO.sub(r"\1***@", text))


def _secrets(uri: str) -> set[str]:
    # The last @ ends the credentials, so a password may itself hold one.
    credentials = uri.partition("://")[2].rpartition("@")[0]
    user, _, password = credentials.partition(":")
    secret = password or user
    found = {credentials, secret, unquote(secret), quote(secret, safe="")}
    found |= {os.environ.get(name, "") for name in _SECRET_VARIABLES}
    # A secret of three characters or fewer would blot out innocent words; next to its @ it is masked anyway.
    return {secret for secret in found if len(secret) > 3}
