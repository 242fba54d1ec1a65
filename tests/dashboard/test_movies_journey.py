"""The page Movies in a real browser: search with a typing error, open, click a point on the map, ask why."""

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.browser import free_port
from tests.dashboard.test_journey import ARGUMENTS, PATIENCE, ROOT, chromium, rest

pytestmark = pytest.mark.browser

AMBER = (0xD9, 0x77, 0x06)


@pytest.fixture(scope="module")
def address(
    export_checkerboard: Callable[..., Path], checkerboard_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The app with a bundle that knows where its ratings lie."""
    chromium()
    port = free_port()
    env = {
        **os.environ,
        "MATINEE_BUNDLE": str(export_checkerboard(source=checkerboard_folder)),
        "MATINEE_CACHE": str(tmp_path_factory.mktemp("cache")),
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
def page(address: str) -> Iterator[Any]:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = chrome.new_context(viewport={"width": 1280, "height": 1400}).new_page()
        page.set_default_timeout(PATIENCE)
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            try:
                page.goto(f"{address}/movies?user=7")
                break
            except Error:
                time.sleep(0.2)
        yield page
        chrome.close()


def settled(page: Any) -> None:
    page.locator('[data-testid="stVegaLiteChart"] canvas').first.wait_for()
    rest(page)
    rest(page)


def ring(page: Any) -> tuple[float, float]:
    """Where the ring of the opened title is on the page: the middle of what is amber on the map."""
    from PIL import Image

    box = page.locator('[data-testid="stVegaLiteChart"] canvas').first.bounding_box()
    shot = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    rows, columns = np.nonzero((np.abs(np.asarray(shot).astype(int) - AMBER) < 12).all(axis=2))
    assert len(rows), "nothing on the map is ringed"
    return box["x"] + (columns.min() + columns.max()) / 2, box["y"] + (rows.min() + rows.max()) / 2


def find(page: Any, typed: str, title: str) -> None:
    field = page.get_by_role("textbox", name="Find a title")
    field.fill(typed)
    field.press("Enter")
    rest(page)
    page.get_by_role("button", name=title).click()
    rest(page)
    page.get_by_role("heading", name=title).wait_for()
    settled(page)


def test_journey(page: Any) -> None:
    settled(page)
    find(page, "titel 5", "Title 5 (1990)")
    assert re.search(r"movie=Title(\+|%20)5", page.url)
    there = ring(page)

    find(page, "title 8", "Title 8 (1990)")
    elsewhere = ring(page)
    assert np.hypot(there[0] - elsewhere[0], there[1] - elsewhere[1]) > 10

    page.mouse.move(*there)
    page.wait_for_timeout(300)
    page.mouse.click(*there)
    rest(page)
    page.get_by_role("heading", name="Title 5 (1990)").wait_for()
    assert re.search(r"movie=Title(\+|%20)5", page.url)
    assert "user=7" in page.url

    assert page.get_by_text("the model was asked again without it").is_visible()
    page.get_by_role("radio", name="Stars").or_(page.get_by_role("button", name="Stars", exact=True)).first.click()
    rest(page)
    page.get_by_text("How much the stars fall when that one title is taken out").wait_for()

    page.get_by_role("button", name="Follow").click()
    rest(page)
    assert re.search(r"titles=Title(\+|%20)5", page.url)
    shared = page.url

    page.get_by_role("link", name="Recommend").click()
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    assert re.search(r"titles=Title(\+|%20)5", page.url)
    page.get_by_role("link", name="Movies").click()
    settled(page)
    page.get_by_role("heading", name="Title 5 (1990)").wait_for()

    page.goto(shared)
    settled(page)
    page.get_by_role("heading", name="Title 5 (1990)").wait_for()


def test_a_cell_of_the_list_opens_again_and_the_dialog_says_why(page: Any, address: str) -> None:
    page.goto(f"{address}/?user=7")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    rest(page)
    for _ in range(2):
        box = page.locator('[data-testid="stDataFrame"]').first.bounding_box()
        cell = (box["x"] + 0.6 * box["width"], box["y"] + 52)
        page.mouse.move(*cell)
        page.wait_for_timeout(500)
        page.mouse.click(*cell)
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("the model was asked again without it").wait_for()
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="detached")
        rest(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_over_the_edge(page: Any, address: str, scheme: str, width: int) -> None:
    other = page.context.browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(f"{address}/movies?user=7")
    settled(other)
    screenshots = os.environ.get("MATINEE_SCREENSHOTS")
    if screenshots:
        Path(screenshots).mkdir(parents=True, exist_ok=True)
        other.screenshot(path=Path(screenshots) / f"movies-{width}-{scheme}.png")
    assert other.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    main = other.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert other.locator('[data-testid="stException"]').count() == 0
    other.context.close()
