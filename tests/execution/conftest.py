"""The places where a plan can run, each with real processes; the Dask cluster is started once."""

import pytest

from gdbench.execution.profiles.profile import Profile
from tests import interpreters

ENGINES = ("processes", "pypy", "dask")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A Dask scheduler and two workers on loopback."""
    pytest.importorskip("distributed", reason="Dask is not installed (pip install 'gdbench[dask]')")
    from tests.execution.dask_cluster import Processes  # noqa: PLC0415  it needs Dask

    with Processes(tmp_path_factory.mktemp("cluster")) as processes:
        yield processes


@pytest.fixture(params=ENGINES)
def place(request):
    """A way to a profile of each engine, of two workers: place(timeout=…, …)."""
    options = {}
    if request.param == "pypy":
        interpreter = interpreters.find("pypy3")
        if interpreter is None:
            pytest.skip("there is no pypy3 on this machine")
        options = {"interpreter": str(interpreter)}
    if request.param == "dask":
        options = {"address": request.getfixturevalue("cluster").address, "patience": 20}
    return lambda **changes: Profile(
        **{"kind": request.param, "name": request.param, "workers": 2, "options": options, **changes}
    )
