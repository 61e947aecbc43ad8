"""What may happen to a store's file: one sentence each, and nothing that was recorded is harmed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record import salvage
from gdbench.record.database import connect
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import LOCK_NAME, Store
from gdbench.record.tables import TABLES_VERSION, check_to_read
from tests.cli.shell import ROOT, command, environment, gdbench
from tests.execution.recorded import plan, record, session, write_version_1
from tests.sweeps import write

RUNS = 9  #: of the small sweep

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits, signals and permissions of POSIX")


def filled(folder, count=40, points=200):
    """A store of several pages, closed."""
    with Store.open(folder) as store:
        store.add_plan(plan(keys=[f"k{i}" for i in range(count)]))
        for i in range(count):
            store.add(record(f"k{i}", costs=[float(i)] * points))
    return folder / STORE_NAME


def one_sentence(text, *words):
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1
    for word in words:
        assert word in text


# --- damage


def spoil_header(path):
    path.write_bytes(b"not a database, but somebody's file" * 100)


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def overwrite_a_page(path, name="runs"):
    """The root of the table of runs, with what no page begins with."""
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute(f"SELECT rootpage FROM sqlite_master WHERE name = '{name}'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def empty_with_a_log(path):
    path.with_name(f"{STORE_NAME}-wal").write_bytes(b"frames of a store whose file somebody emptied")
    os.truncate(path, 0)


#: How to spoil a store → whether some of its forty runs can still be read.
SPOILERS = {spoil_header: False, truncate: True, overwrite_a_page: False, empty_with_a_log: False}


@pytest.mark.parametrize("spoil", SPOILERS)
def test_a_damaged_store_is_moved_aside_as_it_is_and_a_new_one_begins_with_what_is_sound(tmp_path, spoil):
    path = filled(tmp_path)
    with Store.read(tmp_path) as store:
        before = {run.key: run for run in store.runs()}
    spoil(path)
    found = path.read_bytes()
    with Store.open(tmp_path) as store:
        kept = {run.key: run for run in store.runs()}
        assert kept.items() <= before.items()
        assert bool(kept) == SPOILERS[spoil]
        assert len(kept) < len(before)
        one_sentence(store.notice, str(path), "damaged", f"{STORE_NAME}.corrupt-1", "new store")
        store.add(record("new"))
    assert (tmp_path / f"{STORE_NAME}.corrupt-1").read_bytes() == found
    with Store.open(tmp_path) as store:
        assert (store.keys(), store.notice) == ({"new", *kept}, "")


def test_a_log_is_moved_with_its_store(tmp_path):
    path = filled(tmp_path)
    empty_with_a_log(path)
    Store.open(tmp_path).close()
    assert b"frames" in (tmp_path / f"{STORE_NAME}.corrupt-1-wal").read_bytes()


def test_what_was_moved_aside_before_is_never_overwritten(tmp_path):
    path = tmp_path / STORE_NAME
    for content in (b"first" * 999, b"second" * 999, b"third" * 999):
        path.write_bytes(content)
        Store.open(tmp_path).close()
    aside = [(tmp_path / f"{STORE_NAME}.corrupt-{n}").read_bytes() for n in (1, 2, 3)]
    assert aside == [b"first" * 999, b"second" * 999, b"third" * 999]


@pytest.mark.parametrize("spoil", SPOILERS)
def test_reading_a_damaged_store_says_so_and_leaves_it_alone(tmp_path, spoil):
    path = filled(tmp_path)
    spoil(path)
    found = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(GdbenchError) as told, Store.read(tmp_path) as store:
        list(store.runs())
    one_sentence(str(told.value), str(path), "cannot be used", "moves the file aside")
    assert {file: file.read_bytes() for file in found} == found
    assert not list(tmp_path.glob("*corrupt*"))


@pytest.mark.parametrize(("state", "looked_through"), [("finished", False), ("failed", True), (None, True)])
def test_the_indexes_of_a_large_store_are_looked_through_only_after_an_end_without_a_word(
    tmp_path, monkeypatch, state, looked_through
):
    path = filled(tmp_path)
    with Store.open(tmp_path) as store:
        number = store.begin_session(session())
        if state:
            store.end_session(number, state, 20.0)
    overwrite_a_page(path, "further")
    monkeypatch.setattr(salvage, "_SMALL", 0)
    with Store.open(tmp_path) as store:
        assert bool(store.notice) == looked_through


def test_a_store_that_is_killed_in_its_first_moments_is_made_again(tmp_path):
    connection = sqlite3.connect(tmp_path / STORE_NAME)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with pytest.raises(GdbenchError, match="nothing is recorded yet"):
        Store.read(tmp_path)
    with Store.open(tmp_path) as store:
        assert (store.keys(), store.notice) == (set(), "")


def test_the_command_line_says_where_a_damaged_store_went_and_goes_on(tmp_path):
    config = write(tmp_path)
    spoil_header(filled(tmp_path / "r" / "small"))
    done = gdbench("run", config, "--runner", "serial", "--no-tracking", "-q", "--results", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert f"{STORE_NAME}.corrupt-1" in "".join(done.stderr.split("\n"))
    with Store.read(tmp_path / "r" / "small") as store:
        assert len(store.keys()) == RUNS


# --- versions


def test_a_store_of_another_version_is_refused_and_left_alone(tmp_path):
    path = filled(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {TABLES_VERSION + 1}")
    connection.close()
    found = path.read_bytes()
    for how in (Store.open, Store.read):
        with pytest.raises(GdbenchError, match="another version"):
            how(tmp_path)
    assert path.read_bytes() == found


def test_a_store_of_version_1_is_brought_up_to_date_with_every_bit(tmp_path):
    records = [record(key, costs=(float("nan"), 0.1, 1 / 3)) for key in "cab"] + [
        record("d", outcome="crashed")
    ]
    write_version_1(tmp_path, records, [plan(keys="abcd")])
    with Store.read(tmp_path) as store:
        before = [repr(run) for run in store.runs()]
        told = (
            store.outcomes("abcd"),
            store.sessions(),
            [*store.sessions_of_runs().values()].count(1),
            store.holder(),
        )
        assert told == ({**dict.fromkeys("abc", "converged"), "d": "crashed"}, [], 0, None)
    assert before == [repr(one) for one in sorted(records, key=lambda one: one.key)]
    with Store.open(tmp_path) as store:
        assert [repr(run) for run in store.runs()] == before
        assert store.outcomes("abcd") == {**dict.fromkeys("abc", "converged"), "d": "crashed"}
        assert store.plans() == [plan(keys="abcd")]
        assert (store.sessions(), store.notice) == ([], "")
        store.begin_session(session())
        store.add(record("e"))
        assert store.keys() == set("abcde")


@POSIX
def test_a_migration_for_which_there_is_no_room_leaves_version_1(tmp_path):
    write_version_1(tmp_path, [record(f"k{i}", costs=[1.0] * 500) for i in range(50)])
    path = tmp_path / STORE_NAME
    found = path.read_bytes()
    opening = "from pathlib import Path; from gdbench.record.store import Store; Store.open(Path({!r}))"
    done = limited(opening.format(str(tmp_path)), 2 * len(found) // 3)
    assert "the results store cannot be used" in done.stderr
    with Store.read(tmp_path) as store:
        assert len(store.keys()) == 50
    with Store.open(tmp_path) as store:
        assert len(list(store.runs())) == 50


# --- a full disk


def limited(code, size):
    """Run code in a process whose files may have so many bytes, which is how a quota looks to it."""
    before = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
    return subprocess.run([sys.executable, "-c", before + code], capture_output=True, text=True, cwd=ROOT)


def test_a_full_store_says_so_keeps_what_it_has_and_goes_on_when_there_is_room(tmp_path):
    with Store.open(tmp_path) as store:
        store.add(record("kept"))
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(GdbenchError) as told:
            store.add(record("much", costs=[1.0] * 10_000))
        one_sentence(str(told.value), str(store.path), "full", "Make room", "run the same command again")
        assert store.keys() == {"kept"}
        store._connection.execute("PRAGMA max_page_count = 1000000")
        store.add(record("much", costs=[1.0] * 10_000))
        assert store.keys() == {"kept", "much"}


@POSIX
@pytest.mark.parametrize("size", [30_000, 120_000], ids=["while it is made", "in its middle"])
def test_a_sweep_that_meets_a_limit_on_file_sizes_ends_with_a_sentence_and_can_be_resumed(tmp_path, size):
    config = write(tmp_path)
    arguments = [str(a) for a in command("run", config, "--runner", "serial", "--no-tracking", "-q")[3:]]
    arguments += ["--results", str(tmp_path / "r")]
    done = limited(f"import sys; from gdbench.cli import main; sys.argv[1:] = {arguments!r}; main()", size)
    assert done.returncode == 2, done.stderr
    one_sentence(done.stderr, "the results store cannot be used", "run the same command again")
    again = gdbench(*arguments)
    assert again.returncode == 0, again.stderr
    with Store.read(tmp_path / "r" / "small") as store:
        assert (len(store.keys()), store.notice) == (RUNS, "")


# --- no permission, and things in the way


def run_without_privilege(*arguments):
    """gdbench as somebody for whom permissions count: root without the right to pass them over."""
    prefix = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write everywhere, and there is no setpriv to take that from it")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    return subprocess.run(
        [*prefix, *command(*arguments)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )


@POSIX
@pytest.mark.parametrize("what", ["folder", "results", "store", "lock"])
def test_what_may_not_be_written_is_named_and_left_alone(tmp_path, what):
    config, results = write(tmp_path), tmp_path / "r"
    path = filled(results / "small")
    barred = {"folder": path.parent, "results": results, "store": path, "lock": path.parent / LOCK_NAME}[what]
    if what == "results":
        shutil.rmtree(path.parent)
    else:
        found = path.read_bytes()
    barred.chmod(0o555 if barred.is_dir() else 0o444)
    try:
        done = run_without_privilege("run", config, "--runner", "serial", "--no-tracking", "--results", results)
    finally:
        barred.chmod(0o755 if barred.is_dir() else 0o644)
    assert done.returncode == 2, done.stderr
    one_sentence(done.stderr, str(results))
    assert not list(results.rglob("*corrupt*"))
    if what != "results":
        assert path.read_bytes() == found


@POSIX
def test_a_store_in_a_folder_that_may_only_be_read_is_still_read(tmp_path):
    path = filled(tmp_path / "small")
    (path.parent / LOCK_NAME).unlink()
    path.parent.chmod(0o555)
    try:
        done = run_without_privilege("status", "small", "--results", tmp_path)
    finally:
        path.parent.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert "40/40" in done.stdout


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "r").write_text("mine")
    for folder in (tmp_path / "r", tmp_path / "r" / "small"):
        with pytest.raises(GdbenchError) as told:
            Store.open(folder)
        one_sentence(str(told.value), str(tmp_path / "r"), "a file is in its place", "--results")
    assert (tmp_path / "r").read_text() == "mine"


def test_a_folder_where_the_store_should_be_is_named(tmp_path):
    (tmp_path / STORE_NAME / "inside").mkdir(parents=True)
    for how in (Store.open, Store.read):
        with pytest.raises(GdbenchError) as told:
            how(tmp_path)
        one_sentence(str(told.value), STORE_NAME, "it is a folder")
    assert (tmp_path / STORE_NAME / "inside").is_dir()


# --- two at a time


def test_a_second_gdbench_is_told_who_has_the_store(tmp_path):
    config = write(tmp_path)
    with Store.open(tmp_path / "r" / "small") as store:
        store.begin_session(session(pid=os.getpid(), host=store.holder().host, runner="pypy"))
        done = gdbench("run", config, "--runner", "serial", "--no-tracking", "--results", tmp_path / "r")
        assert done.returncode == 2
        one_sentence(done.stderr, f"process {os.getpid()} on {store.holder().host}", "since 2", "runner pypy")
        assert "gdbench status small" in done.stderr
        store.add(record())
        with Store.read(tmp_path / "r" / "small") as reader:
            assert reader.keys() == {"k"}
    assert (
        gdbench("run", config, "--runner", "serial", "--no-tracking", "--results", tmp_path / "r").returncode
        == 0
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kill_minus_9_lets_go_of_the_store(tmp_path):
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        store = Store.open(tmp_path)
        store.begin_session(session())
        os.write(tell, b".")
        signal.pause()
    os.read(ready, 1)
    with pytest.raises(GdbenchError, match=f"process {child} "):
        Store.open(tmp_path)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Store.open(tmp_path) as store:
        assert store.holder().pid == os.getpid()


def test_who_looks_while_a_sweep_writes_finds_no_damage(tmp_path):
    path = filled(tmp_path, count=3)
    with Store.open(tmp_path) as writing:
        looking, keys = connect(path, "ro"), iter(range(100))
        looking.set_trace_callback(lambda _: writing.add(record(f"meanwhile {next(keys)}")))  # before each look
        check_to_read(looking, path)
        assert next(keys) > 3
        looking.close()
