"""The write-ahead log of a store that was killed: a damaged page of it loses nothing without a word."""

import os
import random
import shutil

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from tests.execution.recorded import plan, record
from tests.sampling import sampled

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to leave a log behind")

KEYS = [f"{number:020x}" for number in range(12)]
FRAME, HEAD = 24 + 4096, 32


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The folder of a store whose writer was killed with all of it in the log."""
    folder = tmp_path_factory.mktemp("killed") / "study"
    child = os.fork()
    if child == 0:
        store = Store.open(folder)
        store.add_plan(plan("first", keys=KEYS))
        for key in KEYS:
            store.add(record(key, costs=[1 / (k + 3) for k in range(40)]))
        store.add_plan(plan("last", keys=KEYS))
        os._exit(0)  # without closing, as a kill does
    os.waitpid(child, 0)
    assert (folder / f"{STORE_NAME}-wal").stat().st_size > 10 * FRAME
    return folder


def test_what_stands_in_the_log_alone_is_read(killed, tmp_path):
    folder = shutil.copytree(killed, tmp_path / "study")
    with Store.read(folder) as store:
        assert (store.keys(), store.last_plan().id) == (set(KEYS), "last")


dice = random.Random(8)
#: 60 bytes anywhere in the log, as shares of it, and every byte of its head.
FLIPS = [(f"log {n}", dice.random(), dice.randrange(1, 256)) for n in range(60)]
FLIPS += [(f"head {n}", n, dice.randrange(1, 256)) for n in range(HEAD)]


@sampled("flip", FLIPS, 25, name=lambda flip: flip[0])
def test_a_flipped_byte_of_the_log_is_told_and_what_comes_before_it_is_kept(killed, tmp_path, flip):
    folder = shutil.copytree(killed, tmp_path / "study")
    log = folder / f"{STORE_NAME}-wal"
    content = bytearray(log.read_bytes())
    _, at, bits = flip
    content[int(at * len(content)) if isinstance(at, float) else at] ^= bits
    log.write_bytes(content)
    told = ""
    try:
        with Store.read(folder) as store:
            assert store.keys() == set(KEYS)
            assert store.last_plan().id == "last"
    except GdbenchError as error:
        told = str(error)
    with Store.open(folder) as store:
        kept, notice = store.keys(), store.notice
    assert kept <= set(KEYS)
    assert not told or ("damaged" in told and notice) or "nothing is recorded" in told
    # what was lost is never lost without a word
    assert notice or kept == set(KEYS)


def test_a_torn_end_which_a_kill_leaves_is_no_damage(killed, tmp_path):
    folder = shutil.copytree(killed, tmp_path / "study")
    with (folder / f"{STORE_NAME}-wal").open("ab") as log:
        log.write(b"\0" * 1000)
    with Store.open(folder) as store:
        assert (store.keys(), store.notice) == (set(KEYS), "")
