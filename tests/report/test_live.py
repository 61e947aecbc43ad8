"""The page while a sweep runs: made anew when results have come and not more often, for this machine alone."""

import http.client
import itertools
import os
import re
import signal
import subprocess
from threading import Thread

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME
from gdbench.report.live import REST, LivePage, serving
from tests.cli.shell import command, environment


class Clock:
    """Making a page takes a second on it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def make(self, version):
        self.now += 1.0
        return f"page {version}"


def recorded(folder, results):
    (folder / STORE_NAME).write_bytes(b"x" * results)


def test_a_page_is_made_again_when_results_came_and_its_own_time_has_passed_four_times(tmp_path):
    clock = Clock()
    page = LivePage(tmp_path, clock.make, clock)
    recorded(tmp_path, 1)
    assert page.fresh() == page.fresh() == (1, "page 1")
    clock.now += 100.0
    (tmp_path / f"{STORE_NAME}-wal").touch()
    assert page.fresh() == (1, "page 1"), "nothing has come, but that a reader has made the store's log"
    recorded(tmp_path, 2)
    assert page.fresh() == (2, "page 2")
    recorded(tmp_path, 3)
    clock.now += REST - 0.5
    assert page.fresh() == (2, "page 2")
    clock.now += 1.0
    assert page.fresh() == (3, "page 3")
    (tmp_path / f"{STORE_NAME}-wal").write_bytes(b"a result that is in the log alone")
    clock.now += REST
    assert page.fresh() == (4, "page 4")


def test_a_page_that_cannot_be_made_is_told_and_the_one_before_stays(tmp_path):
    def make(version):
        if version > 1:
            raise GdbenchError("the store is damaged")
        return "page"

    told, clock = [], itertools.count().__next__
    page = LivePage(tmp_path, make, clock, told.append)
    assert page.fresh() == (1, "page")
    for results in (1, 2):
        recorded(tmp_path, results)
        for _ in range(20):
            assert page.fresh() == (1, "page")
    assert told == ["the store is damaged"] * 2
    with pytest.raises(GdbenchError):
        LivePage(tmp_path, lambda _: make(2)).fresh()


def ask(server, path, host=None, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def test_only_a_browser_of_this_machine_gets_the_page_and_nothing_but_the_page(tmp_path):
    with serving(LivePage(tmp_path, lambda version: f"page {version}")) as server:
        assert server.server_address[0] == "127.0.0.1"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        status, text, headers = ask(server, "/")
        assert (status, text) == (200, "page 1")
        assert (headers["Cache-Control"], headers["X-Frame-Options"]) == ("no-store", "DENY")
        assert ask(server, "/version", f"localhost:{server.server_port}")[:2] == (200, "1")
        for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", f"127.0.0.1:{1}"):
            assert ask(server, "/", host)[0] == 403
        assert ask(server, "/../store.sqlite")[0] == 404
        assert ask(server, "/", method="POST")[0] == 501
        server.shutdown()
        thread.join()


def test_the_command_prints_its_address_and_ends_with_ctrl_c(folder):
    words = command("report", folder, "--watch", "--no-plugins")
    with subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        try:
            port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\n", line)[1])
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/")
            page = connection.getresponse().read().decode()
        finally:
            os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stderr.read()
    assert 'data-version="1"' in page
    assert "connect-src 'self'" in page
