"""The command line: verbs and how their errors are told; no logic, and nothing heavy imported early."""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
import threading
import traceback
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from io import StringIO
from itertools import zip_longest

import click
from click.shell_completion import CompletionItem

from gdbench import __version__
from gdbench.cli import streams
from gdbench.descent.errors import GdbenchError
from gdbench.execution import interrupts

#: Exit statuses, as `gdbench --help` documents them, with those of `gdbench.execution.interrupts`.
OK, RUN_FAILED, BAD_INPUT = 0, 1, 2

_EPILOG = """\b
Results go to stdout, talk to stderr. NO_COLOR switches colours off, COLUMNS
sets the width.
Exit status: 0 all went well, or the reader of stdout left (| head) · 1 a run
failed, a check found something wrong, stdout could not be written, or gdbench
made a mistake · 2 bad input · 130 interrupted · 143 terminated · 129 hung up"""

#: Heading, and module of gdbench.cli.commands → verb → the line that `--help` shows: one verb for one wish.
VERBS = {
    "Begin": {
        "new": "Write a first config, for a CSV of your own or a bundled set.",
        "list": "Name the choices that a config can make, each with its formula.",
        "plan": "Show the runs that a config asks for, and what they will take.",
        "inspect": "Print what theory says of each problem; nothing is run.",
        "trace": "Follow the first steps of one run by hand, with its numbers.",
    },
    "Run": {
        "run": "Run every combination, record it, track it in MLflow.",
        "runners": "List the places where runs can be done, or check one.",
        "status": "Say how far an experiment is, while it runs or after it ended.",
        "sync": "Send to MLflow whatever it does not have yet.",
    },
    "Understand": {
        "report": "Write tables, charts and verdicts of an experiment.",
        "next": "Print the next experiment worth running, write it, or run it.",
        "predict": "Predict for the rows of a file by a learned model.",
        "export": "Write runs and curves as Parquet or CSV.",
        "ui": "Browse all experiments in the MLflow UI.",
        "show": "Print a learned model, a compiled kernel, or a choice's source.",
    },
    "Keep": {
        "rm": "Remove an experiment, and say what MLflow keeps of it.",
        "rename": "Give an experiment another name, in MLflow as well.",
        "merge": "Bring the runs of another machine into an experiment.",
    },
    "Hand on": {
        "bundle": "Write an experiment into one file, with all that it rests on.",
        "verify": "Check such a file, and do a part of its runs again.",
        "archive": "Freeze an experiment for others to stand against.",
    },
    "Look after": {
        "check": "Look at a plug-in: its gradients, kinks, limits, speed.",
        "doctor": "Tell whether gdbench, or an experiment's store, is sound.",
        "schema": "Print the JSON Schema of a config, for editors.",
        "completion": "Print the script that completes command lines in a shell.",
    },
}


