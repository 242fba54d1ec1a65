"""The app in a headless Chromium, for benchmarks, screenshots and journeys."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
# Without these Chromium looks up its maker's hosts at every start; no sandbox, as containers run as root.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Place, name and stars of each card of the list, which are on screen as soon as they are in the document.
CARDS = (
    "[...document.querySelectorAll('.matinee-cards :is(.line span:first-child, .name, .range b)')]"
    ".map(e => e.textContent)"
)


def chromium_path() -> str | None:
    """Where a Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser.

    Raises:
      SystemExit: if there is no Chromium on this machine.
    """
    path = chromium_path()
    if path is None:
        raise SystemExit(
            "there is no Chromium on this machine; install it, for instance with `apt-get install chromium`."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def streamlit_run(
    script: Path, port: int, environment: Mapping[str, str] | None = None, output: int | None = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """`streamlit run` of a script, ended with the block; of the flagship of MovieLens 100K unless one is named."""
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    shown = {"MATINEE_BUNDLE": str(ROOT / "model_store" / "flagship-100k")}
    process = subprocess.Popen(
        command, cwd=ROOT, env={**shown, **os.environ, **(environment or {})}, stdout=output, stderr=output
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def open_when_served(page: Page, url: str, seconds: float = 60) -> None:
    """Opens a page as soon as its server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            page.goto(url, wait_until="commit")
            return
        except Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def wait_for_recommendations(page: Page, seconds: float = 120) -> list[str]:
    """Waits until the list shows a first title with stars, and gives what its `CARDS` say."""
    page.wait_for_function(
        f"() => {{ const says = {CARDS}; return says[0] === '1' && says[1] && parseFloat(says[2]) > 0 }}",
        timeout=1e3 * seconds,
        polling="raf",
    )
    says: list[str] = page.evaluate(CARDS)
    return says
