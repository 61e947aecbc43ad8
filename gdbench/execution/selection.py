"""Which runs of a plan are meant: all that are missing, some of them, or some of those done before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import OUTCOMES
from gdbench.planning.matching import matches, none_so
from gdbench.planning.plan import Plan, Run

#: Characters of a key that must be given, so that a short number is not taken for one.
_LEAST_KEY = 4

#: The word of `--rerun` for the runs that a race has paused.
OUTPACED = "outpaced"
#: What it takes besides the beginning of a key.
AGAIN = ("failed", "all", OUTPACED)


def chosen(plan: Plan, only: Sequence[str]) -> list[Run]:
    """The runs that `--only` names, in the plan's order; all where it names none.

    `axis=value`: several of one axis are alternatives, those of different axes must all hold. Anything else
    is the beginning of a key, or a word of a run's name. Raises GdbenchError where nothing matches.
    """
    axes: dict[str, list[str]] = {}
    words: list[str] = []
    for expression in only:
        axis, equals, value = (part.strip() for part in expression.partition("="))
        if equals:
            _check_value(plan, expression, axis, value)
            axes.setdefault(axis, []).append(value)
        else:
            _check_word(plan, axis)
            words.append(axis)
    found = [
        run
        for run in plan.runs
        if matches(run, axes) and (not words or any(_is_called(run, word) for word in words))
    ]
    if not found:
        raise GdbenchError(f"--only {' '.join(only)}: each holds for some run, but no run is all of it.")
    return found


def to_do(runs: Iterable[Run], outcomes: Mapping[str, str], again: Sequence[str] = ()) -> list[Run]:
    """Of `runs` those without a result, those that crashed or were paused, and those that `--rerun` names.

    outcomes: key → outcome of what is recorded.  again: one of AGAIN, or the beginning of a key.
    Raises GdbenchError for the beginning of no key.
    """
    runs = list(runs)
    for name in again:
        if name not in AGAIN and not any(_has_key(run, name) for run in runs):
            raise GdbenchError(
                f"--rerun {name}: no run's key begins so. Give {', '.join(AGAIN)}, or at least {_LEAST_KEY} "
                "characters of a key; gdbench run … --dry-run --rerun all lists them."
            )
    return [run for run in runs if _is_wanted(run, outcomes.get(run.key), again)]


def _is_wanted(run: Run, outcome: str | None, again: Sequence[str]) -> bool:
    if outcome is None or "all" in again:
        return True
    ended = OUTCOMES[outcome]
    if ended.tried_again or ended.unfinished or ("failed" in again and ended.undone):
        return True
    return any(_has_key(run, name) for name in again)


def _check_value(plan: Plan, expression: str, axis: str, value: str) -> None:
    wrong = none_so(plan.runs, plan.experiment.grid, axis, value)
    if wrong:
        raise GdbenchError(f"--only {expression}: {wrong}")


def _check_word(plan: Plan, word: str) -> None:
    if not word or not any(_is_called(run, word) for run in plan.runs):
        raise GdbenchError(
            f"--only {word or repr(word)}: no run's name has this word, nor does a key begin so. "
            "Write learning_rate=0.1; gdbench run … --dry-run lists the runs."
        )


def _is_called(run: Run, word: str) -> bool:
    return _has_key(run, word) or word.casefold() in run.label.casefold()


def _has_key(run: Run, beginning: str) -> bool:
    return len(beginning) >= _LEAST_KEY and run.key.startswith(beginning)
