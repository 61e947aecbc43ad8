"""gdbench show: what it prints is source that works, and says what it is."""

import math

import pytest

from gdbench.descent.kernels.compiler import load
from tests.cli.shell import ROOT, gdbench, told

LINEAR = ("show", "kernel", "--model", "linear", "--cost", "huber", "--features", "2")


@pytest.fixture
def shown(monkeypatch, capsys):
    """(exit status, stdout, stderr) of `gdbench show …` in this process."""
    return lambda *arguments: told(monkeypatch, capsys, ROOT, "show", *arguments)


def test_a_kernel_is_printed_under_what_it_is_and_can_be_run():
    done = gdbench(*LINEAR, "--penalty", "{l2: 0.5}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# linear · huber(1) · l2")
    assert "w · x + b" in done.stdout
    assert "\x1b" not in done.stdout
    kernel = load(done.stdout)
    # residuals 3 and −½: (1·(3 − ½) + ½·¼)/2, and ½·½·‖(1, 2)‖² for the weights
    rows, w = [(1.0, 1.0, 3.0), (0.0, 0.0, 3.5)], [1.0, 2.0, 3.0]
    assert kernel["cost"](w, rows) == pytest.approx((2.5 + 0.125) / 2 + 0.25 * 5.0)
    cost, gradient = kernel["cost_and_gradient"](w, rows)
    assert cost == kernel["cost"](w, rows)
    assert gradient == pytest.approx([0.5 + 0.5, 0.5 + 1.0, (1.0 - 0.5) / 2])


def test_a_config_shows_one_kernel_for_each_problem(shown):
    status, out, err = shown("kernel", "configs/plugins.yaml")
    assert status == 0, err
    assert "# linear · huber(50) on diabetes" in out
    assert "# linear · pseudo_huber(50) on diabetes" in out
    assert out.count("def cost_and_gradient(w, rows):") == 2


def test_a_surface_and_classes_have_kernels_too(shown):
    surface = shown("kernel", "--surface", "rosenbrock")[1]
    assert load(surface)["cost"]([1.0, 1.0], ()) == 0.0
    classes = shown("kernel", "--model", "softmax", "--cost", "softmax", "--classes", "2")[1]
    cost = load(classes)["cost"]([0.0] * 6, [(1.0, 2.0, 1.0, 0.0)])
    assert cost == pytest.approx(math.log(2.0))


def test_a_definition_is_shown_as_written_for_every_kind_of_the_name(shown):
    out = shown("definition", "logistic")[1]
    assert "# model logistic (gdbench/descent/models.py:" in out
    assert "# cost logistic (gdbench/descent/costs.py:" in out
    assert "return softplus((1.0 - 2.0 * y) * z)" in out


def test_a_plugin_can_be_shown(shown):
    plugin = ("--plugin", "configs/plugins/pseudo_huber.py")
    source = shown("definition", "pseudo_huber", *plugin)[1]
    assert '@cost("pseudo_huber", facts={"convex": True,' in source
    assert "def pseudo_huber(p, y, delta=1.0):" in source
    assert "sqrt(" in shown("kernel", *plugin, "--model", "linear", "--cost", "pseudo_huber")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["definition", "hubber"], "no choice is called 'hubber'. Did you mean huber?"),
        (["kernel"], "--model and --cost"),
        (["kernel", "--model", "linear"], "--cost is missing"),
        (["kernel", "--model", "linaer", "--cost", "mse"], "Did you mean linear?"),
        (["kernel", "--model", "linear", "--cost", "{huber: {delta: -1}}"], "a number above 0"),
        (["kernel", "--model", "linear", "--cost", "{mse: 3}"], "takes no parameter"),
        (["kernel", "--model", "linear", "--cost", "[mse"], "not YAML"),
        (["kernel", "--model", "linear", "--cost", "[mse, mae]"], "must be a name"),
        (["kernel", "--model", "logistic", "--cost", "softmax"], "a score for each class"),
        (["kernel", "--surface", "beale", "--cost", "mse"], "a surface has no cost"),
        (["kernel", "configs/lr_sweep.yaml", "--cost", "mse"], "not both"),
        (["kernel", "gone.yaml"], "there is no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence_and_status_two(arguments, said, shown):
    status, out, err = shown(*arguments)
    assert status == 2, out
    assert said in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("verb", [[], ["kernel"], ["definition"]])
def test_help_has_an_example(verb, shown):
    assert "Example: gdbench show" in shown(*verb, "--help")[1]


def test_any_other_name_is_that_of_a_choice_and_the_verbs_win(shown):
    assert shown("huber")[1] == shown("definition", "huber")[1]
    assert "# optimizer adam (gdbench/descent/optimizers/adam.py:" in shown("adam")[1]
    status, _, err = shown("hubber")
    assert (status, err[:60]) == (2, "no choice is called 'hubber'. Did you mean huber? (gdbench l")
    assert "Missing argument 'NAME'" in shown("model")[2]
    assert "--model and --cost" in shown("kernel")[2]
