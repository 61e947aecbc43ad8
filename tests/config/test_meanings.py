"""A name that others use is answered with ours, wherever in a config it stands."""

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent.errors import UnknownName
from gdbench.plugins.choices import BY_AXIS, REGISTRIES, meanings

CONFIG = """\
name: t
data: {dataset: diabetes, standardize: true}
grid: {model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 10}}
"""


def answered(folder, old, new):
    assert old in CONFIG
    path = folder / "t.yaml"
    path.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_experiment(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cost: mse", "cost: cross_entropy", "Did you mean logistic or softmax? (gdbench list costs)"),
        ("cost: mse", "cost: MeanSquaredError", "Did you mean mse?"),
        ("cost: mse", "cost: mean absolute error", "Did you mean mae?"),
        ("cost: mse", "cost: mse, optimizer: sgd", "Did you mean gradient_descent?"),
        ("cost: mse", "cost: mse, optimizer: momentum", "Did you mean gradient_descent or heavy_ball?"),
        ("cost: mse", "cost: mse, optimizer: ridge", "Did you mean penalty: l2?"),
        ("cost: mse", "cost: mse, penalty: {lasso: 1}", "Did you mean l1?"),
        ("cost: mse", "cost: mse, initialization: xavier", "Did you mean xavier_uniform or xavier_normal?"),
        ("cost: mse", "cost: mse, initialization: kaiming", "Did you mean he_uniform or he_normal?"),
        ("cost: mse", "loss: mse", "no key is called 'loss' in grid. Did you mean cost?"),
        ("cost: mse", "cost: mse, epochs: 10", "Did you mean convergence: max_iterations?"),
        ("cost: mse", "cost: mse, batch: 10", "Did you mean batch_size?"),
        ("cost: mse", "cost: mse, tikhonov: 1", "Did you mean penalty: l2?"),
        ("model: linear", "model: logreg", "Did you mean logistic?"),
        ("learning_rate: 0.1", "lr: 0.1", "no key is called 'lr' in grid. Did you mean learning_rate?"),
        ("max_iterations: 10", "early_stopping: 10", "Did you mean no_improvement or test_cost?"),
        ("name: t", "name: t\nlr: 0.1", "Did you mean learning_rate, under 'grid:'?"),
    ],
)
def test_a_word_of_others_is_answered_with_ours_and_nothing_else_is_said(tmp_path, old, new, said):
    text = answered(tmp_path, old, new)
    assert said in text
    assert len(text.splitlines()) == 1


def test_our_own_names_are_nobodys_synonym_of_their_kind_and_every_synonym_is_answered():
    for registry in REGISTRIES:
        for ours, theirs in registry.synonyms.items():
            assert not set(theirs) & set(registry.names), ours
            for word in theirs:
                with pytest.raises(UnknownName) as caught:
                    registry[word]
                assert ours in caught.value.near


def test_what_others_call_an_axis_means_that_axis_first():
    for axis, registry in BY_AXIS.items():
        for word in registry.also:
            assert axis in meanings(word)
