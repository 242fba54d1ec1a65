"""One journey through the page You: the server, a bundle trained for a moment, and a browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.journeys import rest, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXPORT = """Date,Name,Year,Letterboxd URI,Rating
2024-01-01,Title 3,1990,https://boxd.it/1,4.5
2024-01-02,"Title 4, The",1990,https://boxd.it/2,0.5
2024-01-03,Something Else,1990,https://boxd.it/3,5
"""

KEPT = "() => Object.entries(localStorage).filter(([name]) => name.startsWith('Matinee')).map(([, text]) => text)"


@pytest.fixture
def page(open_tab: Callable[..., Any]) -> Any:
    return open_tab()


def arrive(page: Any, address: str) -> None:
    visit(page, f"{address}/you?table=true")
    page.get_by_role("heading", name="Rate three titles and the list is yours").wait_for()
    rest(page)


def cells(page: Any, alt: str) -> list[str]:
    """What the table with this accessible name says, cell by cell."""
    named = page.locator(f'[aria-label*="{alt}"]')
    grid = page.locator('[data-testid="stElementContainer"]').filter(has=named).locator("[role=gridcell]")
    grid.first.wait_for(state="attached")
    found: list[str] = grid.all_text_contents()
    return found


def test_visitor_rates_and_the_list_follows_each_click(page: Any, address: str) -> None:
    arrive(page, address)
    before = cells(page, "Recommended for you")
    stars = page.locator('[data-testid="stFeedback"]')
    assert stars.count() == 6
    stars.nth(0).locator("button").nth(4).click()
    page.get_by_role("heading", name=re.compile("Recommended for you")).wait_for()
    rest(page)
    assert cells(page, "Recommended for you") != before
    assert page.get_by_text("1 rating, mean 5.0").count() == 1
    page.get_by_text(re.compile("at five stars (brought in|lifted|pushed|changes)")).wait_for()
    assert page.url == f"{address}/you?table=true&user=1"  # what is said is not in the address

    asked = page.locator('[class*="st-key-you_stars_"]').first.get_attribute("class")
    page.get_by_role("button", name="Show me others").click()
    rest(page)
    assert page.locator('[class*="st-key-you_stars_"]').first.get_attribute("class") != asked

    with page.expect_download() as download:
        page.get_by_role("button", name="Download your ratings").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "title,year,stars,scale"
    assert lines[1].endswith(",5.0,1-5:1")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download csv").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].endswith(",Title id,Model,Viewer,Moment (UTC)")
    assert len(lines) == 11

    page.get_by_role("link", name="Training").click()
    page.get_by_role("heading", name="Learning curves").wait_for()
    page.get_by_role("link", name="You", exact=True).click()
    page.get_by_text("1 rating, mean 5.0").wait_for()
    rest(page)

    page.get_by_role("button", name="Clear").click()
    page.get_by_role("heading", name="Rate three titles and the list is yours").wait_for()


def test_visitor_brings_ratings_along_and_sees_what_they_matched(page: Any, address: str) -> None:
    arrive(page, address)
    page.get_by_text("Bring your ratings").click()
    rest(page)
    upload = page.locator("input[type=file]")
    upload.set_input_files(
        [{"name": "ratings.csv", "mimeType": "text/csv", "buffer": EXPORT.replace("5\n", "9\n").encode()}]
    )
    page.get_by_text("is no rating from 0.5 to 5").wait_for()
    page.locator('[data-testid="stFileUploader"] button[aria-label^="Remove"]').click()
    rest(page)
    page.locator("input[type=file]").set_input_files(
        [{"name": "ratings.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()}]
    )
    page.get_by_text("3 ratings, 2 found in this catalogue").wait_for()
    rest(page)
    assert any("Something Else" in cell for cell in cells(page, "not in this catalogue"))
    page.set_viewport_size({"width": 390, "height": 700})  # a phone, where the list is far below
    rest(page)
    page.get_by_role("button", name="Use 2 ratings").click()
    heading = page.get_by_role("heading", name=re.compile("Recommended for you"))
    heading.wait_for()
    page.wait_for_function("e => e.getBoundingClientRect().bottom < innerHeight / 2", arg=heading.element_handle())
    page.get_by_text("2 ratings, mean 2.8").wait_for()  # 4.5, and 0.5 that counts as 1
    rest(page)
    assert page.get_by_text("3 ratings, 2 found in this catalogue").count() == 0
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("heading", name="Rate three titles and the list is yours").wait_for()
    rest(page)


def test_ratings_outlive_a_reload_once_the_visitor_wants_it(page: Any, address: str) -> None:
    arrive(page, address)
    page.locator('[data-testid="stFeedback"]').nth(0).locator("button").nth(4).click()
    switch = page.get_by_text("Remember my ratings in this browser")
    switch.wait_for()
    rest(page)
    assert page.evaluate(KEPT) == []
    switch.click()
    page.wait_for_function(f"() => ({KEPT})().length === 1")
    assert page.evaluate(KEPT)[0].splitlines()[0] == "title,year,stars,scale"

    page.reload()
    page.get_by_text("1 rating, mean 5.0").wait_for()
    rest(page)
    switch.click()
    page.wait_for_function(f"() => ({KEPT})().length === 0")
    page.reload()
    page.get_by_role("heading", name="Rate three titles and the list is yours").wait_for()
