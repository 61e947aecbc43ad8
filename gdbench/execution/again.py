"""Recorded runs computed once more, at any place, for whoever wants to see whether the same bits come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gdbench.descent.problems.table import Table
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.descent.recording.result import OUTCOMES, RunResult
from gdbench.descent.registry import Spec
from gdbench.execution.engines.engine import open_engine
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Limits, Task
from gdbench.execution.workers.identity import identity
from gdbench.plugins.loading import Plugin
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord


def computed_again(
    runs: Sequence[RunRecord],
    problems: Mapping[str, ProblemRecord],
    tables: Mapping[str, Table],
    plugins: Sequence[Plugin],
    profile: Profile,
    home: Path,
) -> Iterator[RunRecord]:
    """Each run with the result that it has now, in their order; raises GdbenchError where none can be done.

    tables: by digest.  home: a folder for what workers write.
    """
    digests = {digest for run in runs for digest in (run.spec["digest"], run.spec.get(TEST_DIGEST, ""))}
    cargo = Cargo(
        {digest: tables[digest].pack() for digest in sorted(digests) if digest in tables},
        tuple(plugins),
        Limits(profile.timeout, profile.memory_limit),
        identity(),
    )
    with open_engine(profile, cargo, len(runs), home) as engine:
        waiting = [engine.submit(_task(run, problems[run.problem])) for run in runs]
        for run, future in zip(runs, waiting, strict=True):
            result = future.result().result
            if run.spec.get(TEST_DIGEST):
                result = with_measures(
                    result, run.spec, tables[run.spec["digest"]], tables[run.spec[TEST_DIGEST]]
                )
            yield replace(run, result=result)


def _task(run: RunRecord, problem: ProblemRecord) -> Task:
    """One that a race had paused ends where it was paused, be it in one go."""
    paused = OUTCOMES[run.result.outcome].unfinished
    return Task(run.key, run.spec, problem.constants, run.result.iterations if paused else None)


def with_measures(result: RunResult, spec: Spec, table: Table, test: Table) -> RunResult:
    """The result with how good its fit is on rows that are held out, where it can be told."""
    if not (result.held_out and result.parameters):
        return result
    from gdbench.reference.metrics import measured  # noqa: PLC0415  scikit-learn takes a second to import

    found = measured(spec, result.answered, table, test)
    return replace(result, held_out={**result.held_out, **found})
