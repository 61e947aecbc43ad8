"""Every mistake is answered by one sentence with its place, exit status 2, and nothing written."""

import pytest

from tests.cli.shell import gdbench
from tests.sweeps import SWEEP

DATA = "{synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}"

#: (what is wrong, words of the config replaced, where, what is said)
MISTAKES = [
    ("malformed YAML", ("model: linear", "model: [linear"), "small.yaml:5:10:", "closing ']'"),
    (
        "an unknown key",
        ("model: linear", "model: linear\n  optimiser: gradient_descent"),
        "small.yaml:6:3:",
        "optimizer",
    ),
    ("an unknown top-level key", ("repeats: 2", "repeat: 2"), "small.yaml:10:1:", "repeats"),
    (
        "an unknown model",
        ("linear\n", "linaer\n"),
        "small.yaml:5:10:",
        "no model is called 'linaer'. Did you mean linear?",
    ),
    ("an unknown cost", ("mse", "mes"), "small.yaml:6:9:", "no cost is called 'mes'. Did you mean mse"),
    ("a rate that is a word", ("[0.0001, 0.2, 5.0]", "abc"), "small.yaml:7:18:", "a number above 0"),
    ("a negative rate", ("5.0]", "-5.0]"), "small.yaml:7:32:", "a number above 0"),
    ("an empty axis", ("[0.0001, 0.2, 5.0]", "[]"), "small.yaml:7:18:", "at least one value"),
    (
        "no limit on iterations",
        ("{max_iterations: 400}", "{gradient_norm: 0}"),
        "small.yaml:9:",
        "max_iterations",
    ),
    ("a negative spread", ("std: 1.0", "std: -1.0"), "small.yaml:8:", "a number of 0 or more"),
    (
        "a text that is no number of repeats",
        ("repeats: 2", "repeats: two"),
        "small.yaml:10:10:",
        "a whole number",
    ),
    ("an unknown data set", (DATA, "{dataset: diabetis}"), "small.yaml:3:17:", "Did you mean diabetes?"),
    (
        "a data file that is not there",
        (DATA, "{file: gone.csv, target: y}"),
        "small.yaml:3:14:",
        "no such file",
    ),
    (
        "a CSV without the target",
        (DATA, "{file: good.csv, target: prize}"),
        "small.yaml:3:32:",
        "Did you mean price?",
    ),
    (
        "a CSV with a missing value",
        (DATA, "{file: missing.csv, target: price}"),
        "missing.csv",
        "line 3, column 'rooms'",
    ),
    (
        "a CSV with a word for a number",
        (DATA, "{file: word.csv, target: price}"),
        "word.csv",
        "line 2, column 'area'",
    ),
    ("a class cost on a measured target", ("mse", "logistic"), "small.yaml:6:9:", "two classes"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "good.csv").write_text("area,rooms,price\n50,2,100\n80,3,170\n")
    (tmp_path / "missing.csv").write_text("area,rooms,price\n50,2,100\n80,,170\n")
    (tmp_path / "word.csv").write_text("area,rooms,price\nbig,2,100\n80,3,170\n")
    return tmp_path


@pytest.mark.parametrize(("change", "place", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_bad_config_is_answered_by_one_sentence_and_nothing_is_written(folder, change, place, said):
    assert change[0] in SWEEP
    (folder / "small.yaml").write_text(SWEEP.replace(*change))
    before = sorted(folder.iterdir())
    done = gdbench("run", "small.yaml", cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert place in done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "gone.yaml"], "gone.yaml: there is no such file"),
        (["run", "."], "this is a folder"),
        (["run", "good.csv"], "good.csv:1:1:"),
        (["run"], "Missing argument 'CONFIG'"),
        (["rum", "good.csv"], "no verb is called 'rum'. Did you mean 'run'?"),
        (["run", "small.yaml", "--runner", "moon"], "no runner is called 'moon'"),
        (["run", "small.yaml", "--workers", "0"], "--workers"),
        (["run", "small.yaml", "--tracking-uri", "ftp://x"], "ftp://x"),
        (["report", "nothing"], "no experiment is called 'nothing'"),
        (["report", "x", "--format", "docx"], "no format is called 'docx'"),
        (["sync"], "nothing has been run yet"),
        (["ui"], "run"),
        (["list", "cost"], "no kind of choice is called 'cost'. Did you mean costs?"),
        (["--nonsense"], "--nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_command_line_is_answered_with_status_two_and_nothing_written(folder, arguments, said):
    (folder / "small.yaml").write_text(SWEEP)
    before = sorted(folder.iterdir())
    done = gdbench(*arguments, cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(folder.iterdir()) == before


def test_a_number_in_scientific_notation_is_the_number_it_looks_like(folder):
    # YAML 1.1 reads 1e-3 as text
    (folder / "small.yaml").write_text(SWEEP.replace("[0.0001, 0.2, 5.0]", "[1e-3, 2e-1]"))
    done = gdbench("run", "small.yaml", "--no-tracking", "--runner", "serial", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "0.001" in done.stdout
    assert "0.2" in done.stdout
