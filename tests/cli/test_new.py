"""gdbench new: a commented config that runs, for every kind of target and everything that may be compared."""

import os
import pty
import subprocess

import pytest

from gdbench.config.examples import examples
from gdbench.config.experiment import load_experiment
from gdbench.config.first_config import COMPARED
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.planning.plan import make_plan
from tests.cli.shell import command, environment, here, told
from tests.sampling import sampled

HOUSES = "area,rooms,city,price\n50,2,Bonn,100\n80,3,Köln,170\n120,5,Bonn,260\n60,2,Ulm,130\n"
ANSWERS = "dose,age,well\n1,40,no\n2,50,no\n3,41,yes\n4,52,yes\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "houses.csv").write_text(HOUSES, encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    return tmp_path


WRITTEN = [
    (data, target, model, compared)
    for data, target, model in (
        ("houses.csv", "price", "linear"),
        ("answers.csv", "well", "logistic"),
        ("wine", "", "softmax"),
    )
    for compared in COMPARED
    if (model, compared) != ("softmax", "costs")  # refused: there is one cost only
]


@pytest.mark.parametrize(("data", "target", "model", "compared"), WRITTEN)
def test_every_config_that_it_writes_is_right(monkeypatch, capsys, folder, data, target, model, compared):
    flags = ["--data", data, *(["--target", target] if target else []), "--compare", compared]
    status, out, err = told(monkeypatch, capsys, folder, "new", *flags, "-o", "mine.yaml")
    assert (status, out) == (0, "mine.yaml\n"), err
    plan = make_plan(load_experiment(folder / "mine.yaml"))
    assert len(plan.varying) >= 1
    assert {next(iter(run.spec["model"])) for run in plan.runs} == {model}


def test_it_is_commented_and_names_its_schema(monkeypatch, capsys, folder):
    told(monkeypatch, capsys, folder, "new", "--data", "houses.csv", "--target", "price")
    text = (folder / "houses.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Which learning rates converge on houses.csv → price?\n# yaml-language-server: ")
    assert "  drop: [city] " in text
    assert sum("#" in line for line in text.splitlines()) >= 10
    assert '"title": "gdbench config"' in (folder / "schema.json").read_text(encoding="utf-8")


def test_it_leaves_a_schema_of_somebody_else_alone(monkeypatch, capsys, folder):
    (folder / "schema.json").write_text("{}")
    told(monkeypatch, capsys, folder, "new", "--data", "iris")
    assert (folder / "schema.json").read_text() == "{}"
    assert "yaml-language-server" not in (folder / "iris.yaml").read_text(encoding="utf-8")


def test_the_data_is_found_from_wherever_the_config_stands(monkeypatch, capsys, folder):
    told(monkeypatch, capsys, folder, "new", "--data", "houses.csv", "--target", "price", "-o", "sub/a.yaml")
    [source] = load_experiment(folder / "sub" / "a.yaml").sources
    assert source.file.resolve() == folder / "houses.csv"


@pytest.mark.parametrize("name", ["123", "yes: no", "null", "a 'b' \"c\" #d", "größe", "- x", "1e3"])
def test_a_column_may_be_called_anything(monkeypatch, capsys, folder, name):
    quoted = name.replace('"', '""')
    (folder / "odd.csv").write_text(f'"{quoted}",other,y\n1,2,3\n2,1,4\n3,5,9\n', encoding="utf-8")
    (folder / "odd.csv").write_text(f'"{quoted}",other,why\n1,2,a\n2,1,b\n3,5,a\n', encoding="utf-8")
    status, _, err = told(
        monkeypatch, capsys, folder, "new", "--data", "odd.csv", "--target", name, "-o", "o.yaml"
    )
    assert status == 0, err
    [source] = load_experiment(folder / "o.yaml").sources
    assert (source.target, source.reading.drop) == (name, ())


