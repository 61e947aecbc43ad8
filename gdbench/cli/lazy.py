"""A group of verbs that imports a verb's module only when that verb is used or asked for help."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """groups: heading → verb → the line that `--help` shows; verb `x` is `command` of gdbench.cli.x_."""

    def __init__(self, *args: Any, groups: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._verbs = {verb: line for verbs in groups.values() for verb, line in verbs.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self._verbs:
            return None
        command: click.Command = import_module(f"gdbench.cli.verbs.{cmd_name}_").command
        return command

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
        for heading, verbs in self._groups.items():
            with formatter.section(heading):
                formatter.write_dl([(verb.ljust(widest), line) for verb, line in verbs.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs with their lines, without importing any of them; then the group's own options."""
        verbs = [
            CompletionItem(verb, help=line) for verb, line in self._verbs.items() if verb.startswith(incomplete)
        ]
        return verbs or click.Command.shell_complete(self, ctx, incomplete)
