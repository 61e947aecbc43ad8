"""What every test shares: properties tried alike on every machine, and no plug-ins but its own."""

import os
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from gdbench.plugins import loading
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.guard import Consent
from tests import sampling

# no deadline: a slow machine is not a mistake.  derandomize: a failure in CI is one that can be had again.
settings.register_profile(
    "gdbench", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gdbench")

#: What takes longest, or waits for others, comes first, so that in the end no worker is left alone with it.
FIRST = (
    "test_slurm",
    "test_ssh",
    "test_dask_engine",
    "test_readme",
    "test_faults",
    "test_run",
    "test_docs",
    "test_house_rules",
    "test_killed",
    "test_recipes",
    "test_tracking_postgres",
    "test_tracking_ui",
    "test_tracking_browser",
    "test_report_browser",
)


def pytest_configure(config):
    sampling.whole = config.option.markexpr == "exhaustive"
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def pytest_terminal_summary(terminalreporter):
    sample = f"a sample, seed {sampling.SEED} (all: pytest -m exhaustive)"
    terminalreporter.write_line(f"of large families: {'all' if sampling.whole else sample}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One worker more than cores: many tests wait for servers, queues, browsers and kills most of the time."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests go to one worker, so that what they share is made once."""
    return LoadFileScheduling(config, log) if config.option.dist == "load" else None


@pytest.fixture(autouse=True)
def _consent_as_before():
    """A verb called in this process tells what it executes, or executes none; the next test is as before."""
    given = Consent.given
    yield
    Consent.given, Consent.tell = given, str


@pytest.fixture(autouse=True, scope="module")
def _plugins_of_no_other_file():
    """A plug-in that the tests of a file load is unknown to those of all others: their order is free."""
    with _plugins_as_before():
        yield


@pytest.fixture(autouse=True)
def _plugins_of_no_other_test():
    """Nor does a test know those of another of its file, but for what the file's fixtures load."""
    with _plugins_as_before():
        yield


@contextmanager
def _plugins_as_before():
    there = [loading._loaded, *(registry._entries for registry in REGISTRIES)]
    before = [dict(one) for one in there]
    yield
    for now, then in zip(there, before, strict=True):
        now.clear()
        now.update(then)
