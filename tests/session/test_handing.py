"""An experiment in one file: what is in it and what is not, what holds elsewhere, and what is found out."""

import csv
import io
import json
import shutil
import sqlite3
import struct
import zipfile
from contextlib import closing
from dataclasses import replace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.private import impersonal
from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.planning.plan import make_plan
from gdbench.planning.specs import key_of
from gdbench.plugins import loading
from gdbench.plugins.loading import forget
from gdbench.record.checksums import (
    BARE,
    CURVES,
    checksum,
    checksum_of_curves,
    checksum_of_ending,
    checksum_of_record,
)
from gdbench.record.store import Store
from gdbench.report.comparison.same_runs import first_difference
from gdbench.session.handing.bundle import bundle
from gdbench.session.handing.clean_copy import clean_copy
from gdbench.session.handing.parts import MANIFEST, Manifest, write
from gdbench.session.handing.verify import Sample, drawn, unpacked, verify
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from tests import interpreters
from tests.cli.shell import told
from tests.sampling import sampled

SERIAL = load_profile("serial")
ALL = Sample(1.0)

PLUGIN = """\
from gdbench.descent.costs import cost

@cost("fourth_power", facts={"convex": True})
def fourth_power(p, y):
    r = p - y
    return r * r * r * r
"""

BASE = """\
description: Written at {home} by nobody.
targets: [1e-1]
tracking: {{artifact_root: {home}/artifacts}}
"""

CONFIG = """\
extends: ../shared/base.yaml
name: handed
plugins: [{plugins}/fourth_power.py]
data:
  - {{file: "{data}", target: y, test: 0.25}}
  - {{synthetic: {{linear_data: {{rows: 12, features: 2, noise: 0.1, seed: 3}}}}}}
grid:
  model: linear
  cost: [mse, fourth_power]
  learning_rate: [0.01, 0.05]
  convergence: {{max_iterations: 30}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a config that names its data by a whole path with a space in it, and what it came to."""
    home = tmp_path_factory.mktemp("ann lee")
    for name in ("configs", "shared", "plugins", "data of ann"):
        (home / name).mkdir()
    data = home / "data of ann" / "tides.csv"
    rows = [(i / 7, (i * i % 5) / 3, 0.5 * i / 7 - (i * i % 5) / 9 + i % 3 / 50) for i in range(16)]
    data.write_text("a,b,y\n" + "".join(f"{a!r},{b!r},{y!r}\n" for a, b, y in rows))
    (home / "plugins" / "fourth_power.py").write_text(PLUGIN)
    (home / "shared" / "base.yaml").write_text(BASE.format(home=home))
    config = home / "configs" / "handed.yaml"
    config.write_text(CONFIG.format(plugins="../plugins", data=data))
    run(prepare(config, home / "results", runner="serial", tracking=False))
    return home


@pytest.fixture(scope="module")
def file(home):
    return bundle(home / "results" / "handed", home / "handed.zip").path


@pytest.fixture
def copy(file, tmp_path):
    return shutil.copy(file, tmp_path / "copy.zip")


@pytest.fixture
def nobody_knows_it():
    """As in a process that has not loaded the plug-in."""
    forget("cost", "fourth_power")
    yield
    loading._originals.clear()


def found_in(path, sample=ALL, profile=SERIAL, *, trust=True):
    with unpacked(path) as given:
        return verify(given, sample, profile, trust=trust)


def rewritten(path, parts, *, manifest=True):
    """The same file with other parts, and with a manifest that says so, or with the old one."""
    with zipfile.ZipFile(path) as packed:
        old = {name: packed.read(name) for name in packed.namelist()}
    known = Manifest.from_text(old.pop(MANIFEST).decode())
    write(path, known, {**old, **parts})
    if not manifest:
        with zipfile.ZipFile(path) as packed:
            new = {name: packed.read(name) for name in packed.namelist()}
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in {**new, MANIFEST: known.to_text().encode()}.items():
                packed.writestr(name, content)
    return path


