"""gdbench completion: what a shell needs to complete verbs, options, configs, experiments and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

#: Shell → the file that it reads at its start, and the line that belongs there.
_LINES = {
    "bash": ("~/.bashrc", 'eval "$(gdbench completion bash)"'),
    "zsh": ("~/.zshrc", 'eval "$(gdbench completion zsh)"'),
    "fish": ("~/.config/fish/config.fish", "gdbench completion fish | source"),
}
_EPILOG = "\b\nOne line switches it on for good:\n\n\b\n" + "\n".join(
    f"{shell:<5} {line:<40} in {file}" for shell, (file, line) in _LINES.items()
)


@click.command("completion", epilog=f"{_EPILOG}\n\nExample: gdbench completion bash")
@click.argument("shell", type=click.Choice(list(_LINES)))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete gdbench's command lines."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root()
    click.echo(kind(root.command, {}, "gdbench", "_GDBENCH_COMPLETE").source())