class LazyGroup(click.Group):
    """The verbs of VERBS; a heading's module is imported when one of its verbs is used or asked for help."""

    @cached_property
    def _verbs(self) -> dict[str, str]:
        return {verb: line for verbs in VERBS.values() for verb, line in verbs.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for heading, verbs in VERBS.items():
            if cmd_name in verbs:
                module = import_module(f"gdbench.cli.commands.{heading.lower().replace(' ', '_')}")
                command: click.Command = getattr(module, f"{cmd_name}_command")
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._verbs and not args[0].startswith("-"):
            close = get_close_matches(args[0], self._verbs, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Verbs: {', '.join(self._verbs)}."
            raise click.UsageError(f"no verb is called '{args[0]}'. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        widest = max(map(len, self._verbs))
        for heading, verbs in VERBS.items():
            with formatter.section(heading):
                formatter.write_dl([(verb.ljust(widest), line) for verb, line in verbs.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs with their lines, without importing any of them; then the group's own options."""
        verbs = [
            CompletionItem(verb, help=line) for verb, line in self._verbs.items() if verb.startswith(incomplete)
        ]
        return verbs or click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=LazyGroup,
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
    streams.make_ready()
    # a hundred thousand plans and records are no garbage; to look whether they are takes a tenth of the time
    gc.set_threshold(20_000, 20, 20)
    threading.excepthook = _end_with_thread
    with interrupts.interruptible():
        status = _status()
        endless = _endless_threads()
        for said in endless:
            streams.say(said)
        streams.give_up()
        if interrupts.came() or endless:
            # what is worth keeping is kept; no library's thread may hold up a user who wants to leave
            os._exit(status)
    gc.freeze()  # what is there goes with the process: to look for cycles in it took a tenth of a short command
    sys.exit(status)


def _end_with_thread(died: threading.ExceptHookArgs) -> None:
    """A library's thread that ends for lack of memory is waited for in vain: the command ends with it."""
    if isinstance(died.exc_value, MemoryError):
        streams.say(streams.fault(died.exc_value))
        interrupts.end(RUN_FAILED)
    else:
        threading.__excepthook__(died)


def _endless_threads() -> list[str]:
    """Plug-ins whose threads would keep the process, a sentence each."""
    loading = sys.modules.get("gdbench.plugins.loading")
    return loading.endless_threads() if loading else []


def _of_plugin(error: BaseException) -> str:
    """The sentence on an exception that a plug-in raised, where nobody expected one; else ""."""
    loading = sys.modules.get("gdbench.plugins.loading")
    return loading.words_on(error) if loading else ""


def _status() -> int:
    try:
        result = _invoke()
        streams.flush()
    except (click.Abort, KeyboardInterrupt, EOFError):
        streams.say(f"{interrupts.word()}.")
        return interrupts.status()
    except Exception as error:  # noqa: BLE001  the last resort: our own mistake, shown whole
        return interrupts.status() if interrupts.came() else _told(error)
    except BaseException as error:
        said = _of_plugin(error)
        if not said:
            raise
        streams.say(said)
        return BAD_INPUT
    return result if isinstance(result, int) else OK


def _invoke() -> object:
    """click's own `main` would end the process, with a status of its own, where stdout has no reader."""
    if "_GDBENCH_COMPLETE" in os.environ:
        return cli.main(standalone_mode=False)
    try:
        with cli.make_context("gdbench", sys.argv[1:]) as context:
            return cli.invoke(context)
    except click.exceptions.Exit as error:
        return error.exit_code


def _told(error: Exception) -> int:
    """Say on stderr what went wrong, and give back the status that says so."""
    if isinstance(error, GdbenchError):
        streams.say(*_sentence(error))
        return BAD_INPUT
    if isinstance(error, click.ClickException):
        written = StringIO()
        error.show(written)
        streams.say(written.getvalue().rstrip("\n"))
        return BAD_INPUT
    if streams.reader_left(error):
        return OK
    fault = streams.fault(error) or _of_plugin(error)
    if fault:
        streams.say(fault)
    else:
        streams.say("".join(traceback.format_exception(error)))
        streams.say("This is a mistake in gdbench. Please report it with the text above.")
    return RUN_FAILED


#: Role of a part of a pointed sentence → how it looks.
_STYLES = {
    "place": streams.Styled("", bold=True),
    "source": streams.Styled("", dim=True),
    "caret": streams.Styled("", "red", bold=True),
}
#: Signs for private use stand around such a part until the text has been made harmless.
_PART = re.compile("\ue000(.*?) (.*?)\ue001", re.DOTALL)


def _sentence(error: GdbenchError) -> list[str | streams.Styled]:
    """The sentence; in a terminal, a config's errors show the line with a caret under the place."""
    pointed = getattr(error, "pointed", None)
    if pointed is None or not sys.stderr.isatty():
        return [str(error)]
    plain = bool(os.environ.get("NO_COLOR"))
    width = shutil.get_terminal_size().columns
    text = pointed(width, lambda text, role: text if plain else f"\ue000{role} {text}\ue001")
    between, roles, parts = (_PART.split(text)[start::3] for start in range(3))
    styled = (
        _STYLES.get(role, _STYLES["source"])._replace(text=part)
        for role, part in zip(roles, parts, strict=True)
    )
    return [piece for pair in zip_longest(between, styled, fillvalue="") for piece in pair]
