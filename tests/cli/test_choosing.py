"""Which runs a `gdbench run` does: --only, --limit, --rerun, --fail-fast, --dry-run."""

import pytest

from gdbench.record.store import Store
from tests.cli.shell import gdbench, here
from tests.sweeps import write

#: Three rates × (zeros, two draws of normal).
RUNS = 9


def run(folder, *arguments, how=here):
    done = how(
        "run", "small.yaml", "--runner", "serial", "--no-tracking", "--results", "r", *arguments, cwd=folder
    )
    assert "Traceback" not in done.stderr
    return done


def recorded(folder):
    """Key → when it was begun."""
    with Store.read(folder / "r" / "small") as store:
        return {record.key: record.started for record in store.runs(curves=False)}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A folder where everything was run."""
    folder = tmp_path_factory.mktemp("swept")
    write(folder)
    assert run(folder).returncode == 0
    return folder


def test_a_dry_run_lists_what_would_run_and_writes_nothing(tmp_path):
    write(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = run(tmp_path, "--dry-run", "--only", "learning_rate=0.2", "--only", "initialization=normal")
    assert done.returncode == 0
    assert [line.split("  ", 1)[1] for line in done.stdout.splitlines()] == [
        "η=0.2 · normal(std=1)",
        "η=0.2 · normal(std=1) #1",
    ]
    assert f"2 of {RUNS} runs would run on serial with 1 worker; 0 are done before" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_limit_begins_no_more_and_says_how_to_go_on(tmp_path):
    write(tmp_path)
    first = run(tmp_path, "--limit", "2")
    assert first.returncode == 0
    assert len(recorded(tmp_path)) == 2
    assert f"{RUNS - 2} runs are left; to go on: gdbench run small.yaml" in first.stderr
    second = run(tmp_path, "--only", "zeros", "--only", "learning_rate=0.20")
    assert second.returncode == 0
    assert "1 of 9 runs" in second.stderr
    assert len(recorded(tmp_path)) == 3
    third = run(tmp_path)
    assert "3 of them done before" in third.stderr
    assert len(recorded(tmp_path)) == RUNS


def test_rerun_does_again_what_it_names_and_nothing_else(swept):
    before = recorded(swept)
    chosen = min(before)
    done = run(swept, "--rerun", chosen[:8])
    assert done.returncode == 0
    after = recorded(swept)
    assert [key for key in before if before[key] != after[key]] == [chosen]
    assert run(swept, "--rerun", "failed", "--dry-run").stdout == ""
    assert len(run(swept, "--rerun", "all", "--dry-run").stdout.splitlines()) == RUNS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "learning_rat=0.2"], "no axis is called 'learning_rat'. Did you mean learning_rate?"),
        (["--only", "learning_rate=0.3"], "no run is so. Values of learning_rate: 0.0001, 0.2, 5."),
        (["--only", "nonesuch"], "no run's name has this word"),
        (["--rerun", "zzzz"], "no run's key begins so"),
        (["--limit", "0"], "--limit"),
        (["--set", "runner.timeout=1s"], "choose kind processes"),
    ],
)
def test_a_choice_of_nothing_is_answered_with_status_two_and_nothing_written(swept, arguments, said):
    before = recorded(swept)
    done = run(swept, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert recorded(swept) == before


FAILING = """\
from gdbench.descent.learning_rates import learning_rate

@learning_rate("failing")
def failing():
    \"\"\"None.\"\"\"
    raise RuntimeError("on purpose")
"""


def test_fail_fast_begins_nothing_more_and_the_failed_can_be_run_again(tmp_path):
    (tmp_path / "failing.py").write_text(FAILING)
    write(tmp_path, **{"[0.0001, 0.2, 5.0]": "[{failing: {}}, 0.2]", "grid:": "plugins: failing.py\ngrid:"})
    # in processes of their own, each of which loads the plug-in
    done = run(tmp_path, "--fail-fast", how=gdbench)
    assert done.returncode == 1
    assert len(recorded(tmp_path)) == 1
    assert "1 run did not do its work: failing.py:6: RuntimeError: on purpose; to try again: " in done.stderr
    assert "--rerun failed" in done.stderr
    whole = run(tmp_path, how=gdbench)
    assert whole.returncode == 1
    assert whole.stdout.splitlines()[0] == "3 converged · 3 failed"
    *_, answer, learned = whole.stdout.splitlines()  # what failed is in the answer
    assert answer.startswith("Use η = 0.2, zeros: ")
    assert answer.endswith("; failing failed.")
    assert learned.startswith("Learned: y = ")
    assert len(run(tmp_path, "--rerun", "failed", "--dry-run", how=gdbench).stdout.splitlines()) == 3