def part(path, name):
    with zipfile.ZipFile(path) as packed:
        return packed.read(name)


def with_store(path, folder, change, **how):
    """The same file with a store that was changed."""
    store = folder / "changed.sqlite"
    store.write_bytes(part(path, "store.sqlite"))
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        change(connection)
    return rewritten(path, {"store.sqlite": store.read_bytes()}, **how)


def one_byte(connection, *, sums=False):
    """Another last bit in the cost of an iterate of one run; sums: and its checksum as it would be."""
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM runs WHERE length(cost) > 99 ORDER BY key").fetchone())
    row["cost"] = row["cost"][: 8 * 7] + bytes([row["cost"][8 * 7] ^ 1]) + row["cost"][8 * 7 + 1 :]
    connection.execute("UPDATE runs SET cost = ? WHERE key = ?", (row["cost"], row["key"]))
    if sums:
        sum_ = checksum_of_curves(row["key"], *(row[name] for name in CURVES))
        connection.execute("UPDATE runs SET curves = ? WHERE key = ?", (sum_, row["key"]))


def test_everything_that_it_rests_on_is_in_it(file):
    with zipfile.ZipFile(file) as packed:
        assert packed.namelist()[0] == MANIFEST
        names = set(packed.namelist())
    assert {"store.sqlite", "answer.txt", "report.html", "environment.json"} < names
    configs = {name for name in names if name.startswith("configs/")}
    assert configs == {
        "configs/folder-1/handed.yaml",
        "configs/folder-1/tides.csv",
        "configs/shared/base.yaml",
        "configs/plugins/fourth_power.py",
    }
    assert sum(name.startswith("data/") for name in names) == 3
    assert sum("-test-" in name for name in names) == 1


def test_nothing_in_it_tells_of_the_machine(home, file):
    with zipfile.ZipFile(file) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    for secret in (str(home), home.name, "data of ann"):
        found = [name for name, content in contents.items() if secret.encode() in content]
        assert not found, (secret, found)
    with unpacked(file) as given, Store.read(given.folder) as store:
        assert {run.result.host for run in store.runs()} == {"machine-1"}
        assert {(one.host, one.pid, one.address) for one in store.sessions()} == {("machine-1", 0, "")}
        assert store.last_plan().environment["host"] == "machine-1"
        assert store.holder() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file: /home/ann/tides.csv", "file: …/tides.csv"),
        ("'/home/ann lee/tides.csv' is not there", "'…/tides.csv' is not there"),
        (r"C:\Users\ann\tides.csv", "…/tides.csv"),
        ("postgresql://ann:secret@db/x", "postgresql://db/x"),
        ("http://db/x?token=secret&y=1", "http://db/x?token=…&y=1"),
        ("sqlite:////home/ann/mlflow.db", "sqlite:…/mlflow.db"),
        ("file:///home/ann/artifacts", "file:…/artifacts"),
        ("η = 2/L, f/f*, 1/2, and/or, a/b/c", "η = 2/L, f/f*, 1/2, and/or, a/b/c"),
        ("https://docs.python.org/3/library", "https://docs.python.org/3/library"),
    ],
)
def test_paths_and_passwords_are_cut_out_of_texts(text, expected):
    assert impersonal(text) == expected


def test_the_config_in_it_plans_the_same_runs_elsewhere(home, file, tmp_path):
    with unpacked(file) as given:
        plan = make_plan(load_experiment(given.folder / given.manifest.config))
    with Store.read(home / "results" / "handed") as store:
        assert {run.key for run in plan.runs} == store.keys()


def test_what_is_as_it_was_is_found_to_be(file):
    found = found_in(file)
    assert found.sound
    assert (found.same, found.runs, found.left) == (8, 8, {})
    assert found.moved == []


