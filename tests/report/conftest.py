"""A finished sweep that the tests share."""

import pytest

from tests.report.records import sweep, write_store


@pytest.fixture(scope="session")
def cases():
    return sweep(limit=2000)


@pytest.fixture(scope="session")
def folder(tmp_path_factory, cases):
    """A finished sweep: 12 settings, 24 runs; converged, stopped and diverged ones."""
    return write_store(tmp_path_factory.mktemp("results") / "lr_sweep", cases)
