"""gdbench runners: what is found, and whether a place answers."""

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines import engine
from gdbench.execution.profiles.profile_files import load_profile
from tests.cli.shell import here


def test_profiles_are_listed_with_where_they_come_from(tmp_path):
    (tmp_path / "runners").mkdir()
    (tmp_path / "runners" / "two.yaml").write_text("kind: processes\nworkers: 2\n")
    (tmp_path / "runners" / "bad.yaml").write_text("kind: processes\nworkers: none\n")
    done = here("runners", cwd=tmp_path, XDG_CONFIG_HOME=str(tmp_path / "config"))
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["two"] == ["processes", "2", "workers", "runners/two.yaml"]
    assert rows["serial"] == ["serial", "1", "worker", "built-in"]
    assert rows["bad"][:2] == ["unusable", "runners/bad.yaml:2:10:"]


def test_a_place_that_answers_says_who_it_is(tmp_path):
    done = here("runners", "check", "processes", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["processes"] == "answers"
    assert rows["python"].startswith("CPython 3.")
    assert "kernels" in rows["gdbench"]
    assert "in " in rows["opened"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pypy", "--set", "runner.options.interpreter=no-such-pypy"], "no 'no-such-pypy' is on the PATH"),
        (["dsk"], "no runner is called 'dsk'. Did you mean dask?"),
        (["pypy", "--set", "timeout=3"], "a profile's keys begin with runner."),
    ],
)
def test_a_place_that_does_not_answer_is_one_sentence_and_status_two(tmp_path, arguments, said):
    done = here("runners", "check", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_slurm_without_its_commands_is_one_sentence(tmp_path):
    pytest.importorskip("distributed", reason="distributed is not installed")
    done = here("runners", "check", "slurm", cwd=tmp_path, PATH="/nowhere")
    assert done.returncode == 2
    assert done.stderr == (
        "runner slurm: this machine has no sbatch on its PATH. Start gdbench where SLURM's commands are.\n"
    )


def test_slurm_whose_controller_never_answers_ends_a_check_without_being_told_to(tmp_path, monkeypatch):
    """A sweep waits in SLURM's queue for an hour, where its profile does not say how long."""
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    for name in ("sbatch", "squeue", "scancel"):
        (tmp_path / name).write_text("#!/bin/sh\nexec /bin/sleep 30\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.IN_QUEUE <= 60
    monkeypatch.setattr(engine, "IN_QUEUE", 1.0)
    with pytest.raises(GdbenchError, match=r"none came within 1 s\. SLURM does not answer, either: try sinfo"):
        engine.try_out(load_profile("slurm"))


def test_a_dask_scheduler_that_is_not_there_is_one_sentence(tmp_path):
    pytest.importorskip("distributed", reason="distributed is not installed")
    settings = ("runner.options.address=tcp://127.0.0.1:9", "runner.options.patience=300ms")
    done = here("runners", "check", "dask", *(w for s in settings for w in ("--set", s)), cwd=tmp_path)
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9 within 0.3 s" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
