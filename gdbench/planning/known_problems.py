"""A problem that differs from a known one in the rows held out alone: what is minimised is the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.planning.specs import digest_of
from gdbench.reference.problem import Problem, ProblemRecord
from gdbench.reference.problem_records import problem_record, with_data_of


def recorded(problem: Problem, known: Iterable[ProblemRecord]) -> ProblemRecord:
    """What is to be known of it, taken from one with the same training rows where there is one.

    Its optimum, its card and its yardstick rest on the rows that are trained on, and on nothing else.
    """
    alike = next((one for one in known if one.card and _trained_alike(problem, one)), None)
    return with_data_of(alike, problem) if alike else problem_record(problem)


def _trained_alike(problem: Problem, other: ProblemRecord) -> bool:
    """Whether the other has this definition but for the rows held out, and its data was prepared alike."""
    if problem.dataset is None or problem.dataset.table.digest != other.data.get("digest"):
        return False
    if _training(problem.dataset.describe()) != _training(other.data):
        return False
    own = {name: value for name, value in problem.definition.items() if name != TEST_DIGEST}
    held_out = other.data.get("test")
    return other.id == digest_of({**own, TEST_DIGEST: held_out["digest"]} if held_out else own)


def _training(data: Mapping[str, object]) -> str:
    return json.dumps({name: value for name, value in data.items() if name != "test"}, sort_keys=True)
