"""The clock: contestants take turns, and each is known by its fastest round."""

import time


def seconds(run, calls):
    """Seconds a call, where run(calls) does that many."""
    began = time.perf_counter()
    run(calls)
    return (time.perf_counter() - began) / calls


def enough(run, least):
    """How many calls take `least` seconds; warms up a tracing interpreter on the way."""
    calls = 1
    while (spent := seconds(run, calls) * calls) < least:
        calls = max(2 * calls, int(calls * least / max(spent, 1e-9)) + 1 if spent > least / 10 else 4 * calls)
    return calls


def repeated(function, w):
    """calls → so many calls of function(w)."""

    def run(calls):
        for _ in range(calls):
            function(w)

    return run
