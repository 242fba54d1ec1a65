"""One journey through the real thing: the server, the bundle and a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

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


@pytest.fixture(scope="module")
def address(
    checkerboard_bundle: Path, checkerboard_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The app, served as the README says; its ratings cannot be fetched."""
    chromium()
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "MATINEE_BUNDLE": str(checkerboard_bundle),
        "MATINEE_CACHE": str(tmp_path_factory.mktemp("cache")),
        "MATINEE_ML100K": str(tmp_path_factory.mktemp("nothing") / "missing.zip"),
    }
    log = (tmp_path_factory.mktemp("log") / "server.log").open("w+")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    yield f"http://localhost:{port}"
    server.terminate()
    server.wait(timeout=30)
    log.seek(0)
    text = log.read()
    assert "Traceback" not in text, text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chrome
        chrome.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, timezone_id="America/New_York")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        try:
            page.goto(address)
            break
        except Exception:
            time.sleep(0.2)
    yield page
    context.close()


def rest(page: Any) -> None:
    """Waits until the page has drawn what was asked for."""
    page.wait_for_timeout(400)
    page.wait_for_selector('[data-test-script-state="notRunning"]')
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


def test_journey(page: Any, address: str, tmp_path: Path) -> None:
    settled(page)
    with urllib.request.urlopen(f"{address}/ready") as answer:
        assert answer.status == 200
    before = listed(page)
    assert any(re.match(r"Title \d+", cell) for cell in before)

    viewer = page.get_by_role("combobox", name="Viewer")
    viewer.click()
    viewer.fill("7")
    page.locator('[data-testid="stSelectboxVirtualDropdown"]').get_by_text("7", exact=True).click()
    rest(page)
    assert "user=7" in page.url
    assert listed(page) != before

    page.get_by_role("button", name="Pin this moment").click()
    rest(page)
    pinned = re.search(r"pin=([^&]+)", page.url)
    assert pinned is not None

    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowLeft")
    rest(page)
    assert f"pin={pinned[1]}" in page.url
    assert "user=7" in page.url
    assert "at=" in page.url
    shared = page.url

    with page.expect_download() as download:
        page.get_by_role("button", name="Download csv").click()
    table = Path(download.value.path()).read_text()
    assert table.startswith("model,viewer,moment_utc,pinned_utc,rank,")
    assert len(table.splitlines()) == 11

    grid = page.locator('[data-testid="stDataFrame"]').first
    box = grid.bounding_box()
    row = (box["x"] + 0.6 * box["width"], box["y"] + 52)  # anywhere in the first row
    page.mouse.move(*row)  # as a hand does; the table takes no click from a pointer it has not seen
    page.wait_for_timeout(500)
    page.mouse.click(*row)
    page.get_by_role("dialog").get_by_text("Titles like it").wait_for()
    page.get_by_role("button", name="Follow this title").click()
    page.get_by_role("dialog").wait_for(state="detached")
    rest(page)
    assert "titles=Title" in page.url

    page.get_by_role("link", name="Training").click()
    page.get_by_role("heading", name="Learning curves").wait_for()
    rest(page)
    assert "titles=Title" in page.url
    assert f"pin={pinned[1]}" in page.url
    assert page.locator('[data-testid="stVegaLiteChart"]').count() >= 4

    page.get_by_role("link", name="Recommend").click()
    settled(page)
    assert "titles=Title" in page.url

    page.goto(shared)
    settled(page)
    assert page.get_by_role("button", name=re.compile("Unpin")).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["", "training"])
def test_nothing_runs_over_the_edge(browser: Any, page: Any, address: str, scheme: str, width: int, path: str) -> None:
    settled(page)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    other = context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(f"{address}/{path}")
    other.wait_for_selector('[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas')
    rest(other)
    screenshots = os.environ.get("MATINEE_SCREENSHOTS")
    if screenshots:
        Path(screenshots).mkdir(parents=True, exist_ok=True)
        other.screenshot(path=Path(screenshots) / f"{path or 'recommend'}-{width}-{scheme}.png")
    assert other.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    main = other.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert other.locator('[data-testid="stException"]').count() == 0
    context.close()


def test_missing_ratings_are_one_line(page: Any) -> None:
    settled(page)
    assert page.get_by_text("the ratings are not on this machine").count() <= 1
    assert page.get_by_text("Comes with the ratings.").count() == 1
