"""gdbench show: what it prints is source that works, and says what it is."""

import math

import pytest

from gdbench.descent.kernels.compiler import load
from tests.cli.shell import gdbench

LINEAR = ("show", "kernel", "--model", "linear", "--cost", "huber", "--features", "2")


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


def test_a_config_shows_one_kernel_for_each_problem():
    done = gdbench("show", "kernel", "configs/plugins.yaml")
    assert done.returncode == 0, done.stderr
    assert "# linear · huber(50) on diabetes" in done.stdout
    assert "# linear · pseudo_huber(50) on diabetes" in done.stdout
    assert done.stdout.count("def cost_and_gradient(w, rows):") == 2


def test_a_surface_and_classes_have_kernels_too():
    surface = gdbench("show", "kernel", "--surface", "rosenbrock")
    assert load(surface.stdout)["cost"]([1.0, 1.0], ()) == 0.0
    classes = gdbench("show", "kernel", "--model", "softmax", "--cost", "softmax", "--classes", "2")
    cost = load(classes.stdout)["cost"]([0.0] * 6, [(1.0, 2.0, 1.0, 0.0)])
    assert cost == pytest.approx(math.log(2.0))


def test_a_definition_is_shown_as_written_for_every_kind_of_the_name():
    out = gdbench("show", "definition", "logistic").stdout
    assert "# model logistic (gdbench/descent/models.py:" in out
    assert "# cost logistic (gdbench/descent/costs.py:" in out
    assert "return softplus((1.0 - 2.0 * y) * z)" in out


def test_a_plugin_can_be_shown():
    plugin = ("--plugin", "configs/plugins/pseudo_huber.py")
    source = gdbench("show", "definition", "pseudo_huber", *plugin).stdout
    assert '@cost("pseudo_huber", facts={"convex": True,' in source
    assert "def pseudo_huber(p, y, delta=1.0):" in source
    shown = gdbench("show", "kernel", *plugin, "--model", "linear", "--cost", "pseudo_huber")
    assert "sqrt(" in shown.stdout


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
def test_a_mistake_is_one_sentence_and_status_two(arguments, said):
    done = gdbench("show", *arguments)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("verb", [["show"], ["show", "kernel"], ["show", "definition"]])
def test_help_has_an_example(verb):
    assert "Example: gdbench show" in gdbench(*verb, "--help").stdout


def test_any_other_name_is_that_of_a_choice_and_the_verbs_win():
    assert gdbench("show", "huber").stdout == gdbench("show", "definition", "huber").stdout
    assert "# optimizer adam (gdbench/descent/optimizers/adaptive/adam.py:" in gdbench("show", "adam").stdout
    wrong = gdbench("show", "hubber")
    assert (wrong.returncode, wrong.stderr[:60]) == (
        2,
        "no choice is called 'hubber'. Did you mean huber? (gdbench l",
    )
    assert "Missing argument 'NAME'" in gdbench("show", "model").stderr
    assert "--model and --cost" in gdbench("show", "kernel").stderr