def test_its_plug_ins_are_executed_for_those_who_say_so_only(copy, nobody_knows_it):
    evil = part(copy, "configs/plugins/fourth_power.py") + b"\nraise SystemExit('executed')\n"
    rewritten(copy, {"configs/plugins/fourth_power.py": evil})
    found = found_in(copy, trust=False)
    assert found.sound
    assert found.same == 4
    assert found.left == {"it uses a plug-in, and no plug-in was executed (--trust)": 4}
    with pytest.raises(GdbenchError, match="executed"):
        found_in(copy)


def test_another_plug_in_than_the_runs_had_is_no_reason_to_call_them_different(copy, nobody_knows_it):
    other = PLUGIN.replace("r * r * r * r", "r * r * (r * r)").encode()
    rewritten(copy, {"configs/plugins/fourth_power.py": other})
    assert found_in(copy).left == {"the plug-in that it used is not in the bundle": 4}


def test_an_altered_byte_is_found_by_the_manifest_the_checksum_or_the_run(copy, tmp_path):
    with_store(copy, tmp_path, one_byte, manifest=False)
    found = found_in(copy)
    assert found.parts == {"store.sqlite": "is not what the manifest has the digest of"}
    assert found.damage.startswith("run ")


def test_an_altered_byte_with_a_right_manifest_is_found_by_the_checksum(copy, tmp_path):
    found = found_in(with_store(copy, tmp_path, one_byte))
    assert (found.parts, found.sound) == ({}, False)
    assert found.damage.startswith("run ")


def test_an_altered_byte_with_right_digests_all_over_is_found_by_doing_the_run_again(copy, tmp_path):
    found = found_in(with_store(copy, tmp_path, lambda c: one_byte(c, sums=True)))
    assert (found.parts, found.damage, found.sound) == ({}, "", False)
    [one] = found.differing
    assert one.apart.what == "cost at k = 7"
    assert (
        struct.unpack("<q", struct.pack("<d", float(one.apart.one)))[0] ^ 1
        == (struct.unpack("<q", struct.pack("<d", float(one.apart.other)))[0])
    )


def test_what_a_later_gdbench_records_besides_is_no_difference(home):
    with Store.read(home / "results" / "handed") as store:
        one = next(run for run in store.runs() if run.result.curve.iteration)
    curve = replace(one.result.curve, series={**one.result.curve.series, "later": [0.0]})
    result = replace(one.result, curve=curve, evidence={**one.result.evidence, "later": 1})
    later = replace(one, result=result)
    assert first_difference(one, later) is None
    assert first_difference(later, one).what == "later at k = 0"


def test_a_spec_that_is_not_what_its_key_says_is_found(copy, tmp_path):
    def other_rate(connection):
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM runs WHERE spec LIKE '%0.05%'").fetchone())
        row["spec"] = row["spec"].replace("0.05", "0.06")
        sum_ = checksum_of_record(*(row[name] for name in BARE))
        connection.execute(
            "UPDATE runs SET spec = ?, checksum = ? WHERE key = ?", (row["spec"], sum_, row["key"])
        )

    found = found_in(with_store(copy, tmp_path, other_rate))
    assert len(found.misnamed) == 1
    assert not found.sound


def test_another_optimum_than_the_problem_has_is_found(copy, tmp_path):
    def other_optimum(connection):
        connection.create_function("checksum", 2, checksum)
        for id_, record in connection.execute("SELECT id, record FROM problems").fetchall():
            plain = json.loads(record)
            plain["optimum"]["cost"] = (plain["optimum"]["cost"] or 1.0) * (1.0 - 1e-6)
            connection.execute(
                "UPDATE problems SET record = ?1, checksum = checksum(?2, ?1) WHERE id = ?2",
                (json.dumps(plain), id_),
            )

    found = found_in(with_store(copy, tmp_path, other_optimum))
    assert {(one.what, one.close) for one in found.moved} == {("f*", False)}
    assert not found.sound


