"""A journey through several servers behind one address, one of which is killed under way."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from recommender.replicas.sticking import COOKIE
from tests.dashboard.journeys import LOG, ROOT, choose_viewer, listed, rest, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_PATIENCE_SECONDS = 120


class Front:
    """The process in front of the servers, what it says, and the servers themselves."""

    def __init__(self, process: subprocess.Popen[str], log: Path, port: int) -> None:
        self._process, self._log, self.address = process, log, f"http://localhost:{port}"

    def wait_until_said(self, text: str, times: int) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._log.read_text().count(text) < times:
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def kill(self, number: int) -> None:
        for server in psutil.Process(self._process.pid).children():
            if server.environ().get("MATINEE_REPLICA") == str(number):
                server.kill()


@pytest.fixture
def front(checkerboard_bundle: Path, tmp_path: Path) -> Iterator[Front]:
    port, log = _free_port(), tmp_path / LOG
    command = [sys.executable, "-m", "recommender", "serve", "--replicas", "2", "--port", str(port)]
    environment = {**os.environ, "MATINEE_BUNDLE": str(checkerboard_bundle), "MATINEE_CACHE": str(tmp_path / "cache")}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        found = Front(process, log, port)
        try:
            found.wait_until_said("is ready", 2)
            yield found
        finally:
            process.terminate()
            process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def replica_of(page: Any) -> int:
    return next(int(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] == COOKIE)


def test_viewer_goes_on_where_they_were_when_their_server_is_killed(open_tab: Callable[..., Any], front: Front) -> None:
    page = open_tab()
    page.goto(f"{front.address}/?table=true")
    settled(page)
    choose_viewer(page, "7")
    page.get_by_role("slider").press("ArrowLeft")
    rest(page)
    before, where, number = listed(page), page.url, replica_of(page)
    assert "user=7" in where

    front.kill(number)
    page.locator('[data-test-connection-state]:not([data-test-connection-state="CONNECTED"])').wait_for()
    front.wait_until_said("is started again", 1)
    page.locator('[data-test-connection-state="CONNECTED"]').wait_for(timeout=1e3 * _PATIENCE_SECONDS)
    assert replica_of(page) != number
    settled(page)
    assert (page.url, listed(page)) == (where, before)

    choose_viewer(page, "8")
    assert "user=8" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Download csv").click()
    assert Path(download.value.path()).read_text("utf-8-sig").startswith("Place in the list,")

    page.goto(f"{front.address}/you?table=true")
    page.get_by_text("Bring your ratings").click()
    rest(page)
    content = b"title,year,stars,scale\n" + b"Nowhere,1990,4,0.5-5:0.5\n"
    page.locator("input[type=file]").set_input_files(
        [{"name": "ratings.csv", "mimeType": "text/csv", "buffer": content}]
    )
    page.get_by_text(re.compile("1 rating, (0|none)")).wait_for()
    front.wait_until_said("is ready", 3)
