"""gdbench new: a first config, from three questions or from flags; what is written has been planned."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import yaml

from gdbench.cli.commands.begin import COMPARED
from gdbench.cli.streams import put, say
from gdbench.config.examples import examples
from gdbench.config.experiment import load_experiment
from gdbench.config.first_config import Chosen, Start, choose, first_config, is_file, name_for
from gdbench.config.json_schema import config_schema, text_of
from gdbench.config.outside import argument, command
from gdbench.data.bundled import SCIKIT_LEARN
from gdbench.data.files import config_text
from gdbench.data.files.cells import shown
from gdbench.data.files.remedies import holds, reason
from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.descent.limits import CONFIG_BYTES
from gdbench.planning.plan import make_plan
from gdbench.plugins.named_files import Unreadable, read_regular


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
    chosen = _choose(data, target) if is_file(data) else None
    target = chosen.target.name if chosen else target or ""
    compare = compare or _ask("What to compare", COMPARED[0], COMPARED)
    name = name or name_for(data)
    path = output or Path(f"{name}.yaml")
    if path.exists() and not force:
        raise GdbenchError(f"{path}: there is such a file already. Choose another with -o, or --force.")
    schema = path.parent / "schema.json"
    start = Start(name, data, target, compare, path.parent, schema.name if _is_ours(schema) else "", chosen)
    text = first_config(start)
    if chosen:
        _tell(chosen)
    _write(path, text, schema)
    put(str(path))
    word = argument(path)
    say(f"next: {command(['gdbench', 'plan', word])} · {command(['gdbench', 'run', word])}")


def write_example(name: str, output: Path | None, *, force: bool) -> None:
    """One of those that come with gdbench, beside it the files that it names, and the schema for editors."""
    known = examples()
    if name not in known:
        raise UnknownName("example", name, known)
    source, path = known[name], output or Path(known[name].name)
    copies = {path: source, **{path.parent / one: source.parent / one for one in _named_in(source)}}
    for copy, original in copies.items():
        if copy.exists() and not force and copy.read_bytes() != original.read_bytes():
            raise GdbenchError(f"{copy}: there is such a file already. Choose another with -o, or --force.")
    schema, is_config = path.parent / "schema.json", not name.startswith("runners/")
    try:
        for copy, original in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(original.read_bytes())
        if is_config and _is_ours(schema):
            schema.write_text(text_of(config_schema()), encoding="utf-8")
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be written: {error.strerror}. Choose another with -o.") from None
    for copy in copies:
        put(str(copy))
    if is_config:
        word = argument(path)
        say(f"next: {command(['gdbench', 'plan', word])} · {command(['gdbench', 'run', word])}")


def _named_in(config: Path) -> list[str]:
    """Plug-ins and tables beside an example, as they are written: nothing is executed for being copied."""
    written = yaml.safe_load(config.read_text(encoding="utf-8"))
    data = written.get("data") or []
    tables = [one["file"] for one in (data if isinstance(data, list) else [data]) if "file" in one]
    return [name for name in (*written.get("plugins", ()), *tables) if (config.parent / name).is_file()]


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
        return '"title": "gdbench config"' in read_regular(schema, CONFIG_BYTES).decode("utf-8")
    except (Unreadable, UnicodeDecodeError):
        return False


# --- questions


def _ask_data() -> str:
    sets = ", ".join(SCIKIT_LEARN)
    return _ask(f"Data: a CSV or Parquet file, or one of {sets}", "diabetes", option="data")


def _choose(data: str, target: str | None) -> Chosen:
    """What is made of a file; in a terminal the column to predict is asked for."""
    chosen = choose(data, target or "")
    if target is not None or not _in_terminal():
        return chosen
    names = (chosen.target.name, *(one.facts.name for one in chosen.others))
    return choose(data, _ask("Which column is to be predicted", names[0], names))


def _tell(chosen: Chosen) -> None:
    """Column by column: what is taken, what is left out, and why."""
    others = [(one.facts, f"left out: {reason(one)}" if one.reason else "taken") for one in chosen.others]
    lines = [(chosen.target, "to be predicted (--target chooses another)"), *others]
    width = max(len(shown(facts.name)) - 2 for facts, _ in lines)
    for facts, what in lines:
        say(f"{shown(facts.name)[1:-1]:<{width}}  {holds(facts)}: {what}")
    settings = chosen.reading.to_plain()
    if settings:
        say(f"read with {config_text(settings)}")


def _in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: str, default: str, known: tuple[str, ...] = (), option: str = "") -> str:
    """An answer from the terminal; without one, the default where there may be one."""
    if not _in_terminal():
        if not option:
            return default
        shown = f" Known: {', '.join(known)}." if known else ""
        raise GdbenchError(f"--{option} is missing, and there is no terminal to ask in.{shown}")
    kind = click.Choice(known) if known else None
    answer: str = click.prompt(question, default=default, type=kind, err=True)
    return answer
