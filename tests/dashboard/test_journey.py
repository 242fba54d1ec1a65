"""One journey through the real thing: the server, the bundle and a browser."""

import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.journeys import choose_viewer, listed, rest, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_journey(page: Any, address: str, tmp_path: Path) -> None:
    settled(page)
    with urllib.request.urlopen(f"{address}/ready") as answer:
        assert answer.status == 200
    before = listed(page)
    assert any(re.match(r"Title \d+", cell) for cell in before)

    choose_viewer(page, "7")
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
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert table.startswith("Place in the list,Title,Year,")
    assert len(table.splitlines()) == 11

    grid = page.locator('[data-testid="stDataFrame"]').first
    box = grid.bounding_box()
    row = (box["x"] + 90, box["y"] + 52)  # the first title
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


def test_missing_ratings_are_one_line(page: Any) -> None:
    settled(page)
    assert page.get_by_text("the ratings are not on this machine").count() <= 1
    assert page.get_by_text("Comes with the ratings.").count() == 1
