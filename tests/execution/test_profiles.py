"""Runner profiles: found by path or name, checked like a config, overridden by a word."""

import pytest

from gdbench.descent.errors import UnknownName
from gdbench.execution.profiles import Profile, available_cores, load_profile
from gdbench.experiment.problems import ConfigError


def test_built_in_profiles_need_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_profile("serial").kind == "serial"
    assert load_profile("processes").worker_count == available_cores()


def test_a_file_in_runners_wins_over_what_is_built_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runners").mkdir()
    (tmp_path / "runners" / "processes.yaml").write_text("kind: processes\nworkers: 3\n")
    assert load_profile("processes").worker_count == 3


def test_a_path_is_read_from_anywhere_and_workers_win(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("kind: processes\nworkers: 3\n")
    assert load_profile(str(path), workers=5) == Profile(kind="processes", workers=5)


def test_the_shipped_profiles_are_the_built_in_ones():
    assert load_profile("runners/processes.yaml") == load_profile("processes")
    assert load_profile("runners/serial.yaml").kind == "serial"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("kind: process\n", ":1:7:", "'kind' must be serial or processes, not 'process'."),
        ("workers: 2\n", ":1:1:", "'kind' must be serial or processes, but it is missing."),
        (
            "kind: serial\nworkers: 0\n",
            ":2:10:",
            "'workers' must be a whole number of 1 or more, or all, not 0.",
        ),
        ("kind: serial\nworkers: true\n", ":2:10:", "not true."),
        (
            "kind: serial\nworkerz: 2\n",
            ":2:1:",
            "no key is called 'workerz' in a runner profile. Did you mean workers?",
        ),
        ("kind: [serial\n", ":", ""),
    ],
)
def test_a_bad_profile_is_answered_with_place_and_remedy(tmp_path, text, place, said):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_profile(str(path))
    assert str(refused.value).startswith(f"{path}{place}")
    assert said in str(refused.value)


def test_an_unknown_runner_is_answered_with_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName, match=r"no runner is called 'proceses'\. Did you mean processes\?"):
        load_profile("proceses")
