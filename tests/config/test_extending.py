"""`extends:` says only what differs, and every mistake points into the file that it stands in."""

from __future__ import annotations

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.wording import label
from gdbench.config.yaml.mistakes import ConfigError
from tests.config.test_experiment import SMALL


def write(folder, **texts):
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.write_text(text)
    return path


def shown(experiment, axis):
    return [label(choice.to_plain()) for choice in experiment.grid[axis]]


def test_a_config_says_only_what_differs(tmp_path):
    child = write(
        tmp_path, base=SMALL, child="extends: base.yaml\nname: child\ngrid: {cost: mae}\nrepeats: 2\n"
    )
    experiment = load_experiment(child)
    assert (experiment.name, experiment.repeats) == ("child", 2)
    assert (shown(experiment, "cost"), shown(experiment, "learning_rate")) == (["mae"], ["0.1"])
    assert [source.dataset for source in experiment.sources] == ["diabetes"]


def test_what_is_not_the_grid_is_replaced_whole(tmp_path):
    child = write(tmp_path, base=SMALL, child="extends: base.yaml\ndata: {dataset: iris, classes: [0, 1]}\n")
    [source] = load_experiment(child).sources
    assert (source.dataset, source.classes) == ("iris", (0, 1))


def test_a_chain_of_three_is_followed_and_overrides_win(tmp_path):
    child = write(
        tmp_path,
        base=SMALL,
        middle="extends: base.yaml\nseed: 1\nrepeats: 3\n",
        child="extends: middle.yaml\nseed: 2\n",
    )
    experiment = load_experiment(child, ["grid.learning_rate=0.5", "data.standardize=true"])
    assert (experiment.seed, experiment.repeats) == (2, 3)
    assert shown(experiment, "learning_rate") == ["0.5"]
    assert (experiment.sources[0].dataset, experiment.sources[0].standardize) == ("diabetes", True)


def test_the_record_holds_the_base_as_comments(tmp_path):
    child = write(tmp_path, base=SMALL, child="extends: base.yaml\nname: child\n")
    text = load_experiment(child).text
    assert text.startswith("extends: base.yaml\nname: child\n\n# --- ")
    assert "\n# name: small\n" in text


def test_paths_are_taken_from_the_file_that_they_stand_in(tmp_path):
    (tmp_path / "shared").mkdir()
    base = SMALL.replace("{dataset: diabetes}", "{file: a.csv, target: y}")
    write(tmp_path / "shared", base=base)
    child = write(tmp_path, child="extends: shared/base.yaml\ndescription: mine\n")
    [source] = load_experiment(child, ["data.target=z"]).sources
    assert (source.file, source.target) == (tmp_path / "shared" / "a.csv", "z")


def test_a_merge_in_the_config_wins_over_its_base(tmp_path):
    child = write(
        tmp_path,
        base=SMALL,
        child="extends: base.yaml\nwatch: &x [{ftol: 1}]\n<<: {repeats: 7}\ngrid: {<<: {cost: huber}}\n",
    )
    experiment = load_experiment(child)
    assert (experiment.repeats, shown(experiment, "cost")) == (7, ["huber(1)"])


def test_a_mistake_points_into_the_right_file(tmp_path):
    child = write(
        tmp_path,
        base=SMALL.replace("linear", "linaer"),
        child="extends: base.yaml\ngrid: {cost: mes}\n",
    )
    with pytest.raises(ConfigError) as refused:
        load_experiment(child)
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in refused.value.mistakes]
    assert told[0].startswith("base.yaml:4:10: no model is called 'linaer'")
    assert told[1].startswith("child.yaml:2:14: no cost is called 'mes'")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": "extends: a.yaml\n"}, "a.yaml:1:10: 'extends' goes round in a circle: "),
        (
            {"b": "extends: a.yaml\n", "a": "extends: b.yaml\n"},
            "b.yaml:1:10: 'extends' goes round in a circle: ",
        ),
        ({"a": "extends: gone.yaml\n"}, "a.yaml:1:10: "),
        ({"a": "extends: [x]\n"}, "a.yaml:1:10: 'extends' takes the path of one config"),
        ({"a": "extends:\n"}, "a.yaml:1:9: 'extends' takes the path of one config"),
        ({"b": "- x\n", "a": "extends: b.yaml\n"}, "b.yaml:1:1: a config is a mapping"),
    ],
)
def test_what_cannot_be_extended_is_refused_at_its_place(tmp_path, files, said):
    with pytest.raises(ConfigError) as refused:
        load_experiment(write(tmp_path, **files))
    [problem] = refused.value.mistakes
    assert str(problem).removeprefix(f"{tmp_path}/").startswith(said)


def test_a_long_chain_is_refused(tmp_path):
    files = {f"c{i}": f"extends: c{i + 1}.yaml\n" for i in range(12)}
    write(tmp_path, **files)
    with pytest.raises(ConfigError, match="reaches over more than 10 files"):
        load_experiment(tmp_path / "c0.yaml")
