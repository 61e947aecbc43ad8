"""A finished sweep that the tests share."""

from dataclasses import replace

import pytest

from tests.report.records import PROBLEM, mixed, sweep, write_store


@pytest.fixture(scope="session")
def cases():
    return sweep(limit=2000)


@pytest.fixture(scope="session")
def folder(tmp_path_factory, cases):
    """A finished sweep: 12 settings, 24 runs; converged, stopped and diverged ones."""
    return write_store(tmp_path_factory.mktemp("results") / "lr_sweep", cases)


@pytest.fixture(scope="session")
def mixed_folder(tmp_path_factory):
    """A sweep over two problems in which runs ended in every way."""
    second = replace(PROBLEM, id="p2", label="quadratic · mlp · mse", smoothness=8.05)
    return write_store(tmp_path_factory.mktemp("results") / "mixed", mixed(), problems=[PROBLEM, second])