def test_other_bits_of_an_older_kernel_are_no_difference(copy, tmp_path):
    def older(connection):
        one_byte(connection)
        connection.row_factory = sqlite3.Row
        for row in map(dict, connection.execute("SELECT * FROM runs").fetchall()):
            spec = {**json.loads(row["spec"]), "kernel_version": 3}
            new = {**row, "spec": json.dumps(spec), "key": key_of(spec)}
            sums = (
                checksum_of_ending(new["key"], new["outcome"], new["session"], new["finished"]),
                checksum_of_record(*(new[name] for name in BARE)),
                checksum_of_curves(new["key"], *(new[name] for name in CURVES)),
            )
            connection.execute(
                "UPDATE runs SET key = ?, spec = ?, ending = ?, checksum = ?, curves = ? WHERE position = ?",
                (new["key"], new["spec"], *sums, row["position"]),
            )

    found = found_in(with_store(copy, tmp_path, older))
    assert found.sound
    assert (found.same, len(found.older)) == (7, 1)


def test_a_part_that_is_altered_missing_or_strange_is_named(copy):
    with zipfile.ZipFile(copy) as packed:
        old = {name: packed.read(name) for name in packed.namelist()}
    del old["answer.txt"]
    with zipfile.ZipFile(copy, "w") as packed:
        for name, content in {**old, "report.html": b"<p>another", "more.txt": b"?"}.items():
            packed.writestr(name, content)
    assert found_in(copy).parts == {
        "more.txt": "is not in the manifest",
        "answer.txt": "is missing",
        "report.html": "is not what the manifest has the digest of",
    }


def test_data_of_a_config_that_cannot_be_read_is_left_out_for_that_reason(monkeypatch, home, tmp_path):
    monkeypatch.setattr("gdbench.session.handing.bundle.documents", lambda *_: {"index.html": "no page"})
    monkeypatch.setattr("gdbench.session.handing.sources.asked", lambda _: None)
    done = bundle(home / "results" / "handed", tmp_path / "unread.zip")
    told = [one for one in done.manifest.left_out if one.startswith("the data")]
    assert told
    assert all("can no longer be read" in one for one in told)


def test_data_above_the_size_is_its_digest_and_recipe(monkeypatch, home, tmp_path):
    with monkeypatch.context() as without:  # its page takes a second
        without.setattr("gdbench.session.handing.bundle.documents", lambda *_: {"index.html": "no page"})
        done = bundle(home / "results" / "handed", tmp_path / "small.zip", most=0)
    assert not any(one.part for one in done.manifest.data)
    assert len(done.manifest.left_out) == 3
    found = found_in(done.path)
    # what a generator makes is made again; what a file held is not here
    assert found.sound
    assert (found.same, found.left) == (4, {"its data is not in the bundle": 4})


def test_data_that_is_not_what_its_digest_says_is_told(copy):
    with unpacked(copy) as given:
        name = next(one.part for one in given.manifest.data if not one.held_out)
    lines = part(copy, name).decode().splitlines()
    lines[3] = ",".join(["0.25", *lines[3].split(",")[1:]])
    found = found_in(rewritten(copy, {name: ("\n".join(lines) + "\n").encode()}))
    assert sum(found.left.values()) == 4
    assert all("is not what its digest says" in why for why in found.left)


def test_data_can_be_read_by_anybody(file):
    with unpacked(file) as given:
        name = next(one.part for one in given.manifest.data if "tides" in one.part and not one.held_out)
    head, *rows = csv.reader(io.StringIO(part(file, name).decode()))
    assert head == ["a", "b", "y"]
    assert len(rows) == 12


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/outside", "configs/../../outside", "a\\..\\b", "C:outside"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(copy, name):
    with zipfile.ZipFile(copy, "a") as packed:
        packed.writestr(zipfile.ZipInfo(name), b"outside")
    with pytest.raises(GdbenchError, match="this is no bundle of gdbench: the name or kind"), unpacked(copy):
        pass


def test_a_link_in_the_place_of_a_file_is_refused(copy):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(copy, "a") as packed:
        packed.writestr(link, b"/etc/passwd")
    with pytest.raises(GdbenchError, match="name or kind"), unpacked(copy):
        pass


