"""The work of the verbs, a file each; what they may be told stands in gdbench.cli.commands."""
