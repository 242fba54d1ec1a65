"""The page Movies in a real browser: search with a typing error, open, click a point on the map, ask why."""

import io
import re
from typing import Any

import numpy as np
import pytest

from tests.dashboard.journeys import rest, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AMBER = (0xD9, 0x77, 0x06)


@pytest.fixture(scope="module")
def page(window: Any, address_with_ratings: str) -> Any:
    page = window.new_page()
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{address_with_ratings}/movies?user=7")
    return page


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
    page.get_by_role("heading", name="Title 8 (1990)").wait_for(state="detached")
    settled(page)
    assert np.hypot(*np.subtract(ring(page), there)) < 12  # title 5, or one that it shares its place with
    assert "user=7" in page.url
    find(page, "titel 5", "Title 5 (1990)")

    page.get_by_text("Why it stands there for this viewer").click()
    page.get_by_text("the model was asked again without it").wait_for()
    rest(page)
    assert "why=true" in page.url
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


def test_a_title_of_the_table_opens_again_and_the_dialog_says_why(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/?user=7&table=true")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    rest(page)
    for _ in range(2):
        box = page.locator('[data-testid="stDataFrame"]').first.bounding_box()
        title = (box["x"] + 90, box["y"] + 52)
        page.mouse.move(*title)
        page.wait_for_timeout(500)
        page.mouse.click(*title)
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("the model was asked again without it").wait_for()
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="detached")
        rest(page)
