"""The process that makes MLflow's attachments while its parent tracks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gdbench

CONFIG = """\
name: few
data: {dataset: diabetes, standardize: true}
grid: {model: linear, cost: mse, learning_rate: [0.1, 0.3], convergence: {max_iterations: 20}}
"""

#: In a process of its own: pytest's may have threads, and has none to fork beside then.
SCRIPT = """
import json, os, signal, sys, threading
from pathlib import Path
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.session import beside as rooms

folder, said = Path(sys.argv[1]), []


def made(*orders):
    with rooms.beside(folder, wanted=True) as maker, Store.read(folder) as store:
        for order in orders:
            order(maker)
        about = study(store)
        files = maker.attached(about, said.append)
    return {name: path.read_bytes().hex() for name, path in files.items()}, about.diagnosed


def prepare(maker): maker.prepare()
def begin(maker): maker.begin()
def kill(maker): os.kill(maker._number, signal.SIGKILL)


there, diagnosed = made(prepare, begin)
killed, _ = made(kill)
page = folder / "report" / "index.html"
page.unlink(), page.mkdir()
refused, _ = made(prepare, begin)
page.rmdir()
try:
    left = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    left = None
with Store.read(folder) as store:
    about = study(store)
    here = {n: p.read_bytes().hex() for n, p in rooms.attached(about, store, said.append).items()}
wait = threading.Event()
threading.Thread(target=wait.wait).start()
with rooms.beside(folder, wanted=True) as crowded:
    pass
wait.set()
same = (there, diagnosed) == (here, about.diagnosed)
found = {"same": same, "names": sorted(there), "killed": killed, "refused": refused, "left": left}
print(json.dumps({**found, "crowded": crowded is not None, "said": said}))
"""


def test_a_process_beside_makes_what_this_one_would_and_says_why_where_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text(CONFIG)
    gdbench.run(tmp_path / "few.yaml", results=tmp_path, runner="serial", tracking=False)
    words = [sys.executable, "-c", SCRIPT, str(tmp_path / "few")]
    told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert told["same"]
    assert told["names"] == ["curves.parquet", "curves.svg", "picture.svg", "report.html", "runs.parquet"]
    assert (told["killed"], told["refused"]) == ({}, {})
    ended, reason = told["said"]
    assert "ended without a word" in ended
    assert "index.html" in reason
    assert told["left"] is None, "no process may be left"
    assert not told["crowded"], "beside a thread nothing is forked"