def test_from_questions_in_a_terminal_to_a_finished_sweep(folder):
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        command("new"), cwd=folder, env=environment(), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, b"houses.csv\nprice\n\n")
    assert asking.stdout.read() == b"houses.yaml\n"
    assert asking.wait(60) == 0
    os.close(ours)
    done = here(
        *("run", "houses.yaml", "--runner", "serial", "--no-tracking", "-q"),
        *("--set", "repeats=1", "--set", "grid.convergence={max_iterations: 20}"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert "10 stopped" in done.stdout or "converged" in done.stdout


def test_column_by_column_it_tells_what_it_takes_and_what_not(monkeypatch, capsys, folder):
    (folder / "flats.csv").write_text(
        "Nr;Fläche (m²);Stadt;Datum;Miete (€)\n"
        + "".join(
            f"{i};{20 + i * i % 7},5;{'AB'[i % 2]};0{i}.02.2021;1.{100 + i * i % 11},00\n" for i in range(1, 9)
        ),
        encoding="cp1252",
    )
    status, out, err = told(monkeypatch, capsys, folder, "new", "flats.csv")
    assert (status, out) == (0, "flats.yaml\n"), err
    lines = err.splitlines()
    assert lines[0].startswith("Miete (€)    numbers 11")
    assert lines[0].endswith(": to be predicted (--target chooses another)")
    assert lines[1].startswith("Nr           numbers 1 to 8: left out: an ID")
    assert lines[2].startswith("Fläche (m²)  numbers 2")
    assert lines[2].endswith(": taken")
    assert lines[3] == "Stadt        text: A 4, B 4: taken"
    assert lines[4] == "Datum        dates or times: left out: a model needs numbers"
    text = (folder / "flats.yaml").read_text(encoding="utf-8")
    for setting in (
        'separator: ";"',
        'decimal: ","',
        'thousands: "."',
        "encoding: cp1252",
        "drop: [Nr, Datum]",
    ):
        assert f"  {setting} " in text
    status, _, err = told(monkeypatch, capsys, folder, "plan", "flats.yaml")
    assert status == 0, err


def test_a_file_and_a_set_are_not_both_taken(monkeypatch, capsys, folder):
    status, _, err = told(monkeypatch, capsys, folder, "new", "houses.csv", "--data", "iris")
    assert status == 2
    assert "FILE or --data" in err


@sampled("name", list(examples()), 3, kept=["plugins", "literature/realpython_line", "runners/slurm"])
def test_every_example_comes_with_the_files_that_it_names(monkeypatch, capsys, tmp_path, name):
    status, out, err = told(monkeypatch, capsys, tmp_path, "new", "--example", name)
    assert status == 0, err
    written = [tmp_path / line for line in out.splitlines()]
    assert all(path.is_file() for path in written)
    if name.startswith("runners/"):
        assert load_profile(str(written[0]))
    else:
        assert len(make_plan(load_experiment(written[0])).runs) > 0


def test_an_example_writes_over_nothing_of_somebody_else(monkeypatch, capsys, tmp_path):
    (tmp_path / "plugins").mkdir()
    mine = tmp_path / "plugins" / "pseudo_huber.py"
    mine.write_text("# mine\n")
    status, _, err = told(monkeypatch, capsys, tmp_path, "new", "--example", "plugins")
    assert (status, mine.read_text()) == (2, "# mine\n")
    assert "plugins/pseudo_huber.py: there is such a file already." in err
    assert not (tmp_path / "plugins.yaml").exists()
    assert told(monkeypatch, capsys, tmp_path, "new", "--example", "plugins", "--force")[0] == 0
    assert mine.read_text() != "# mine\n"


def test_an_example_that_is_not_there_names_the_nearest(monkeypatch, capsys, tmp_path):
    status, _, err = told(monkeypatch, capsys, tmp_path, "new", "--example", "lr_swep")
    assert (status, err) == (2, "no example is called 'lr_swep'. Did you mean lr_sweep?\n")
