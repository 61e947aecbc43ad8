"""Every mistake in a config is answered with its place, what is wrong, and what was expected: one table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError

RIGHT = """\
name: sweep
data: {dataset: diabetes}
grid:
  model: linear
  cost: mse
  learning_rate: [0.1, 0.2]
  initialization: zeros
  convergence: {max_iterations: 100}
repeats: 3
targets: [0.01]
"""

LONG = "9" * 500

# (line to replace, the mistake, where it must be reported, words that must be in the sentence)
MISTAKES = [
    # the name
    (1, "name: two words", "1:7", "1 to 100 letters"),
    (1, "name: .hidden", "1:7", "no dot in front"),
    (1, "name: a/b", "1:7", "not 'a/b'"),
    (1, "name: " + "n" * 101, "1:7", "1 to 100 letters"),
    (1, "name: 2024", "1:7", "not 2024"),
    (1, "name:", "1:6", "not null"),
    (1, "nmae: sweep", "1:1", "no key is called 'nmae' in a config. Did you mean name?"),
    (1, "# no name", "2:1", "the config needs 'name', for example name: lr_sweep"),
    # the data
    (2, "data: diabetes", "2:7", "must be a mapping, not 'diabetes'; for example data: {dataset: diabetes"),
    (2, "data: {}", "2:1", "one of 'dataset: NAME', 'file: PATH' and 'synthetic: GENERATOR'"),
    (2, "data: []", "2:7", "needs at least one value"),
    (2, "data: {dataset: diabete}", "2:17", "no data set is called 'diabete'. Did you mean diabetes?"),
    (2, "data: {dataset: houses.csv}", "2:17", "A file of your own is given by 'file:'"),
    (2, "data: {dataset: 3}", "2:17", "not 3"),
    (2, "data: {dataset: iris, file: a.csv, target: y}", "2:23", "both 'dataset' and 'file'. Keep one."),
    (2, "data: {file: a.csv}", "2:8", "a file needs 'target:'"),
    (2, "data: {file: 1, target: y}", "2:14", "as text"),
    (2, "data: {synthetic: linear_data, target: y}", "2:32", "no meaning for synthetic data"),
    (2, "data: {synthetic: linear_dat}", "2:19", "'linear_dat'. Did you mean linear_data?"),
    (2, "data: {synthetic: {linear_data: {rows: -1}}}", "2:40", "'rows' of generator 'linear_data' must be"),
    (2, "data: {dataset: iris, standardise: true}", "2:23", "Did you mean standardize?"),
    (2, "data: {dataset: iris, standardize: yes}", "2:36", "must be true or false, not 'yes'"),
    (2, "data: {dataset: iris, standardize: 1}", "2:36", "must be true or false, not 1"),
    (2, "data: {dataset: iris, classes: [a]}", "2:32", "two different class labels"),
    (2, "data: {dataset: iris, classes: [a, a]}", "2:32", "two different class labels"),
    (2, "data: {dataset: iris, classes: [true, a]}", "2:32", "text or a whole number"),
    (2, "data: {dataset: iris, features: []}", "2:33", "'data.features' needs at least one value"),
    (2, "data: {dataset: iris, features: [a, 1]}", "2:37", "each of 'data.features' must be a name as text"),
    (2, "data: [{dataset: iris}, {dataset: wines}]", "2:35", "Did you mean wine?"),
    (2, "data: [{dataset: iris}, wine]", "2:25", "must be a mapping, not 'wine'"),
    # the grid
    (3, "grad:", "3:1", "Did you mean grid?"),
    (4, "  modle: linear", "4:3", "no key is called 'modle' in grid. Did you mean model?"),
    (4, "  # no model", "3:1", "grid needs 'model', for example model: linear"),
    (4, "  model: linaer", "4:10", "no model is called 'linaer'. Did you mean linear? (gdbench list models)"),
    (4, "  model: {linear: {depth: 2}}", "4:20", "model 'linear' has no parameter 'depth'"),
    (5, "  cost: {mse: 2}", "5:15", "cost 'mse' takes no parameter. Write mse alone."),
    (4, "  repeats: 3\n  model: linear", "4:3", "'repeats' belongs at the top of the config"),
    (5, "  cost: [mse, meen]", "5:15", "no cost is called 'meen'"),
    (5, "  cost: []", "5:9", "axis 'cost' needs at least one value, for example cost: mse"),
    (5, "  cost:", "5:8", "axis 'cost' needs at least one value"),
    (5, "  cost: [[mse]]", "5:10", "not a list within a list"),
    (5, "  cost: [null]", "5:10", "not null"),
    (5, "  cost: {mse: {}, logistic: {}}", "5:9", "several in one mapping (mse, logistic); make them a list"),
    (5, "  cost: {}", "5:9", "not an empty mapping"),
    (6, "  learning_rate: abc", "6:18", "a number above 0, such as 0.1, or the name of a schedule, not 'abc'"),
    (6, "  learning_rate: constnat", "6:18", "Did you mean constant?"),
    (6, "  learning_rate: -0.1", "6:18", "a number above 0, such as 0.1, or the name of a schedule, not -0.1"),
    (6, "  learning_rate: [0.1, 0]", "6:24", "a number above 0"),
    (6, "  learning_rate: '0.1'", "6:18", "not '0.1'"),
    (6, "  learning_rate: 1_000", "6:18", "not '1_000'"),
    (6, "  learning_rate: on", "6:18", "not 'on'"),
    (6, "  learning_rate: true", "6:18", "not true"),
    (6, "  learning_rate: .inf", "6:18", "not inf"),
    (6, "  learning_rate: 1e999", "6:18", "not inf"),
    (6, "  learning_rate: .nan", "6:18", "not nan"),
    (6, f"  learning_rate: {LONG}", "6:18", "a whole number of 500 digits"),
    (6, "  learning_rate: constant", "6:18", "needs 'rate': a number above 0. Write {constant: {rate: …}}."),
    (6, "  learning_rate: {constant: [0.1, -1]}", "6:35", "'rate' of learning rate 'constant' must be"),
    (6, "  learning_rate: {constant: {rat: 1}}", "6:30", "no parameter 'rat'. Did you mean rate?"),
    (6, "  learning_rate: {constant: []}", "6:29", "'rate' of learning rate 'constant' needs at least one"),
    (7, "  initialization: {normal: {std: -1}}", "7:34", "'std' of initializer 'normal' must be"),
    (7, "  initialization: {normal: {mean: [0, x]}}", "7:39", "must be a number, not 'x'"),
    (7, "  optimiser: momentum", "7:3", "Did you mean optimizer?"),
    (7, "  kernel: fast", "7:11", "no kernel is called 'fast'"),
    (8, "  convergence: cost_change", "8:16", "needs 'tolerance'"),
    (8, "  convergence: {cost_change: 1e-9}", "8:16", "may never stop a run"),
    (8, "  convergence: {any: [{cost_change: 1}, {gradient_norm: 1}]}", "8:16", "{max_iterations: 10000}"),
    (8, "  convergence: {all: [{cost_change: 1}, {max_iterations: 9}]}", "8:16", "within 'all', each member"),
    (8, "  convergence: {any: []}", "8:22", "'any' takes a list of rules"),
    (8, "  convergence: {all: {max_iterations: 9}}", "8:22", "'all' takes a list of rules"),
    (8, "  convergence: {max_iterations: 0}", "8:33", "must be a whole number of 1 or more, not 0"),
    (8, "  convergence: {max_iterations: 1.5}", "8:33", "must be a whole number of 1 or more, not 1.5"),
    (8, "  convergence: {any: [max_iteration: 9]}", "8:23", "Did you mean max_iterations or max_evaluations?"),
    # the rest
    (9, "repeats: abc", "9:10", "a whole number from 1 to 10000, not 'abc'"),
    (9, "repeats: 0", "9:10", "a whole number from 1 to 10000, not 0"),
    (9, "repeats: 2.5", "9:10", "not 2.5"),
    (9, "repeats: 10001", "9:10", "not 10001"),
    (9, "repeat: 3", "9:1", "Did you mean repeats, report or expect?"),
    (9, "seed: -1", "9:7", "a whole number from 0"),
    (9, "divergence: 1", "9:13", "a finite number above 1"),
    (9, "plugins: [a.py]", "9:11", "there is no such file. A plug-in is a Python file."),
    (9, "cost: mse", "9:1", "'cost' belongs under 'grid:'"),
    (10, "targets: [0.1, 1]", "10:16", "each of 'targets' must be a number between 0 and 1"),
    (10, "target: 0.1", "10:1", "Did you mean targets?"),
    (10, "description: 3", "10:14", "must be text"),
    # ranges
    (6, "  learning_rate: {linspace: [0.1, 1]}", "6:29", "'linspace' takes [first, last, how many]"),
    (6, "  learning_rate: {linspace: 5}", "6:29", "as in {linspace: [0.1, 0.5, 5]}, not 5"),
    (6, "  learning_rate: {linspace: [0.1, 1, 2.5]}", "6:38", "counts from 2 to 10,000 values, not 2.5"),
    (6, "  learning_rate: {linspace: [0.1, 1, 1]}", "6:38", "counts from 2 to 10,000 values, not 1"),
    (6, "  learning_rate: {linspace: [0.1, 1, 1e9]}", "6:38", "counts from 2 to 10,000 values"),
    (6, "  learning_rate: {linspace: [a, 1, 3]}", "6:30", "the first of 'linspace' must be a number, not 'a'"),
    (6, "  learning_rate: {linspace: [0, .inf, 3]}",
     "6:33", "the last of 'linspace' must be a number, not inf"),
    (6, "  learning_rate: {linspace: [0, 1, 3]}", "6:18", "a number above 0, such as 0.1"),
    (6, "  learning_rate: {logspace: [-4, 0, 5]}", "6:30", "the value itself and not its exponent"),
    (6, "  learning_rate: {logspace: [1e-4, 0, 5]}", "6:36", "the last of 'logspace' must be above 0"),
    (6, "  learning_rate: {per_decade: [1, 0.1, 3]}", "6:35", "must not be below its first, 1"),
    (6, "  learning_rate: {per_decade: [1e-9, 1e9, 999]}", "6:43", "counts from 1 to 555 values, not 999"),
    (6, "  learning_rate: {linspce: [0.1, 1, 3]}",
     "6:19", "no range is called 'linspce'. Did you mean {linspace"),
    (6, "  learning_rate: {over_L: {logspc: [0.1, 1, 3]}}", "6:28", "Did you mean {logspace: [1e-4, 1, 5]}"),
    (5, "  cost: {linspace: [1, 2, 3]}", "5:9", "a cost must be a name or {name: {parameter: value}}, not 1"),
    (7, "  initialization: {normal: {std: {linspace: [-1, 1, 3]}}}",
     "7:34", "must be a number of 0 or more, not -1"),
    (10, "targets: {logspace: [0.1, 10, 3]}", "10:10", "each of 'targets' must be a number between 0 and 1"),
    # axes together
    (7, "  zip: {cost: [mse, mae]}", "7:8", "'zip' joins two axes or more"),
    (7, "  zip: []", "7:8", "'zip' needs axes"),
    (7, "  zip: null", "7:8", "'zip' needs axes"),
    (7, "  include: null", "7:12", "'include' needs at least one mapping"),
    (7, "  zip: 3", "7:8", "'zip' joins two axes or more"),
    (7, "  zip: {optimizer: [adam], gradient: [analytic, central]}", "7:8", "optimizer has 1, gradient has 2"),
    (7, "  zip: {optimiser: [adam], gradient: [central]}",
     "7:9", "no axis is called 'optimiser' in 'zip'. Did you mean optim"),
    (7, "  zip: {optimizer: [], gradient: [central]}", "7:20", "needs at least one value"),
    (7, "  zip: {optimizer: [adm], gradient: [central]}", "7:21", "no optimizer is called 'adm'"),
    (7, "  zip: {cost: [mae, mae], gradient: [analytic, central]}",
     "5:3", "axis 'cost' stands in 'zip:' as well. Keep one."),
    (7, "  zip: [{penalty: none, gradient: central}, {penalty: none, kernel: qr}]",
     "7:3", "'penalty' is zipped twice"),
    (7, "  exclude: []", "7:12", "'exclude' needs at least one condition"),
    (7, "  exclude: mse", "7:12", "a condition is a mapping of axes, for example {model: mlp"),
    (7, "  exclude: {}", "7:12", "not an empty mapping"),
    (7, "  exclude: {cots: mse}", "7:13", "no axis is called 'cots'. Did you mean cost?"),
    (7, "  exclude: {cost: mes}", "7:19", "no cost is called 'mes'. Did you mean mse"),
    (7, "  exclude: {cost: []}", "7:19", "'cost' of a condition needs at least one value"),
    (7, "  exclude: {cost: 3}", "7:19", "a condition on 'cost' takes a name"),
    (7, "  exclude: {learning_rate: {abov: 1}}", "7:29", "no learning rate is called 'abov'"),
    (7, "  exclude: {learning_rate: {above: high}}", "7:36", "'above' compares with a number, not 'high'"),
    (7, "  exclude: {learning_rate: -1}", "7:28", "must be a number above 0, not -1"),
    (7, "  exclude: {model: {mlp: {hiden: 3}}}",
     "7:27", "model 'mlp' has no parameter 'hiden'. Did you mean hidden?"),
    (7, "  exclude: {cost: {mse: 3}}", "7:25", "takes no parameter"),
    (7, "  exclude: {data: diabets}",
     "7:19", "no data of this config is called 'diabets'. Did you mean diabetes?"),
    (7, "  include: []", "7:12", "'include' needs at least one mapping"),
    (7, "  include: adam", "7:12", "'include' takes mappings of axes"),
    (7, "  include: {optimizer: adm}", "7:24", "no optimizer is called 'adm'"),
    (7, "  include: {repeats: 3}", "7:13", "no axis is called 'repeats' in 'include'"),
    (7, "  include: {surface: beale}", "7:13", "'include' cannot add a surface: this grid is on data"),
    (5, "  cost: {values: mse, when: {model: linaer}}", "5:37", "no model is called 'linaer'"),
    (5, "  cost: {values: mse, when: {}}", "5:29", "a condition is a mapping of axes"),
    (5, "  cost: {values: [mse, mae]}", "5:10", "'values' needs 'when' beside it; write {values: mse"),
    (5, "  cost: {when: {model: linear}}", "5:10", "'when' needs 'values' beside it"),
    (5, "  cost: {mse: {}, when: {model: linear}}",
     "5:10", "'mse' cannot stand beside 'when'; write {values: mse"),
    (5, "  cost: {values: mse, when: {cost: mse}}", "5:30", "'when' of 'cost' must ask about other axes"),
    (7, "  penalty: {values: none, when: {kernel: qr}}\n  kernel: {values: qr, when: {model: linear}}",
     "7:34", "which has a 'when' of its own"),
    (7, "  include: {penalty: {values: none, when: {model: linear}}}",
     "7:22", "'when' has no meaning within 'include'"),
    # sections and times
    (9, "timeout: 1:30", "9:10", "seconds above 0, such as 90, or a text such as '2 min'"),
    (9, "timeout: 0", "9:10", "not 0"),
    (9, "timeout: soon", "9:10", "not 'soon'"),
    (9, "timeout: 5 m", "9:10", "units: ms, s, min, h, d"),
    (9, "timeout: [1, 2]", "9:10", "seconds above 0"),
    (9, "tracking: mlflow", "9:11", "'tracking' must be a mapping, not 'mlflow'; for example tracking: {tags"),
    (9, "tracking: {tag: {a: b}}", "9:12", "no key is called 'tag' in tracking. Did you mean tags?"),
    (9, "tracking: {tags: [a]}", "9:18", "a mapping of names to texts"),
    (9, "tracking: {experiment_name: 3}", "9:29", "must be a name as text"),
    (9, "tracking: {curve_points: 1}", "9:26", "a whole number from 2 to 100000, not 1"),
    (9, "tracking: {models: bets}", "9:20", "'tracking.models' must be one of best, all, none, not 'bets'"),
    (9, "tracking: {register_as: a/b}", "9:25", "must be a name as text without '/' and ':', not 'a/b'"),
    (9, "tracking: {register_at: a}", "9:12", "'register_at' in tracking. Did you mean register_as?"),
    (9, "tracking: {models: none, register_as: a}", "9:11", "'tracking' has no model to register"),
    (9, "report: {formats: [pdf]}", "9:19", "a list of html, md, csv"),
    (9, "report: {title: ''}", "9:17", "must be a name as text"),
    (9, "experiment_name: a", "9:1", "'experiment_name' belongs under 'tracking:'"),
    (9, "extends: gone.yaml", "9:10", "gone.yaml: there is no such file"),
    (9, "extends: bad.yaml", "9:10", "'extends' goes round in a circle"),
    (9, "extends: [a.yaml, b.yaml]", "9:10", "'extends' takes the path of one config"),
    (9, "watch: {max_iteration: 3}", "9:9", "Did you mean max_iterations or max_evaluations?"),
    (9, "watch: 3", "9:8", "a stopping rule must be a name"),
    (9, "audit: centrl", "9:8", "no gradient is called 'centrl'. Did you mean central?"),
    # what is compared and tuned
    (9, "compare: optimiser", "9:10", "no axis is called 'optimiser'. Did you mean optimizer?"),
    (9, "compare: cost", "9:10", "'cost' says what is minimised"),
    (9, "tune: [learning_rate, folds]", "9:23", "'folds' is the same for all methods"),
    (9, "tune: learning_rate.rat", "9:7", "no learning rate of the grid has a parameter 'rat'. Did you mean"),
    (9, "compare: 3", "9:10", "the name of an axis of the grid, such as optimizer"),
    (9, "compare: []", "9:10", "'compare' needs at least one axis"),
    (9, "compare: learning_rate\ntune: learning_rate", "10:7", "'learning_rate' is compared"),
    # words that look like something else
    (9, "repeats: 0o17x", "9:10", "not '0o17x'"),
    (9, "seed: 2024-01-31", "9:7", "not '2024-01-31'"),
    (9, "seed: yes", "9:7", "not 'yes'"),
    (9, "repeats: true", "9:10", "not true"),
    (9, "seed: 1e3.5", "9:7", "not '1e3.5'"),
    (2, "data: {dataset: diabetes, standardize: on}", "2:40", "must be true or false, not 'on'"),
    (2, "data: {dataset: diabetes, standardize: 'true'}", "2:40", "must be true or false, not 'true'"),
    (2, "data: {dataset: diabetes, perturb: {rotate: true}}", "2:45", "Did you mean rotation?"),
    (2, "data: {dataset: diabetes, perturb: 3}", "2:36", "'perturb' must be a mapping, not 3"),
    (8, "  convergence: {max_iterations: 1e400}", "8:33", "must be a whole number of 1 or more, not inf"),
    (8, "  convergence: {any: [max_iterations]}", "8:23", "needs 'limit'"),
    (1, "name: ../../etc/passwd", "1:7", "1 to 100 letters"),
    (1, "name: con|in", "1:7", "1 to 100 letters"),
    (5, "  cost: os.system", "5:9", "no cost is called 'os.system'"),
    # YAML itself
    (1, "name: sweep\nname: again", "2:1", "the key 'name' is there already, on line 1. Keep one."),
    (6, "  learning_rate: 1\n  learning_rate: 2", "7:3", "there already, on line 6"),
    (6, "\tlearning_rate: 1", "6:1", "a tab cannot indent YAML. Use spaces."),
    (6, "  learning_rate: [0.1, 0.2", "6:18", "this list lacks a ',' or its closing ']'"),
    (2, "data: {dataset: diabetes", "2:7", "this mapping lacks a ',' or its closing '}'"),
    (1, 'name: "sweep', "1:7", "this quote is never closed"),
    (1, "name: a: b", "1:8", "a ':' cannot stand here"),
    (1, "name: @sweep", "1:7", "text cannot begin with this character. Quote it."),
    (6, "  learning_rate: [0.1,, 0.2]", "6:23", "a value is missing here"),
    (1, "name: *other", "1:7", "no anchor is called '&other'"),
    (2, "data: &d [*d]", "2:11", "without end"),
    (1, "name: !!python/object/apply:os.system [ls]", "1:7", "!!python/object/apply:os.system is not allowed"),
    (1, "name: !secret x", "1:7", "the tag !secret is not allowed"),
    (9, "repeats: !!int abc", "9:10", "is not what its tag !!int says"),
    (9, "3: repeats", "9:1", "a key must be text, not 3"),
    (9, "null: repeats", "9:1", "a key must be text, not null"),
    (9, "[a, b]: repeats", "9:1", "a key must be text, not a list"),
    (9, "<<: 3", "9:5", "'<<' merges a mapping"),
    (9, "---\nname: second", "9:1", "a second document begins here"),
    (9, "repeats: 3 \x01", "9:12", "the control character U+0001"),
    (9, f"repeats: {'[' * 100}", "9:59", "nested more than 50 levels deep"),
]  # fmt: skip


def with_line(number: int, replacement: str) -> str:
    lines = RIGHT.splitlines()
    lines[number - 1] = replacement
    return "\n".join(lines) + "\n"


def complaint(path: Path, content: str | bytes) -> ConfigError:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        load_experiment(path)
    return caught.value


def test_the_config_that_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    path = tmp_path / "right.yaml"
    path.write_text(RIGHT)
    assert load_experiment(path).name == "sweep"


@pytest.mark.parametrize(("line", "mistake", "place", "words"), MISTAKES, ids=[m[1][:60] for m in MISTAKES])
def test_a_mistake_is_reported_at_its_place(
    tmp_path: Path, line: int, mistake: str, place: str, words: str
) -> None:
    error = complaint(tmp_path / "bad.yaml", with_line(line, mistake))
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in error.mistakes]
    assert any(text.startswith(f"bad.yaml:{place}: ") and words in text for text in told), told
    assert len(told) == 1, told


#: How a sentence says what to write instead.
REMEDY = re.compile(
    r"Did you mean|Known:|for example|such as|as in|\b[Ww]rite\b|Remove|Keep|[Qq]uote|Use |Move|Add |Define|"
    r"Ask |Put |Indent|must be|must not|must ask|takes|needs|counts from|at most|compares with|lacks|Check|Save"
)


def test_every_sentence_of_the_table_says_what_to_write_instead(tmp_path: Path) -> None:
    for line, mistake, _, _ in MISTAKES:
        for problem in complaint(tmp_path / "bad.yaml", with_line(line, mistake)).mistakes:
            assert REMEDY.search(problem.message), problem.message


def test_the_table_is_long_enough_to_be_believed() -> None:
    assert len({mistake for _, mistake, _, _ in MISTAKES}) == len(MISTAKES) >= 180


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ":1:1: the config is empty"),
        (b"# only a comment\n", ":1:1: the config is empty"),
        (b"- name: sweep\n", ":1:1: a config is a mapping with keys such as name, data and grid, not a list."),
        (b"sweep\n", ":1:1: a config is a mapping with keys such as name, data and grid, not a single value."),
        ("name: sweep".encode("utf-16"), ": this file is UTF-16. Save it as UTF-8."),
        (b"name: sweep\ndescription: caf\xe9\n", ":2:17: the byte 0xe9 is not UTF-8."),
        (b"\x7fELF\x02\x01\x00\x00", ":1:1: the control character U+007F"),
        (b"#" * 10_000_001, ": this file is larger than 10 MB"),
    ],
    ids=["empty", "comment", "list", "scalar", "UTF-16", "Latin-1", "binary", "10 MB"],
)
def test_what_is_no_config_at_all_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    error = complaint(tmp_path / "bad.yaml", content)
    assert str(error).startswith(f"{tmp_path / 'bad.yaml'}{words}")
    assert len(error.mistakes) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file\. Check the path"):
        load_experiment(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this is a folder; a config is a YAML file in it"):
        load_experiment(tmp_path)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = RIGHT.replace("linear", "linaer").replace("0.2", "-0.2").replace("repeats: 3", "repeats: x")
    text = text.replace("zeros", "[{normal: {std: -1, mean: a}}, nothing]").replace("diabetes", "diabete")
    lines = [problem.line for problem in complaint(tmp_path / "bad.yaml", text).mistakes]
    assert lines == [2, 4, 6, 7, 7, 7, 9]


def test_a_mistake_behind_an_alias_is_told_once_where_it_stands(tmp_path: Path) -> None:
    text = with_line(5, "  cost: [&bad meen, *bad, *bad]")
    assert [(p.line, p.column) for p in complaint(tmp_path / "bad.yaml", text).mistakes] == [(5, 10)]


def test_the_caret_stands_under_the_mistake(tmp_path: Path) -> None:
    error = complaint(tmp_path / "bad.yaml", with_line(5, "  cost: meen"))
    message, source, caret = error.pointed().splitlines()
    assert message == str(error)
    assert source.endswith("cost: meen")
    assert caret.index("^") == source.index("meen")


def test_the_caret_stands_under_the_mistake_on_a_line_too_long_for_a_terminal(tmp_path: Path) -> None:
    rates = ", ".join(["0.1"] * 200)
    error = complaint(tmp_path / "bad.yaml", with_line(6, f"  learning_rate: [{rates}, abc, {rates}]"))
    _, source, caret = error.pointed().splitlines()
    assert len(source) < 120
    assert source[caret.index("^") :].startswith("abc")


def test_lines_are_counted_alike_whatever_ends_them(tmp_path: Path) -> None:
    for ending in ("\n", "\r\n", "\r"):
        text = with_line(5, "  cost: meen").replace("\n", ending)
        [problem] = complaint(tmp_path / "bad.yaml", text).mistakes
        assert (problem.line, problem.column) == (5, 9)


def test_a_grid_too_large_to_unroll_is_refused_before_it_is(tmp_path: Path) -> None:
    rates = f"[{', '.join(f'1.{i:04}' for i in range(2000))}]"
    text = with_line(6, f"  learning_rate: {rates}").replace("zeros", f"{{normal: {{std: {rates}}}}}")
    said = "3:1: a plan of 12,000,000 runs (4,000,000 combinations × 3 repeats) needs about 12 GB"
    assert said in str(complaint(tmp_path / "bad.yaml", text))


def test_nested_axes_too_large_to_unroll_are_refused_before_they_are(tmp_path: Path) -> None:
    hundred_and_one = list(range(101))
    text = with_line(7, f"  initialization: {{normal: {{mean: {hundred_and_one}, std: {hundred_and_one}}}}}")
    assert "this stands for 10,201 values" in str(complaint(tmp_path / "bad.yaml", text))
