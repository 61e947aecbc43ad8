"""What is no regular file is refused wherever a path can be named: nothing hangs, nothing is read for ever."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from gdbench.cli.verbs.next import _write as write_offer
from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import CONFIG_BYTES
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.judgement.next_experiment import Offer
from gdbench.plugins.named_files import Unreadable, open_regular, read_regular

WHOLE = """name: small
data: {dataset: diabetes}
grid: {model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 10}}
"""


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def silent(path: Path) -> None:
    path.symlink_to("/dev/null")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def round_three(path: Path) -> None:
    names = [path.name, "second", "third", path.name]
    for name, target in pairwise(names):
        (path.parent / name).symlink_to(target)


def to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def folder(path: Path) -> None:
    path.mkdir()


def large(path: Path) -> None:
    """With nothing in it but a length."""
    with path.open("wb") as file:
        file.truncate(200 * CONFIG_BYTES)


KINDS: list[tuple[Callable[[Path], None], str]] = [
    (pipe, "this is a named pipe"),
    (endless, "this is a device"),
    (silent, "this is a device"),
    (to_itself, "this is a link that leads back to itself"),
    (round_three, "this is a link that leads back to itself"),
    (to_nothing, "there is no such file"),
    (folder, "this is a folder"),
    (large, "this file is larger than 10 MB"),
]


def as_config(path: Path) -> None:
    load_experiment(path)


def as_base(path: Path) -> None:
    above = path.parent / "above.yaml"
    above.write_text(f"extends: {path.name}\n{WHOLE}", encoding="utf-8")
    load_experiment(above)


def as_plugin(path: Path) -> None:
    above = path.parent / "above.yaml"
    above.write_text(f"plugins: [{path.name}]\n{WHOLE}", encoding="utf-8")
    load_experiment(above)


def as_runner(path: Path) -> None:
    load_profile(str(path))


PLACES = [as_config, as_base, as_plugin, as_runner]

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes or devices")


@needs_pipes
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize(("make", "said"), KINDS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_no_regular_file_is_a_sentence_that_names_it(
    make: Callable[[Path], None], said: str, place: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "strange.yaml"
    make(path)
    with pytest.raises(GdbenchError, match=said) as told:
        place(path)
    assert "strange.yaml" in str(told.value)
    assert "\n" not in str(told.value)
    if place in (as_base, as_plugin):
        assert str(told.value).startswith(str(tmp_path / "above.yaml:1:"))


@pytest.mark.parametrize(
    ("key", "said"),
    [("extends: ", "there is no such file"), ("plugins: ", "must be a name as text .*no control characters")],
)
def test_a_name_with_a_nul_is_a_sentence(key: str, said: str, tmp_path: Path) -> None:
    above = tmp_path / "above.yaml"
    above.write_text(f'{key}"a\\0b"\n{WHOLE}', encoding="utf-8")
    with pytest.raises(GdbenchError, match=rf"above.yaml:1:\d+: .*{said}"):
        load_experiment(above)


def test_a_base_reached_by_a_link_is_the_same_base(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(f"extends: two.yaml\n{WHOLE}", encoding="utf-8")
    (tmp_path / "two.yaml").symlink_to("one.yaml")
    with pytest.raises(GdbenchError, match="goes round in a circle"):
        load_experiment(tmp_path / "one.yaml")


@pytest.fixture
def unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)  # such an address has at most a hundred characters
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("strange")
        yield tmp_path / "strange"


@needs_pipes
def test_a_socket_is_no_file(unix_socket: Path) -> None:
    with pytest.raises(Unreadable, match="this is a socket"):
        open_regular(unix_socket, 10)


def test_a_file_that_grew_is_not_read_beyond_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x" * 100)
    with open_regular(path, 100) as file:
        assert len(file.read()) == 100
    assert read_regular(path, 100) == b"x" * 100
    with pytest.raises(Unreadable, match="larger than 99 bytes") as told:
        read_regular(path, 99)
    assert told.value.kind == "large"


@needs_pipes
def test_the_next_experiment_is_not_written_over_what_may_never_end(tmp_path: Path) -> None:
    path = tmp_path / "next.yaml"
    pipe(path)
    with pytest.raises(GdbenchError, match=r"next.yaml: this is a named pipe"):
        write_offer(path, Offer("small", "next", "", SimpleNamespace(), "name: next\n", tmp_path), force=False)
