"""The command line: verbs and how their errors are told; no logic, and nothing heavy imported early."""

from __future__ import annotations

import sys
import traceback

import click

from gdbench import __version__
from gdbench.cli.lazy import LazyGroup
from gdbench.cli.status import BAD_INPUT, INTERRUPTED, OK, RUN_FAILED
from gdbench.descent.errors import GdbenchError

_EPILOG = """\b
Exit status: 0 all went well · 1 a run failed or gdbench did · 2 bad input · 130 interrupted"""


@click.group(
    cls=LazyGroup,
    verbs={
        "run": "Run every combination of a config, record it, track it in MLflow.",
        "status": "Say how far an experiment is, while it runs or after it ended.",
        "report": "Write tables, charts and verdicts of an experiment.",
        "export": "Write runs and curves of an experiment as Parquet or CSV.",
        "ui": "Browse all experiments in the MLflow UI.",
        "sync": "Send to MLflow whatever it does not have yet.",
        "list": "Name the choices that a config can make, each with its formula.",
        "show": "Print a compiled kernel, or the definition of a choice, as source.",
        "inspect": "Print what theory says of each problem of a config; nothing is run.",
        "check": "Look at a plug-in: its gradients, kinks, limits and speed, in words.",
    },
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
    sys.exit(_status())


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
    return pointed() if pointed and sys.stderr.isatty() else str(error)
