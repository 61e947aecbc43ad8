"""A plan of very many runs is begun only when somebody says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gdbench.descent.errors import GdbenchError

if TYPE_CHECKING:
    from gdbench.planning.plan import Plan

#: Beyond so many runs, `gdbench run` asks.
MANY = 10_000


def confirm_size(plan: Plan, *, yes: bool) -> None:
    """Ask before a plan of more than 10,000 runs; without a terminal to ask in, `--yes` must have said it.

    Raises click.Abort where the answer is no, and GdbenchError where nobody can answer.
    """
    count = len(plan.runs)
    if count <= MANY or yes:
        return
    told = f"{plan.experiment.name} has {count:,} runs, more than {MANY:,}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise GdbenchError(
            f"{told}. Add --yes to run them all; gdbench plan {plan.experiment.path} shows them."
        )
    click.confirm(f"{told}. Run them all?", abort=True, err=True)
