"""gdbench new: a first config, from three questions or from flags; what is written has been planned."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gdbench.cli.commands.begin import COMPARED
from gdbench.cli.streams import put, say
from gdbench.config.experiment import load_experiment
from gdbench.config.first_config import Start, columns_of, first_config, is_file, name_for
from gdbench.config.json_schema import config_schema, text_of
from gdbench.config.outside import argument, command
from gdbench.data.bundled import SCIKIT_LEARN
from gdbench.descent.errors import GdbenchError
from gdbench.planning.plan import make_plan


def write_config(
    data: str | None,
    target: str | None,
    compare: str | None,
    name: str | None,
    output: Path | None,
    *,
    force: bool,
) -> None:
    """What is None is asked for in a terminal, or follows from the rest."""
    data = data or _ask_data()
    target = _target(data, target)
    compare = compare or _ask("What to compare", COMPARED[0], COMPARED)
    name = name or name_for(data)
    path = output or Path(f"{name}.yaml")
    if path.exists() and not force:
        raise GdbenchError(f"{path}: there is such a file already. Choose another with -o, or --force.")
    schema = path.parent / "schema.json"
    start = Start(name, data, target, compare, path.parent, schema.name if _is_ours(schema) else "")
    _write(path, first_config(start), schema)
    put(str(path))
    word = argument(path)
    say(f"next: {command(['gdbench', 'plan', word])} · {command(['gdbench', 'run', word])}")


def _write(path: Path, text: str, schema: Path) -> None:
    """The config, and beside it the schema that its editor line names."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        make_plan(load_experiment(draft))
        if _is_ours(schema):
            schema.write_text(text_of(config_schema()), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be written: {error.strerror}. Choose another with -o.") from None
    finally:
        draft.unlink(missing_ok=True)


def _is_ours(schema: Path) -> bool:
    """Whether the schema's file is gdbench's, or there is room for it."""
    if not schema.exists():
        return True
    try:
        return '"title": "gdbench config"' in schema.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


# --- questions


def _ask_data() -> str:
    sets = ", ".join(SCIKIT_LEARN)
    return _ask(f"Data: a CSV or Parquet file, or one of {sets}", "diabetes", option="data")


def _target(data: str, given: str | None) -> str:
    """The column to predict: the one given, or asked for; a bundled set has its own."""
    if given is not None or not is_file(data):
        return given or ""
    columns = columns_of(data)
    return _ask("Which column is to be predicted", columns[-1], columns, option="target")


def _ask(question: str, default: str, known: tuple[str, ...] = (), option: str = "") -> str:
    """An answer from the terminal; without one, the default where there may be one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        if not option:
            return default
        shown = f" Known: {', '.join(known)}." if known else ""
        raise GdbenchError(f"--{option} is missing, and there is no terminal to ask in.{shown}")
    kind = click.Choice(known) if known else None
    answer: str = click.prompt(question, default=default, type=kind, err=True)
    return answer
