"""gdbench rm, rename and merge, and the disk that an experiment uses: nothing is lost that nobody gave up."""

import os
import shutil
import signal

import pytest

from gdbench.cli.words import bytes_in_words
from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.planning.plan import make_plan
from gdbench.record.locate import STORE_NAME, disk_use, other_case
from gdbench.record.lock import LOCK_NAME, TRACKING_LOCK_NAME, exclusive
from gdbench.record.store import Store
from gdbench.session.keeping import give_name, in_mlflow
from gdbench.session.merging import merge
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from gdbench.tracking.server.embedded import held
from tests.cli.shell import told
from tests.execution.recorded import plan, record, session, write_version_1
from tests.session.test_listener import Diary
from tests.sweeps import SWEEP


@pytest.fixture(scope="module")
def tracked(tmp_path_factory, template):
    """A sweep of nine runs that is recorded and tracked: its folder of results, with the config beside it."""
    folder = tmp_path_factory.mktemp("tracked")
    (folder / "small.yaml").write_text(SWEEP)
    (folder / "results").mkdir()
    shutil.copy(template, folder / "results" / "mlflow.db")
    run(prepare(folder / "small.yaml", folder / "results", runner="serial"))
    return folder


@pytest.fixture
def place(tracked, tmp_path, monkeypatch, capsys):
    """The same, for a test to change; called with words of a command line in its folder."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = shutil.copytree(tracked, tmp_path / "place")

    def of(*words):
        return told(monkeypatch, capsys, folder, *words)

    of.results = folder / "results"
    return of


# --- rm


def test_nothing_is_removed_before_somebody_says_yes(place):
    status, _, err = place("rm", "small")
    assert status == 2
    assert "Add --yes" in err
    assert (place.results / "small" / STORE_NAME).exists()


def test_what_gdbench_wrote_is_removed_and_mlflow_keeps_its_copy(place):
    status, out, err = place("rm", "small", "--yes")
    assert (status, out) == (0, "results/small: removed\n")
    assert not (place.results / "small").exists()
    assert "MLflow keeps its copy of 9 runs" in err
    number = held(place.results / "mlflow.db", "small").experiment_id
    assert f"mlflow experiments delete --experiment-id {number}" in err


def test_files_of_the_users_own_stay(place):
    (place.results / "small" / "notes.txt").write_text("mine")
    status, _, err = place("rm", "small", "--yes")
    assert status == 0
    assert "notes.txt" in err
    assert [path.name for path in (place.results / "small").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("lock", [LOCK_NAME, TRACKING_LOCK_NAME])
@pytest.mark.parametrize("words", [("rm", "small", "--yes"), ("rename", "small", "other")])
def test_what_somebody_uses_is_neither_removed_nor_renamed(place, lock, words):
    with exclusive(place.results / "small" / lock, 0, ""):
        status, _, err = place(*words)
    assert status == 2
    assert "another gdbench is" in err
    assert (place.results / "small" / STORE_NAME).exists()


def test_a_damaged_store_can_be_removed(place):
    (place.results / "small" / STORE_NAME).write_bytes(b"\0" * 5000)
    assert place("rm", "small", "--yes")[0] == 0
    assert not (place.results / "small").exists()


# --- rename


def test_a_renamed_experiment_is_the_one_that_a_config_with_the_new_name_asks_for(place, tmp_path):
    status, out, err = place("rename", "small", "large")
    assert status == 0
    assert "write name: large" in out
    assert "MLflow shows 9 runs of it" in err
    config = tmp_path / "large.yaml"
    config.write_text(SWEEP.replace("name: small", "name: large"))
    asked = make_plan(load_experiment(config, ()))
    with Store.read(place.results / "large") as store:
        recorded = store.last_plan()
        assert (recorded.id, recorded.experiment) == (asked.id, "large")
        assert {one.plan for one in store.sessions()} == {asked.id}
        assert len(store.keys()) == 9
    has = held(place.results / "mlflow.db", "large")
    assert (len(has.keys), has.plans) == (9, {asked.id})
    assert held(place.results / "mlflow.db", "small") is None
    # there is nothing to send, and nothing to run
    assert "0 runs sent" in place("sync")[1]
    sweep = prepare(config, place.results, runner="serial")
    diary = Diary()
    assert run(sweep, diary).tracked.sent == 0
    assert diary.heard[-2:] == ["concluded", "tracked 0"]  # the answer first
    assert held(place.results / "mlflow.db", "large").plans == {asked.id}


class Killed(BaseException):
    """As a process is that has no time to do anything more."""


@pytest.mark.parametrize(
    "step",
    [
        "gdbench.session.keeping.rename",
        "gdbench.record.store.Store.rename_plans",
        "pathlib.Path.rename",
    ],
)
def test_who_is_killed_while_renaming_can_do_the_same_again(place, monkeypatch, step):
    def killed(*_):
        raise Killed

    about = in_mlflow(None, "small", place.results, None)
    with monkeypatch.context() as patch:
        patch.setattr(step, killed)
        with pytest.raises(Killed):
            give_name(place.results / "small", "large", about)
    assert (place.results / "small" / STORE_NAME).exists()
    assert place("rename", "small", "large")[0] == 0
    with Store.read(place.results / "large") as store:
        assert store.last_plan().experiment == "large"
        assert held(place.results / "mlflow.db", "large").plans == {store.last_plan().id}


@pytest.mark.parametrize("name", ["-x", "CON", "x.", "a/b", "mlflow.db", ""])
def test_a_name_that_will_not_do_is_refused(place, name):
    status, _, err = place("rename", "small", "--", name)
    assert status == 2
    assert "no name for an experiment" in err
    assert (place.results / "small" / STORE_NAME).exists()


def test_a_name_that_is_taken_is_refused_whatever_its_case(place):
    with Store.open(place.results / "Other"):
        pass
    status, _, err = place("rename", "small", "other")
    assert status == 2
    assert "is there already" in err


def test_where_mlflow_has_another_experiment_by_the_name_the_runs_stay_where_they_are(place):
    about = in_mlflow(None, "small", place.results, None)
    assert about.has
    # "Default" is MLflow's own
    status, _, err = place("rename", "small", "Default")
    assert status == 0
    assert "the runs stay in 'small'" in err
    with Store.read(place.results / "Default") as store:
        assert store.last_plan().mlflow_experiment == "small"
    assert "0 runs sent" in place("sync")[1]


def test_a_server_is_told_and_not_asked(place, tmp_path):
    with Store.open(tmp_path / "alone") as store:
        store.add_plan(plan())
    about = in_mlflow(plan(), "alone", tmp_path, "http://user:sesame@mlflow.example:5000")
    assert not give_name(tmp_path / "alone", "still_alone", about)
    assert "mlflow experiments rename --experiment-id ID" in about.command("rename")
    assert "sesame" not in about.command("rename")


# --- names that differ in case


def test_a_name_that_differs_in_case_only_is_told(place, capsys):
    (place.results.parent / "Small.yaml").write_text(SWEEP.replace("name: small", "name: Small"))
    assert other_case(place.results, "small") == ""
    status, _, err = place("run", "Small.yaml", "--no-tracking", "-q", "--runner", "serial", "--limit", "1")
    assert status == 0
    assert "differs from 'Small' in capitals only" in " ".join(err.split())


# --- merge


def other_machine(folder, keys, **changes):
    """A store of another machine, with a session of its own."""
    with Store.open(folder) as store:
        store.add_plan(plan("theirs", keys=keys))
        number = store.begin_session(session(host="there", pid=len(keys)))
        for key in keys:
            store.add(record(key, host="there", seconds=9.0, **changes))
        store.end_session(number, "finished", 30.0)
    return folder


def here(folder, keys="abc", **changes):
    with Store.open(folder) as store:
        store.add_plan(plan("ours", keys=keys))
        store.begin_session(session(host="here"))
        for key in keys:
            store.add(record(key, host="here", **changes))
    return folder


@pytest.fixture
def merged(monkeypatch, capsys, tmp_path):
    def of(*words):
        return told(monkeypatch, capsys, tmp_path, "merge", *words)

    return of


def test_what_the_other_has_besides_comes_with_its_sessions_and_plans(merged, tmp_path):
    here(tmp_path / "results" / "ours")
    theirs = other_machine(tmp_path / "theirs", "bcde")
    before = (theirs / STORE_NAME).read_bytes()
    status, out, _ = merged("ours", theirs)
    assert status == 0
    assert out.startswith(
        f"ours: 2 runs came from {theirs}; 2 were there already\n1 plan came before the latest"
    )
    assert (theirs / STORE_NAME).read_bytes() == before
    with Store.read(tmp_path / "results" / "ours") as store:
        assert store.keys() == set("abcde")
        assert [run.result.host for run in store.runs()] == ["here"] * 3 + ["there"] * 2
        assert [one.id for one in store.plans()] == ["theirs", "ours"]
        assert [one.host for one in store.sessions()] == ["there", "here"]
        numbers = {host: n for n, host in ((n, s.host) for n, s in store.numbered_sessions().items())}
        assert [[*store.sessions_of_runs().values()].count(numbers[host]) for host in ("there", "here")] == [
            2,
            3,
        ]
    # a second time there is nothing left to do
    assert merged("ours", theirs)[1] == f"ours: 0 runs came from {theirs}; 4 were there already\n"
    with Store.read(tmp_path / "results" / "ours") as store:
        assert len(store.sessions()) == 2


def test_a_run_with_other_bits_is_told_and_left_as_it_is(merged, tmp_path):
    here(tmp_path / "results" / "ours")
    theirs = other_machine(tmp_path / "theirs", "cd", costs=(3.0, 2.0000000000000004))
    status, out, _ = merged("ours", theirs)
    assert status == 1
    assert f"1 run with other bits in {theirs} stayed as they are here: c" in out
    with Store.read(tmp_path / "results" / "ours") as store:
        assert store.run("c").result.curve.cost == [3.0, 2.0]
        assert store.keys() == set("abcd")


def test_a_crash_gives_way_to_a_result_and_never_the_other_way_round(merged, tmp_path):
    here(tmp_path / "results" / "ours", outcome="crashed")
    theirs = other_machine(tmp_path / "theirs", "abc")
    assert "3 runs that had crashed here came with a result" in merged("ours", theirs)[1]
    crashed = other_machine(tmp_path / "crashed", "abc", outcome="crashed")
    assert merged("ours", crashed)[0] == 0
    with Store.read(tmp_path / "results" / "ours") as store:
        assert set(store.outcomes().values()) == {"converged"}


@pytest.mark.parametrize("running", ["ours", "theirs"])
def test_neither_may_be_running(merged, tmp_path, running):
    folders = {
        "ours": here(tmp_path / "results" / "ours"),
        "theirs": other_machine(tmp_path / "results" / "theirs", "cd"),
    }
    with Store.open(folders[running]):
        status, _, err = merged("ours", "theirs")
    assert status == 2
    assert "is running this experiment" in err
    with Store.read(folders["ours"]) as store:
        assert store.keys() == set("abc")


def test_one_experiment_is_not_merged_with_itself(merged, tmp_path):
    folder = here(tmp_path / "results" / "ours")
    status, _, err = merged("ours", folder)
    assert status == 2
    assert "one and the same" in err


def test_what_is_damaged_is_not_merged(merged, tmp_path):
    here(tmp_path / "results" / "ours")
    theirs = other_machine(tmp_path / "theirs", "cd")
    content = bytearray((theirs / STORE_NAME).read_bytes())
    content[content.find(b'"outcome": "conv') + 13] ^= 1
    (theirs / STORE_NAME).write_bytes(content)
    status, _, err = merged("ours", theirs)
    assert status == 2
    assert "it is damaged" in err
    with Store.read(tmp_path / "results" / "ours") as store:
        assert (store.keys(), len(store.plans())) == (set("abc"), 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked")
@pytest.mark.parametrize("at", [1, 20, 39])
def test_a_kill_in_the_middle_of_merging_loses_nothing_and_the_same_again_does_all(merged, tmp_path, at):
    ours = here(tmp_path / "results" / "ours")
    theirs = other_machine(tmp_path / "theirs", [f"t{n}" for n in range(40)])
    add, added = Store.add, []

    def add_or_die(self, *arguments):
        added.append(1)
        if len(added) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        add(self, *arguments)

    child = os.fork()
    if child == 0:
        Store.add = add_or_die
        merge(ours, theirs)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with Store.read(ours) as store:
        assert (store.keys(), [one.id for one in store.plans()]) == (set("abc"), ["ours"])
    assert merged("ours", theirs)[0] == 0
    with Store.read(ours) as store:
        assert len(store.keys()) == 43


def test_a_store_of_before_is_merged(merged, tmp_path):
    here(tmp_path / "results" / "ours")
    write_version_1(tmp_path / "theirs", [record("z")], [plan("old", keys="z")])
    assert merged("ours", tmp_path / "theirs")[0] == 0
    with Store.read(tmp_path / "results" / "ours") as store:
        assert store.keys() == set("abcz")


# --- disk


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_950, "9.9 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (12_345_678, "12 MB"),
        (7e9, "7.0 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_bytes_are_told_with_a_unit(count, said):
    assert bytes_in_words(count) == said


def test_disk_use_is_told_by_kind(place):
    folder = place.results / "small"
    use = disk_use(folder)
    assert use.total == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert use.store >= (folder / STORE_NAME).stat().st_size
    (folder / f"{STORE_NAME}.corrupt-1").write_bytes(b"x" * 5000)
    _, out, _ = place("status", "small")
    assert "damaged files set aside 5.0 kB" in out
    assert place("status")[1].rstrip().endswith("B")


def test_a_name_that_nobody_knows_is_told_by_all_three(place):
    for words in (("rm", "nobody"), ("rename", "nobody", "x"), ("merge", "small", "nobody")):
        status, _, err = place(*words)
        assert status == 2
        assert "no experiment is called 'nobody'" in err


def test_names_are_checked_where_they_are_given(tmp_path):
    with Store.open(tmp_path / "a") as store:
        store.add_plan(plan())
    with pytest.raises(GdbenchError, match="Try study_CON"):
        give_name(tmp_path / "a", "CON", in_mlflow(None, "a", tmp_path, None))
