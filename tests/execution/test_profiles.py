"""Runner profiles: found by path or name, checked like a config, overridden by a word."""

import pytest

from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent.errors import GdbenchError, UnknownName
from gdbench.execution.engines.engine import open_engine, try_out
from gdbench.execution.profiles import profile, profile_files
from gdbench.execution.profiles.profile import BUILT_IN, Profile, available_cores
from gdbench.execution.profiles.profile_files import (
    listed_profiles,
    load_profile,
    runner_words,
    split_overrides,
)
from tests.cli.shell import ROOT


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, with an empty folder of the user's own profiles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(profile_files, "user_folder", lambda: tmp_path / "mine")
    (tmp_path / "runners").mkdir()
    (tmp_path / "mine").mkdir()
    return tmp_path


def refused(text, folder):
    path = folder / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_profile(str(path))
    return str(raised.value)


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_profiles_need_no_file_and_say_what_the_shipped_ones_say(folder, name):
    shipped = load_profile(str(ROOT / "runners" / f"{name}.yaml"))
    built_in = load_profile(name)
    assert (shipped.kind, shipped.name, shipped.worker_count) == (built_in.kind, name, built_in.worker_count)
    assert built_in == BUILT_IN[name]
    assert {k: v for k, v in shipped.options.items() if k != "interpreter"} == built_in.options


def test_a_name_is_looked_for_in_runners_then_among_ones_own_then_built_in(folder):
    assert load_profile("processes").worker_count == available_cores()
    (folder / "mine" / "processes.yml").write_text("kind: processes\nworkers: 4\n")
    assert load_profile("processes").workers == 4
    (folder / "runners" / "processes.yaml").write_text("kind: processes\nworkers: 3\n")
    assert load_profile("processes").workers == 3
    found = {one.name: one.origin for one in listed_profiles()}
    assert found["processes"] == "runners/processes.yaml"
    assert found["serial"] == "built-in"


def test_the_users_folder_is_where_the_platform_has_it(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert profile_files.user_folder() == tmp_path / "gdbench" / "runners"


def test_a_path_is_read_from_anywhere_and_workers_win(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("kind: processes\nworkers: 3\n")
    assert load_profile(str(path), workers=5) == Profile(kind="processes", workers=5, name="mine")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30s", 30.0),
        ("500ms", 0.5),
        ("5min", 300.0),
        ("1h", 3600.0),
        ("1.5 h", 5400.0),
        ("2", 2.0),
        ("0.25", 0.25),
    ],
)
def test_a_timeout_has_a_unit_or_is_in_seconds(folder, written, seconds):
    assert load_profile("processes", overrides=[f"runner.timeout={written}"]).timeout == seconds


@pytest.mark.parametrize(
    ("written", "size"),
    [("2GB", 2 * 10**9), ("512MiB", 512 << 20), ("1.5 gib", 3 << 29), ("200000000", 2 * 10**8)],
)
def test_a_memory_limit_has_a_unit_or_is_in_bytes(folder, written, size):
    limit = load_profile("processes", overrides=[f"runner.memory_limit={written}"]).memory_limit
    assert limit == size
    assert type(limit) is int  # it travels to workers that have no pydantic


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("kind: process\n", ":1:7:", "no kind of runner is called 'process'. Did you mean processes?"),
        ("workers: 2\n", ":1:1:", "'kind' must be auto, serial, processes, pypy, dask"),
        ("kind: 3\n", ":1:7:", "'kind' must be auto, serial"),
        ("kind: pypy\nworkers: 0\n", ":2:10:", "'workers' must be a whole number of 1 or more, or all, not 0."),
        ("kind: pypy\nworkers: true\n", ":2:10:", "not true."),
        ("kind: pypy\nretries: -1\n", ":2:10:", "'retries' must be a whole number of 0 or more, not -1."),
        (
            "kind: pypy\ntimeout: 3 parsecs\n",
            ":2:10:",
            "as 30s, 500ms, 5min or 1h (a bare number: seconds), not",
        ),
        ("kind: pypy\ntimeout: 0\n", ":2:10:", "'timeout' must be a time above 0"),
        ("kind: pypy\nmemory_limit: 2\n", ":2:15:", "'memory_limit' must be a size of 100MB or more"),
        ("kind: pypy\noptions: 3\n", ":2:10:", "'options' must be a mapping"),
        (
            "kind: serial\nworkerz: 2\n",
            ":2:1:",
            "no key of a runner profile is called 'workerz'. Did you mean workers?",
        ),
        ("kind: serial\nworkers: 2\n", ":2:10:", "choose kind processes"),
        ("kind: serial\ntimeout: 2s\n", ":2:10:", "'timeout' cannot be enforced"),
        ("kind: serial\nmemory_limit: 2GB\n", ":2:15:", "'memory_limit' cannot be enforced"),
        (
            "kind: processes\noptions: {a: 1}\n",
            ":2:11:",
            "no option of kind processes is called 'a'. It has none.",
        ),
        ("kind: pypy\noptions: {interpeter: x}\n", ":2:11:", "Did you mean interpreter?"),
        (
            "kind: pypy\noptions: {interpreter: 3}\n",
            ":2:24:",
            "a program's name on the PATH, or a path, not 3.",
        ),
        ("kind: dask\noptions: {adress: 'tcp://a:1'}\n", ":2:11:", "is called 'adress'. Did you mean address?"),
        ("kind: dask\noptions: {patience: soon}\n", ":2:21:", "'patience' must be a time"),
        ("kind: dask\noptions: {n_workers: 3}\n", ":2:11:", "Use workers of the profile."),
        ("kind: dask-slurm\noptions: {walltme: 1}\n", ":2:11:", "Did you mean walltime?"),
        (
            "kind: dask-slurm\noptions: {walltime: soon}\n",
            ":2:21:",
            "a job's time in SLURM's form, as 01:00:00",
        ),
        ("kind: dask-ssh\n", ":1:1:", "'hosts' must be a list of at least one host"),
        ("kind: [serial\n", ":", "closing ']'"),
        ("", ":1:1:", "a runner profile is a mapping that has at least a kind, but it is empty"),
    ],
)
def test_a_bad_profile_is_answered_with_place_and_remedy(tmp_path, text, place, said):
    told = refused(text, tmp_path)
    assert told.startswith(f"{tmp_path / 'bad.yaml'}{place}")
    assert said in told
    assert len(told.splitlines()) == 1


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    told = refused("kind: pypy\nworkers: x\ntimeout: y\noptions: {interpreter: 1, colour: red}\n", tmp_path)
    assert [line.split(":")[1] for line in told.splitlines()] == ["2", "3", "4", "4"]


