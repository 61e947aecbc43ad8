"""Exit statuses, as `gdbench --help` documents them."""

OK = 0
RUN_FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
