"""The command line: verbs and how their errors are told; no logic, and nothing heavy imported early."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from typing import Any

import click

from gdbench import __version__
from gdbench.cli.lazy import LazyGroup
from gdbench.cli.status import BAD_INPUT, INTERRUPTED, OK, RUN_FAILED
from gdbench.descent.errors import GdbenchError

_EPILOG = """\b
Results go to stdout, talk to stderr. NO_COLOR switches colours off, COLUMNS
sets the width.
Exit status: 0 all went well · 1 a run failed, a check found something wrong,
or gdbench made a mistake · 2 bad input · 130 interrupted"""

#: Heading → verb → the line that `--help` shows: one verb for one wish.
VERBS = {
    "Begin": {
        "new": "Write a first config, for a CSV of your own or a bundled set.",
        "list": "Name the choices that a config can make, each with its formula.",
        "plan": "Show the runs that a config asks for, and what they will take.",
        "inspect": "Print what theory says of each problem; nothing is run.",
    },
    "Run": {
        "run": "Run every combination, record it, track it in MLflow.",
        "runners": "List the places where runs can be done, or check one.",
        "status": "Say how far an experiment is, while it runs or after it ended.",
        "sync": "Send to MLflow whatever it does not have yet.",
    },
    "Understand": {
        "report": "Write tables, charts and verdicts of an experiment.",
        "export": "Write runs and curves as Parquet or CSV.",
        "ui": "Browse all experiments in the MLflow UI.",
        "show": "Print a compiled kernel, or the source of a choice.",
    },
    "Look after": {
        "check": "Look at a plug-in: its gradients, kinks, limits, speed.",
        "doctor": "Tell whether all that gdbench rests on is here and works.",
        "schema": "Print the JSON Schema of a config, for editors.",
        "completion": "Print the script that completes command lines in a shell.",
    },
}


@click.group(
    cls=LazyGroup,
    groups=VERBS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(__version__, "-V", "--version", message="gdbench %(version)s")
def cli() -> None:
    """The gradient-descent laboratory: declare a grid in YAML, run it, browse it, read why.

    \b
    gdbench run configs/lr_sweep.yaml     run and record every combination
    gdbench ui                            browse it in MLflow
    gdbench report lr_sweep               tables, charts, verdicts
    """  # noqa: D301  click's sign for 'leave these lines alone' is a backspace


def main() -> None:
    """Run the command line and exit with a status that says how it went."""
    status = _status()
    if status == INTERRUPTED:
        # what is worth keeping is kept; no library's thread may hold up a user who wants to leave
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _status() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except GdbenchError as error:
        click.echo(_told(error), err=True)
        return BAD_INPUT
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has left (`gdbench list | head`); the interpreter must not complain again at exit
        sys.stderr.close()
        return OK
    except Exception:  # noqa: BLE001  the last resort: our own mistake, shown whole
        traceback.print_exc()
        click.echo("\nThis is a mistake in gdbench. Please report it with the text above.", err=True)
        return RUN_FAILED
    return result if isinstance(result, int) else OK


def _told(error: GdbenchError) -> str:
    """The sentence; in a terminal, a config's errors show the line with a caret under the place."""
    pointed = getattr(error, "pointed", None)
    if pointed is None or not sys.stderr.isatty():
        return str(error)
    styles: dict[str, dict[str, Any]] = {}
    if not os.environ.get("NO_COLOR"):
        styles = {"place": {"bold": True}, "source": {"dim": True}, "caret": {"fg": "red", "bold": True}}
    width = shutil.get_terminal_size().columns
    return str(pointed(width, lambda text, role: click.style(text, **styles[role]) if styles else text))
