"""gdbench.run: a sweep with a notebook or a script as its listener."""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from collections.abc import Sequence

from tqdm import TqdmWarning

from gdbench.descent.recording.result import OUTCOMES
from gdbench.door.configs import Config, kept
from gdbench.door.study import Study, results_folder
from gdbench.execution.profiles.profile import AUTO
from gdbench.execution.profiles.profile_files import split_overrides
from gdbench.planning.plan import Plan, Run
from gdbench.record.records import RunRecord, SessionRecord
from gdbench.session.listener import Conclusion, Listener
from gdbench.session.run import run as carry_out
from gdbench.session.sweep import Selection, prepare
from gdbench.tracking.sync import TrackingReport


def run(
    config: Config,
    *,
    runner: str = AUTO,
    workers: int | None = None,
    results: str | os.PathLike[str] | None = None,
    tracking: bool | str = True,
    only: Sequence[str] = (),
    again: Sequence[str] = (),
    overrides: Sequence[str] = (),
    progress: bool = True,
) -> Study:
    """Do the runs of a config that have no result yet, and return what they say.

    The same session as `gdbench run`: each run is recorded the moment it ends, a second call goes on where the
    first was interrupted, and MLflow is told.

    config: a path, YAML text, a mapping, or an `Experiment`. In a mapping, data may stand in memory:
        `{"frame": table, "target": "price"}`, or rows of numbers and the values themselves.
    runner: the profile that says where.  workers: at once, by default as many as there are cores.
    results: the folder of all experiments, by default GDBENCH_RESULTS or "results".
    tracking: whether MLflow is told, or its address.
    only, again: runs that are meant, and those to be done once more, as for `--only` and `--rerun`.
    overrides: settings that win over the config's, as for `--set`: "grid.learning_rate=[0.1, 0.2]".
    progress: whether a bar is shown.

    Raises GdbenchError with everything that is wrong, and KeyboardInterrupt after what finished is safe.
    What is unwise, or went wrong beside the runs, is a warning.

    >>> study = gdbench.run("configs/lr_sweep.yaml", runner="serial")  # doctest: +SKIP
    >>> study.answer  # doctest: +SKIP
    """
    folder = results_folder(results)
    for_config, for_runner = split_overrides(overrides)
    sweep = prepare(
        kept(config, folder, for_config),
        folder,
        runner=runner,
        workers=workers,
        overrides=for_runner,
        only=only,
        again=again,
        tracking=bool(tracking),
        tracking_uri=tracking if isinstance(tracking, str) else None,
    )
    conclusion = carry_out(sweep, _Bar(shown=progress))
    if conclusion is None or conclusion.interrupted:
        raise KeyboardInterrupt("what finished is recorded; the same call goes on")
    return Study(sweep.folder)


with warnings.catch_warnings():
    # without ipywidgets a notebook has the bar of a terminal, and needs no word about it
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm


class _Bar(Listener):
    """One bar; what the terminal says beside its results is warned of here."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: tqdm[Run] | None = None
        self._counts: Counter[str] = Counter()

    def noticed(self, notice: str) -> None:
        _warn(notice)

    def announced(self, plan: Plan, selection: Selection) -> None:  # noqa: ARG002
        for doubt in plan.doubts:
            _warn(f"unwise: {doubt}")

    def placed(self, where: str) -> None:
        if self._shown:
            sys.stderr.write(f"{where}\n")

    def began(self, runs: Sequence[Run], session: SessionRecord) -> None:
        if runs and not session.comparable:
            _warn(
                f"{session.workers} workers share {session.cores} cores: the seconds of these runs are not "
                "comparable; fewer workers= are"
            )
        if runs and self._shown:
            self._bar = tqdm(runs, unit="run", desc=session.runner, file=sys.stderr)

    def finished(self, run: Run, record: RunRecord) -> None:  # noqa: ARG002
        self._counts[record.result.outcome] += 1
        if self._bar is not None:
            told = {name: self._counts[name] for name in OUTCOMES if self._counts[name]}
            self._bar.set_postfix(told, refresh=False)
            self._bar.update()

    def grew(self, runs: Sequence[Run]) -> None:
        if self._bar is not None and self._bar.total is not None:
            self._bar.total += len(runs)

    def ended(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def remarked(self, sentence: str) -> None:
        _warn(sentence)

    def unreported(self, reason: str) -> None:
        _warn(f"MLflow gets no report: {reason}")

    def concluded(self, conclusion: Conclusion) -> None:
        if conclusion.undone and not conclusion.interrupted:
            _warn(f"{conclusion.undone_in_words}; again=['failed'] tries once more")

    def tracked(self, report: TrackingReport) -> None:
        if report.error:
            _warn(f"tracking: {report.error}")
        for remark in report.remarks:
            _warn(f"tracking: {remark}")


def _warn(sentence: str) -> None:
    warnings.warn(sentence, UserWarning, stacklevel=2)
