"""An archive: a study frozen, small enough to keep, for others to stand against.

It holds the config that anybody can run again, a line for each run, what each method needed to each target when
tuned for each problem, and a thinned curve of each. The same store gives the same bytes.
"""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from gdbench.config.private import impersonal
from gdbench.descent import KERNEL_VERSION
from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.judgement.methods.matrix import chosen_of, matrix
from gdbench.judgement.methods.views import TUNED
from gdbench.judgement.study import Study
from gdbench.plugins.named_files import Unreadable, read_regular
from gdbench.record.recorded_plan import thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.lines import GapLine

#: What says that a file is one, and which form it has.
FORMAT, VERSION = "gdbench archive", 1
SUFFIX = ".json.xz"

#: Points of a curve, and digits of its gaps.
POINTS, DIGITS = 30, 4
#: Bytes of a file that is read, and of what is packed in it.
_MOST, _MOST_UNPACKED = 20_000_000, 200_000_000


class FrozenProblem(NamedTuple):
    """optimum, baseline: what gaps are measured by."""

    id: str
    label: str
    optimum: float | None
    baseline: float | None


class FrozenRun(NamedTuple):
    """kept: the iteration from which each target is kept, None where it is not.  gap: relative, at the end."""

    key: str
    method: str
    tuning: str
    problem: str
    outcome: str
    iterations: int
    kept: Sequence[int | None]
    gap: float | None


@dataclass(frozen=True)
class Archive:
    """targets: the loosest first.  budget: iterations of the longest run.

    efforts: target → method → problem → iterations until it is kept, tuned for each problem; None for never.
    """

    name: str
    description: str
    gdbench: str
    kernel_version: int
    config: str
    overrides: Sequence[str]
    targets: Sequence[str]
    budget: int
    problems: Sequence[FrozenProblem]
    runs: Sequence[FrozenRun]
    efforts: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    curves: Sequence[GapLine]

    @property
    def methods(self) -> list[str]:
        return list(dict.fromkeys(run.method for run in self.runs))

    def effort(self, target: str, problem: str) -> dict[str, float]:
        """Method → what it needed there, ∞ for never; only those that were tried."""
        rows = self.efforts.get(target, {})
        return {
            method: math.inf if row[problem] is None else float(row[problem] or 0.0)
            for method, row in rows.items()
            if problem in row
        }

    def to_bytes(self) -> bytes:
        """Packed JSON, with every method and problem by its number."""
        text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, separators=(",", ":"))
        return lzma.compress(text.encode(), format=lzma.FORMAT_XZ, preset=9)

    @classmethod
    def from_bytes(cls, content: bytes) -> Archive:
        """Raises ValueError, TypeError or LookupError where it is none."""
        plain = json.loads(lzma.LZMADecompressor().decompress(content, _MOST_UNPACKED))
        if plain.pop("format") != FORMAT or plain.pop("version") != VERSION:
            raise ValueError("another format")
        plain["problems"] = [FrozenProblem(*one) for one in plain["problems"]]
        plain["runs"] = [FrozenRun(*one) for one in plain["runs"]]
        plain["curves"] = [GapLine(*one) for one in plain["curves"]]
        return cls(**plain)


# --- freezing


def frozen(study: Study, store: Store) -> Archive:
    """A finished study as an archive; raises GdbenchError where it is none that others could stand against."""
    plan = study.plan
    if not study.complete:
        raise GdbenchError(
            f"{plan.experiment}: {len(study.runs)} of {len(plan.runs)} runs are there. Run the rest first."
        )
    if not plan.targets or len(study.methods.methods) < 2:
        raise GdbenchError(f"{plan.experiment}: an archive takes two methods, and targets that they aim at.")
    return Archive(
        name=plan.experiment,
        description=plan.description,
        gdbench=plan.environment.get("gdbench", ""),
        kernel_version=KERNEL_VERSION,
        config=impersonal(plan.config_text),
        overrides=list(plan.overrides),
        targets=list(plan.targets),
        budget=max(run.result.iterations for run in study.runs),
        problems=[_problem(one) for one in study.methods.problems.values()],
        runs=list(_runs(study)),
        efforts={target: _efforts(study, target) for target in plan.targets},
        curves=list(curves_of(study, store)),
    )


def _problem(of: ProblemRecord) -> FrozenProblem:
    return FrozenProblem(of.id, of.label, of.optimum.cost, of.baseline)


def _runs(study: Study) -> Iterator[FrozenRun]:
    roles = study.methods.roles
    for run in study.runs:
        result, problem = run.result, study.problems[run.problem]
        yield FrozenRun(
            run.key,
            roles.method(run),
            roles.tuning(run),
            problem.family,
            result.outcome,
            result.iterations,
            [result.kept_from.get(target) for target in study.plan.targets],
            problem.relative_gap_of(result),
        )


def _efforts(study: Study, target: str) -> dict[str, dict[str, float | None]]:
    found = matrix(study, TUNED, target=target).effort
    return {
        method: {problem: value if math.isfinite(value) else None for problem, value in row.items()}
        for method, row in found.items()
    }


def curves_of(study: Study, store: Store) -> Iterator[GapLine]:
    """What stands for each method on each problem, thinned and rounded, where gaps can be measured."""
    for method, of in chosen_of(study, TUNED).items():
        for family, candidate in of.items():
            run = study.methods.reported(candidate, family)[0]
            line = GapLine(
                method, family, candidate.tuning, *_gaps(store.run(run.key), study.problems[run.problem])
            )
            if line.iterations:
                yield line


def _gaps(run: RunRecord, problem: ProblemRecord) -> tuple[list[int], list[float]]:
    curve, measure = run.result.curve, problem.yardstick
    if measure is None or problem.optimum.cost is None:
        return [], []
    gaps = curve.gaps(problem.optimum.cost)
    places = [i for i in thinned(curve.iteration, POINTS) if i < len(gaps) and math.isfinite(gaps[i])]
    rounded = [float(f"{measure.relative(gaps[i]):.{DIGITS - 1}e}") for i in places]
    return [curve.iteration[i] for i in places], rounded


# --- finding


def shipped() -> list[str]:
    """The names of the archives that come with gdbench."""
    folder = resources.files("gdbench").joinpath("archives")
    return sorted(one.name.removesuffix(SUFFIX) for one in folder.iterdir() if one.name.endswith(SUFFIX))


def archive_of(name: str) -> Archive:
    """One that comes with gdbench, or a file; raises GdbenchError."""
    try:
        if name.endswith(SUFFIX):
            return Archive.from_bytes(read_regular(Path(name), _MOST))
        if name not in shipped():
            raise UnknownName(
                "archive", name, shipped(), f" One of your own is a file that ends with {SUFFIX}."
            )
        content = resources.files("gdbench").joinpath("archives", f"{name}{SUFFIX}").read_bytes()
        return Archive.from_bytes(content)
    except Unreadable as error:
        raise GdbenchError(f"{name}: {error}") from None
    except (ValueError, TypeError, LookupError, lzma.LZMAError, EOFError) as error:
        raise GdbenchError(f"{name}: this is no archive that gdbench archive has written.") from error
