"""What all journeys share: a browser, the app served as the README says, and patience."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
INSIDE_CHARTS = "svg.marks > *"  # hundreds of marks, at which axe looks longest; of their texts a test of its own
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
LOG = "server.log"
PATIENCE = 120_000  # milliseconds; machines that run tests are busy
# Resolves once ten looks in a row, 50 ms apart, found no script running, no skeleton of what is to come, no change:
# looks and not milliseconds, as a busy page looks less often.
AT_REST = """patience => new Promise((resolve, reject) => {
  let changed = false, looks = 0;
  const watch = new MutationObserver(() => { changed = true; });
  watch.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
  const ends = performance.now() + patience;
  const look = setInterval(() => {
    const drawn = document.querySelector('[data-test-script-state="notRunning"]')
      && !document.querySelector('[data-testid=stSkeleton]');
    looks = drawn && !changed ? looks + 1 : 0;
    changed = false;
    const late = performance.now() > ends;
    if (looks < 10 && !late) return;
    clearInterval(look);
    watch.disconnect();
    if (late) reject(new Error("the page never came to rest"));
    else resolve();
  }, 50);
})"""

# Counts what the server sends; run in a tab before anything else.
COUNT_ANSWERS = """
window.answers = 0;
window.WebSocket = class extends WebSocket {
  constructor(...parts) {
    super(...parts);
    this.addEventListener('message', () => { window.answers += 1; });
  }
};
"""
# Goes to an address as Back and Forward do, and resolves once the server has begun to answer.
GO = """address => new Promise((resolve, reject) => {
  const before = window.answers;
  const ends = performance.now() + 60_000;
  const look = setInterval(() => {
    const late = performance.now() > ends;
    if (window.answers === before && !late) return;
    clearInterval(look);
    if (late) reject(new Error("no answer for " + address));
    else resolve();
  }, 20);
  history.pushState({}, '', address);
  window.dispatchEvent(new PopStateEvent('popstate', {state: {}}));
})"""


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
    server, port = _start(environment, folder, script)
    try:
        _wait_until_served(port)
        yield f"http://localhost:{port}"
    finally:
        _end(server, folder)


@contextmanager
def served_to_all(environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """As `served`, for all processes of a run of tests at once: the first starts the server, the last ends it.

    Args:
      environment: what to add to the environment.
      folder: for the server's log; the same in all processes.
    """
    folder.mkdir(exist_ok=True)
    known = folder / "server.json"
    lock = FileLock(folder / "lock")
    with lock:
        facts = json.loads(known.read_text()) if known.exists() else {}
        if not facts:
            server, port = _start(environment, folder, "streamlit_app.py")
            facts = {"id": server.pid, "port": port, "users": 0}
        known.write_text(json.dumps({**facts, "users": facts["users"] + 1}))
    port = facts["port"]
    try:
        _wait_until_served(port)
        yield f"http://localhost:{port}"
    finally:
        with lock:
            facts = json.loads(known.read_text())
            facts["users"] -= 1
            known.write_text(json.dumps(facts))
            if not facts["users"]:
                known.unlink()
                _end(psutil.Process(facts["id"]), folder)


def _start(environment: Mapping[str, str], folder: Path, script: Path | str) -> tuple[psutil.Popen, int]:
    """Starts a server; the process and its port."""
    chromium()
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    with (folder / LOG).open("w") as log:
        server = psutil.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT
        )
    return server, port


def _end(server: psutil.Process, folder: Path) -> None:
    """Ends a server, which may be another process's child, and looks whether anything failed meanwhile."""
    server.terminate()
    deadline = time.monotonic() + 30
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the server does not end"
        time.sleep(0.1)
    text = (folder / LOG).read_text()
    assert "Traceback" not in text, text


def _wait_until_served(port: int) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        with socket.socket() as knock:
            if knock.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nobody listens on port {port}")


def visit(page: Any, address: str) -> None:
    """Goes to an address of the app and waits until it is drawn.

    A tab that has this app open goes there as Back and Forward do: to load and compile the app anew takes three
    seconds of a processor. Every module's first visit loads it.
    """
    if page.url.startswith("http") and urlsplit(page.url)[:2] == urlsplit(address)[:2]:
        page.evaluate(GO, address)
    else:
        page.goto(address)
    page.locator('[data-testid="stHeading"]').first.wait_for()
    rest(page)


def rest(page: Any) -> None:
    """Waits until the page has drawn what was asked for."""
    page.evaluate(AT_REST, PATIENCE)


def listed(page: Any) -> list[str]:
    """What the table of recommendations says, cell by cell."""
    cells = page.locator('[data-testid="stDataFrame"]').first.locator("[role=gridcell]")
    cells.first.wait_for(state="attached")
    return cells.all_text_contents()


def settled(page: Any) -> None:
    page.get_by_text("Recommended on").wait_for()
    page.wait_for_selector('[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas')
    rest(page)


def choose_viewer(page: Any, name: str) -> None:
    """Chooses a viewer in the menu of the bar, which it opens and closes."""
    menu = page.locator(".st-key-who_and_when summary")
    menu.click()
    pick(page, "Viewer", name)
    menu.click()
    rest(page)


def pick(page: Any, label: str, name: str) -> None:
    """Types into a select box and takes what it offers, as a hand does.

    A page that is drawn anew just then closes the list: a hand opens it again.
    """
    box = page.get_by_role("combobox", name=label)
    option = page.locator('[data-testid="stSelectboxVirtualDropdown"]').get_by_text(name, exact=True)
    deadline = time.monotonic() + PATIENCE / 1000
    while not option.is_visible():
        assert time.monotonic() < deadline, f"{label} never offered {name}"
        box.press("Escape")
        box.click()
        box.fill(name)
        page.wait_for_timeout(500)
    option.click()
    rest(page)


def _on_its_own_tint(node: dict[str, Any]) -> bool:
    """The one exception, on ink: the text of what is chosen among pills or segments, 4.2 to 1 instead of 4.5.

    Streamlit writes white on the accent in tags, and the accent on a tint of its own in pills: no colour reads at 4.5
    in both on any dark ground.
    """
    data = [check["data"] for check in node["any"] if check["id"] == "color-contrast"]
    return bool(data) and data[0]["fgColor"] == THEME["dark"]["primaryColor"] and data[0]["contrastRatio"] >= 4.2


def violations(page: Any) -> list[tuple[str, str, list[str]]]:
    """What axe finds on a page: the rule, the element and what is wrong with it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NO AXE: it is in requirements-dev.txt")
    if page.evaluate("typeof axe === 'undefined'"):  # a tab that goes from page to page keeps it
        page.evaluate(axe.Axe().axe_script)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}  # what passed is not described: half of the time
    found = page.evaluate("([where, options]) => axe.run(where, options)", [{"exclude": [INSIDE_CHARTS]}, options])
    return [
        (rule["id"], node["html"][:200], [check["message"] for check in node["any"] + node["all"] + node["none"]])
        for rule in found["violations"]
        for node in rule["nodes"]
        if not _on_its_own_tint(node)
    ]


def tabbed_to(page: Any, wanted: Any, *, within: bool = False) -> None:
    """Presses Tab until an element, or something within it, has the focus; as often as a page has places to stop."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate(
            "(e, inside) => e === document.activeElement || inside && e.contains(document.activeElement)",
            within,
        ):
            return
    raise AssertionError(f"{wanted} cannot be reached with Tab")
