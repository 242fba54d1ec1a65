"""What all journeys share: a browser, the app served as the README says, and patience."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
PATIENCE = 120_000  # milliseconds; machines that run tests are busy


def chromium() -> str:
    """The browser's path; a journey without one is skipped with the reason."""
    found = os.environ.get("MATINEE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("NO BROWSER: install chromium, or set MATINEE_CHROMIUM to one; the journey was not made")
    pytest.importorskip("playwright", reason="NO BROWSER: pip install playwright; the journey was not made")
    return found


@contextmanager
def served(environment: Mapping[str, str], folder: Path, script: Path | str = "streamlit_app.py") -> Iterator[str]:
    """The app, served as the README says; its address. Nothing may have failed by its end.

    Args:
      environment: what to add to the environment.
      folder: for the server's log.
      script: what is served, if not the app.
    """
    chromium()
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    with (folder / "server.log").open("w+") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_served(port)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)
        log.seek(0)
        text = log.read()
    assert "Traceback" not in text, text


def _wait_until_served(port: int) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        with socket.socket() as knock:
            if knock.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nobody listens on port {port}")


def rest(page: Any) -> None:
    """Waits until the page has drawn what was asked for."""
    page.wait_for_timeout(400)
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_timeout(400)


def listed(page: Any) -> list[str]:
    """What the table of recommendations says, cell by cell."""
    cells = page.locator('[data-testid="stDataFrame"]').first.locator("[role=gridcell]")
    cells.first.wait_for(state="attached")
    return cells.all_text_contents()


def settled(page: Any) -> None:
    page.get_by_text("Recommended on").wait_for()
    page.wait_for_selector('[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas')
    rest(page)