def test_what_the_library_defines_is_passed_on(folder):
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    given = ["runner.options.job_cpu=2", "runner.options.walltime=02:00:00", "runner.options.patience=2min"]
    assert load_profile("slurm", overrides=given).options == {
        "job_cpu": 2,
        "walltime": "02:00:00",
        "patience": 120.0,
    }


def test_overrides_are_checked_with_the_same_words_at_their_place(folder):
    with pytest.raises(ConfigError, match=r"^--set:1:16: 'timeout' must be a time above 0.*not 'x'\.$"):
        load_profile("pypy", overrides=["runner.timeout=x"])
    with pytest.raises(ConfigError, match=r"^--workers:1:1: 'workers' must be 1, not 4"):
        load_profile("serial", workers=4)


def test_a_setting_is_the_profiles_where_it_says_so():
    assert split_overrides(["grid.cost=mse", "runner.timeout=3"]) == (["grid.cost=mse"], ["runner.timeout=3"])


def test_the_words_that_choose_a_place_again_have_no_secret_in_them():
    given = ["runner.timeout=3s", "runner.options.password=hunter2"]
    assert runner_words("dask", 2, given) == (
        "--runner",
        "dask",
        "--workers",
        "2",
        "--set",
        "runner.timeout=3s",
    )
    assert runner_words("auto", None, []) == ()


def test_a_memory_limit_that_nothing_could_enforce_is_refused(folder, monkeypatch):
    monkeypatch.setattr(profile_files, "memory_can_be_limited", lambda: False)
    with pytest.raises(ConfigError, match="cannot be enforced: this system has no bound"):
        load_profile("processes", overrides=["runner.memory_limit=2GB"])


def test_an_unknown_runner_is_answered_with_the_nearest(folder):
    with pytest.raises(UnknownName, match=r"no runner is called 'proceses'\. Did you mean processes\?"):
        load_profile("proceses")


# --- kinds that packages add

MOON = """\
from pydantic import BaseModel, Field
class Options(BaseModel, extra="forbid", strict=True):
    phase: int = Field(description="a whole number")
from gdbench.execution.engines.serial import SerialEngine
def open_engine(profile, cargo, tasks, scratch):
    return SerialEngine(cargo)
"""


@pytest.fixture
def moon(tmp_path, monkeypatch):
    """An installed package that offers the kinds moon, and sun, which cannot be loaded."""
    info = tmp_path / "site" / "moon-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moon\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{profile.GROUP}]\nmoon = moon_engine\nsun = no_such_module\n")
    (tmp_path / "site" / "moon_engine.py").write_text(MOON)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    profile._offered.cache_clear()
    yield
    profile._offered.cache_clear()


def test_a_kind_that_a_package_adds_is_checked_and_opened_like_ours(moon, tmp_path):
    path = tmp_path / "moon.yaml"
    path.write_text("kind: moon\noptions: {phase: 3}\n")
    profile = load_profile(str(path))
    assert profile.options == {"phase": 3}
    assert try_out(profile).interpreter.startswith("CPython")
    assert "'phase' must be a whole number, not 'x'." in refused("kind: moon\noptions: {phase: x}\n", tmp_path)
    assert "Did you mean moon?" in refused("kind: mooon\n", tmp_path)


def test_a_kind_that_cannot_be_loaded_names_its_package(moon, tmp_path):
    path = tmp_path / "sun.yaml"
    path.write_text("kind: sun\n")
    with pytest.raises(
        GdbenchError, match=r"kind 'sun' of the package moon cannot be loaded \(ModuleNotFoundError"
    ):
        load_profile(str(path))


def test_slurm_without_its_commands_is_refused_at_once(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(GdbenchError, match="no sbatch on its PATH"), open_engine(BUILT_IN["slurm"], None, 1):
        pass