def test_what_would_swell_beyond_measure_is_refused(copy):
    with zipfile.ZipFile(copy, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(30_000_000))
    with pytest.raises(GdbenchError, match="zeros would swell to 30 MB"), unpacked(copy):
        pass


def test_the_lot_is_the_same_for_a_seed_and_falls_on_every_problem(home):
    with Store.read(home / "results" / "handed") as store:
        runs = list(store.runs(curves=False))
    assert drawn(runs, Sample(0.5, 1)) == drawn(list(reversed(runs)), Sample(0.5, 1))
    lots = [drawn(runs, Sample(0.5, seed)) for seed in range(4)]
    assert all(len({run.problem for run in lot}) == 4 == len(lot) for lot in lots)
    assert len({tuple(run.key for run in lot) for lot in lots}) > 1
    assert len(drawn(runs, Sample(0.01))) == 1
    assert drawn(runs, Sample(0.0)) == []


@sampled("name", interpreters.NAMES, 2, ["pypy3"])
def test_a_bundle_of_another_interpreter_has_the_same_bits_here(home, file, name, tmp_path):
    """Its runs are done there, bundled, and done again in this process."""
    python = interpreters.find(name)
    if python is None:
        pytest.skip(f"there is no working {name} on this machine")
    options = [f"runner.options.interpreter={python}"]
    config = home / "configs" / "handed.yaml"
    run(prepare(config, tmp_path, runner="pypy", workers=1, overrides=options, tracking=False))
    with Store.read(tmp_path / "handed") as store:
        kind = "PyPy" if name == "pypy3" else "CPython"
        assert all(run.result.interpreter.startswith(kind) for run in store.runs(curves=False))
    made = tmp_path / "other.zip"
    shutil.copy(file, made)
    rewritten(made, {"store.sqlite": cleaned(tmp_path / "handed", tmp_path / "clean.sqlite")})
    found = found_in(made)
    assert (found.sound, found.same) == (True, 8)


def cleaned(folder, target):
    clean_copy(folder / "store.sqlite", target)
    return target.read_bytes()


def test_the_verbs_say_what_is_in_it_and_what_holds(monkeypatch, capsys, home, file, tmp_path):
    folder = home / "results" / "handed"
    status, out, err = told(monkeypatch, capsys, tmp_path, "bundle", folder)
    assert (status, out) == (0, "handed.gdbench.zip\n")
    # the same experiment gives the same bytes
    assert (tmp_path / "handed.gdbench.zip").read_bytes() == file.read_bytes()
    assert "8 runs, 3 data sets, 1 plug-in, the config and the page" in err
    verb = ["verify", "handed.gdbench.zip", "--runner", "serial"]
    status, out, err = told(monkeypatch, capsys, tmp_path, *verb, "--sample", "1")
    assert status == 0
    assert "its plug-in configs/plugins/fourth_power.py: 6 lines of Python" in err
    assert "Nothing of it is executed" in err
    assert "✓ 4 runs done again, every curve, result and parameter equal to the last bit" in out
    status, out, _ = told(monkeypatch, capsys, tmp_path, *verb, "--sample", "1", "--trust", "--json")
    assert status == 0
    assert json.loads(out)["computed_again"] == 8
    with_store(tmp_path / "handed.gdbench.zip", tmp_path, lambda c: one_byte(c, sums=True))
    status, out, _ = told(monkeypatch, capsys, tmp_path, *verb, "--sample", "1", "--trust")
    assert status == 1
    assert "differs: cost at k = 7: " in out
    assert out.endswith("handed: not what was written, or not what comes out here.\n")


def test_a_file_that_is_no_bundle_is_status_two(monkeypatch, capsys, home, tmp_path):
    (tmp_path / "a.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("manifest.json", "{}")
    for name, why in (
        ("a.zip", "it is no ZIP"),
        ("b.zip", "its manifest.json cannot be read"),
        ("c.zip", "No such file"),
    ):
        status, _, err = told(monkeypatch, capsys, tmp_path, "verify", name)
        assert (status, why in err) == (2, True), err
