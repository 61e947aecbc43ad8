"""Options that several verbs share, so that one wish has one name everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gdbench.descent.errors import GdbenchError, nearest

F = TypeVar("F", bound=Callable[..., Any])


def results_option(function: F) -> F:
    return click.option(
        "--results",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("results"),
        envvar="GDBENCH_RESULTS",
        show_default=True,
        help="Folder of the stores, mlflow.db and reports (or GDBENCH_RESULTS).",
    )(function)


def tracking_uri_option(function: F) -> F:
    return click.option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow server or database (default: MLFLOW_TRACKING_URI, else <results>/mlflow.db).",
    )(function)


def experiment_folder(results: Path, name: str) -> Path:
    """The folder of a recorded experiment; raises GdbenchError that names those that exist."""
    known = recorded_experiments(results)
    if name not in known:
        there = nearest(name, known) if known else "Nothing has been run yet: gdbench run configs/lr_sweep.yaml"
        raise GdbenchError(f"{results}: no experiment is called '{name}'. {there}")
    return results / name


def recorded_experiments(results: Path) -> list[str]:
    from gdbench.record.store import STORE_NAME  # noqa: PLC0415  `--help` needs no store

    return sorted(path.parent.name for path in results.glob(f"*/{STORE_NAME}"))
