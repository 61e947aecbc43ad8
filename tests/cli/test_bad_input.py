"""Every mistake is answered by one sentence with its place, exit status 2, and nothing written."""

import pytest

from tests.cli.shell import here, told
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
        "no value in row 3 of 'rooms'",
    ),
    (
        "a CSV with a word for a number",
        (DATA, "{file: word.csv, target: price}"),
        "word.csv",
        "'big' in row 2 of 'area' is no number",
    ),
    ("a class cost on a measured target", ("mse", "logistic"), "small.yaml:6:9:", "two classes"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "good.csv").write_text("area,rooms,price\n50,2,100\n80,3,170\n")
    (tmp_path / "missing.csv").write_text("area,rooms,price\n50,2,100\n80,,170\n")
    (tmp_path / "words.csv").write_text("what,who\n2020-01-01,a\n2020-01-02,b\n")
    (tmp_path / "word.csv").write_text("area,rooms,price\nbig,2,100\n80,3,170\n")
    return tmp_path


@pytest.mark.parametrize(("change", "place", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_bad_config_is_answered_by_one_sentence_and_nothing_is_written(
    monkeypatch, capsys, folder, change, place, said
):
    assert change[0] in SWEEP
    (folder / "small.yaml").write_text(SWEEP.replace(*change))
    before = sorted(folder.iterdir())
    for verb in ("run", "plan"):
        status, out, err = told(monkeypatch, capsys, folder, verb, "small.yaml")
        assert (status, out) == (2, ""), err
        assert place in err
        assert said in err
        assert len(err.strip().splitlines()) == 1
        assert "Traceback" not in err
    assert sorted(folder.iterdir()) == before


#: (command line, words that must be said)
COMMAND_LINES = [
    # verbs
    (["runn", "good.csv"], "no verb is called 'runn'. Did you mean 'run'?"),
    (["plna", "small.yaml"], "Did you mean 'plan'?"),
    (["fly"], "no verb is called 'fly'. Verbs: new, list, plan"),
    (["--nonsense"], "--nonsense"),
    (["run", "small.yaml", "--quite"], "--quiet"),
    # run
    (["run"], "Missing argument 'CONFIG...'"),
    (["run", "gone.yaml"], "gone.yaml: there is no such file. Check the path"),
    (["run", "."], "this is a folder; a config is a YAML file in it"),
    (["run", "good.csv"], "good.csv:1:1: a config is a mapping"),
    (["run", "small.yaml", "more.yaml"], "more.yaml"),
    (["run", "small.yaml", "--runner", "moon"], "no runner is called 'moon'"),
    (["run", "small.yaml", "--workers", "0"], "--workers"),
    (["run", "small.yaml", "--workers", "two"], "'two' is not a valid integer"),
    (["run", "small.yaml", "--tracking-uri", "ftp://x"], "ftp://x"),
    (["run", "small.yaml", "--set"], "--set"),
    (["run", "small.yaml", "--set", "grid.cost=mes"], "--set:1:11: no cost is called 'mes'. Did you mean mse"),
    (["run", "small.yaml", "--results", "good.csv"], "good.csv"),
    # plan
    (["plan"], "Missing argument 'CONFIG'"),
    (["plan", "gone.yaml"], "gone.yaml: there is no such file"),
    (["plan", "small.yaml", "--set", "grid.cost"], "--set:1:1: 'grid.cost' is no setting. Write it as"),
    (["plan", "small.yaml", "--set", "grid.cost=logistic"], "--set:1:11: cost 'logistic' needs"),
    (["plan", "small.yaml", "--set", "grid.learning_rate={linspace: [1]}"], "--set:1:31: 'linspace' takes"),
    (["plan", "small.yaml", "--set", "grid.exclude={cost: mse}"], "nothing is left to run"),
    (["plan", "small.yaml", "--set", "extends=good.csv"], "'extends' cannot be set from the shell"),
    (["plan", "small.yaml", "--set", "timeout=soon"], "--set:1:9: 'timeout' must be seconds above 0"),
    (["plan", "small.yaml", "--set", "data={file: gone.csv, target: y}"], "there is no such file"),
    (["plan", "small.yaml", "--set", "data={file: 'sub\\gone.csv', target: y}"], "Write / between folders"),
    (["plan", "small.yaml", "--set", "data={synthetic: {moons: {rows: 1e9}}}"], "5,000,000 numbers"),
    # new
    (["new", "--data", "gone.csv"], "gone.csv: there is no such file"),
    (["new", "--data", "diabetis"], "no data set is called 'diabetis'. Did you mean diabetes?"),
    (["new", "--data", "good.csv", "--target", "prize"], "no column is called 'prize'. Did you mean price?"),
    (["new", "--data", "words.csv", "--target", "who"], "no column but 'who' holds numbers or categories"),
    (["new", "--data", "iris", "--compare", "costs"], "there is one cost, softmax"),
    (["new", "--data", "iris", "--compare", "colours"], "'colours' is not one of"),
    (["new", "--data", "iris", "-o", "small.yaml"], "small.yaml: there is such a file already"),
    (["new", "--data", "iris", "--name", "a b"], "1 to 100 letters"),
    (["new"], "--data is missing, and there is no terminal to ask in"),
    # the other verbs
    (["report", "nothing"], "no experiment is called 'nothing'"),
    (["report", "x", "--format", "docx"], "no format is called 'docx'"),
    (["status", "nothing"], "no experiment is called 'nothing'"),
    (["sync"], "nothing has been run yet"),
    (["sync", "nothing"], "no experiment is called 'nothing'"),
    (["ui"], "run"),
    (["list", "cost"], "no kind of choice is called 'cost'. Did you mean costs?"),
    (["list", "costs", "--plugin", "good.csv"], "good.csv"),
    (["show", "kernel", "--model", "linaer", "--cost", "mse"], "Did you mean linear?"),
    (["check", "gone.py"], "gone.py: there is no such file. A plug-in is a Python file"),
    (["schema", "--plugin", "gone.py"], "gone.py: there is no such file"),
    (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"), COMMAND_LINES, ids=[" ".join(arguments) for arguments, _ in COMMAND_LINES]
)
def test_a_bad_command_line_is_answered_with_status_two_and_nothing_written(
    monkeypatch, capsys, folder, arguments, said
):
    (folder / "small.yaml").write_text(SWEEP)
    before = sorted(folder.rglob("*"))
    status, out, err = told(monkeypatch, capsys, folder, *arguments)
    assert (status, out) == (2, ""), err
    assert said in " ".join(err.split())
    assert "Traceback" not in err
    assert sorted(folder.rglob("*")) == before


def test_the_real_command_answers_a_bad_command_line_alike(folder):
    (folder / "small.yaml").write_text(SWEEP)
    done = here("plan", "small.yaml", "--set", "grid.cost=mes", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--set:1:11: no cost is called 'mes'. Did you mean mse")


def test_a_number_in_scientific_notation_is_the_number_it_looks_like(folder):
    # YAML 1.1 reads 1e-3 as text
    (folder / "small.yaml").write_text(SWEEP.replace("[0.0001, 0.2, 5.0]", "[1e-3, 2e-1]"))
    done = here("run", "small.yaml", "--no-tracking", "--runner", "serial", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "0.001" in done.stdout
    assert "0.2" in done.stdout
