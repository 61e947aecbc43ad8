"""gdbench new: a first config, from three questions or from flags."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gdbench.descent.errors import GdbenchError

_EPILOG = """\b
Examples: gdbench new                                        asks
          gdbench new --data houses.csv --target price       writes houses.yaml"""

_COMPARED = ("learning_rates", "optimizers", "initializations", "costs")


@click.command("new", epilog=_EPILOG)
@click.option(
    "--data", metavar="DATA", help="A CSV or Parquet file, or the name of a bundled set (diabetes, iris, …)."
)
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--compare", type=click.Choice(_COMPARED), help="What varies (default: learning_rates).")
@click.option("--name", help="Of the experiment (default: as the data is called).")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write (default: NAME.yaml).")
@click.option("-f", "--force", is_flag=True, help="Write over a file that is there.")
def command(
    data: str | None,
    target: str | None,
    compare: str | None,
    name: str | None,
    output: Path | None,
    force: bool,  # noqa: FBT001  click passes flags by name
) -> None:
    """Write a commented config that runs, for a CSV of your own or a bundled data set.

    What is not given is asked for in a terminal. The model and the cost follow from the target: numbers,
    two classes, or more.
    """
    from gdbench.config.first_config import Start, first_config, name_for  # noqa: PLC0415  not for --help

    data = data or _ask_data()
    target = _target(data, target)
    compare = compare or _ask("What to compare", _COMPARED[0], _COMPARED)
    name = name or name_for(data)
    path = output or Path(f"{name}.yaml")
    if path.exists() and not force:
        raise GdbenchError(f"{path}: there is such a file already. Choose another with -o, or --force.")
    schema = path.parent / "schema.json"
    start = Start(name, data, target, compare, path.parent, schema.name if _is_ours(schema) else "")
    _write(path, first_config(start), schema)
    click.echo(path)
    click.echo(f"next: gdbench plan {path} · gdbench run {path}", err=True)


def _write(path: Path, text: str, schema: Path) -> None:
    """The config, and beside it the schema that its editor line names; what is written has been read."""
    from gdbench.config.experiment import load_experiment  # noqa: PLC0415  not for --help
    from gdbench.config.json_schema import config_schema, text_of  # noqa: PLC0415
    from gdbench.planning.plan import make_plan  # noqa: PLC0415

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
    from gdbench.data.bundled import SCIKIT_LEARN  # noqa: PLC0415  not for --help

    sets = ", ".join(SCIKIT_LEARN)
    return _ask(f"Data: a CSV or Parquet file, or one of {sets}", "diabetes", option="data")


def _target(data: str, given: str | None) -> str:
    """The column to predict: the one given, or asked for; a bundled set has its own."""
    from gdbench.config.first_config import columns_of, is_file  # noqa: PLC0415  not for --help

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
