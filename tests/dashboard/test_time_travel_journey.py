"""Time travel in a real browser: what follows the pointer asks nothing of the server."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.dashboard.journeys import rest, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNT_MESSAGES = """
window.sent = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (...parts) { window.sent += 1; return send.apply(this, parts); };
"""
PICTURE = '[data-testid="stVegaLiteChart"] svg'


@pytest.fixture
def page(open_tab: Callable[..., Any], address: str) -> Any:
    page = open_tab(height=1400)
    page.add_init_script(COUNT_MESSAGES)
    visit(page, f"{address}/time-travel?at=1998-01-05T00:00")
    page.wait_for_selector(f"{PICTURE} .mark-line", state="attached")
    rest(page)
    return page


def texts(page: Any) -> list[str]:
    """All the picture says, in the order it was drawn."""
    return page.locator(PICTURE).first.locator("text").all_text_contents()


def moment_shown(page: Any) -> str:
    return next(text for text in texts(page) if text.endswith("UTC") or text.endswith("guess"))


def over(page: Any, share: float) -> tuple[float, float]:
    box = page.locator(PICTURE).first.bounding_box()
    return box["x"] + 30 + share * (box["width"] * 0.7 - 50), box["y"] + 150


def test_everything_follows_the_pointer_and_nothing_is_asked_of_the_server(page: Any) -> None:
    page.evaluate("document.querySelector('[data-testid=stVegaLiteChart]').scrollIntoView()")
    page.wait_for_timeout(1_000)
    at_rest, sent = texts(page), page.evaluate("window.sent")
    seen = set()
    for step in range(20):
        page.mouse.move(*over(page, 0.1 + 0.04 * step))
        page.wait_for_timeout(60)
        seen.add(moment_shown(page))
    assert len(seen) > 10
    assert texts(page) != at_rest
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    assert texts(page) == at_rest  # back at the bar's clock
    assert page.evaluate("window.sent") == sent


def test_slider_turns_it_by_keyboard_and_asks_nothing_either(page: Any) -> None:
    at_rest, sent = moment_shown(page), page.evaluate("window.sent")
    slider = page.locator(".vega-bind input[type=range]")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowLeft")
    page.wait_for_timeout(300)
    assert moment_shown(page) != at_rest
    assert page.evaluate("window.sent") == sent


def test_click_sets_the_clock_of_the_bar(page: Any) -> None:
    sent = page.evaluate("window.sent")
    page.mouse.move(*over(page, 0.3))
    page.wait_for_timeout(300)
    chosen = moment_shown(page)
    page.mouse.click(*over(page, 0.3))
    page.wait_for_function(
        "() => document.location.search.includes('at=1997') || document.location.search.includes('at=1998-0')"
    )
    rest(page)
    assert page.evaluate("window.sent") > sent
    hour = re.search(r"(\d\d:\d\d) UTC", chosen)
    assert hour is not None
    page.wait_for_function("minute => decodeURIComponent(document.location.search).includes(minute)", arg=hour[1])
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    assert moment_shown(page) == chosen  # whatever the slider below the picture was turned by before


def test_play_goes_through_a_life_a_rating_at_a_time(open_tab: Callable[..., Any], address_with_ratings: str) -> None:
    page = open_tab(height=1400)
    visit(page, f"{address_with_ratings}/time-travel?user=7")
    page.get_by_role("button", name="Rating before").wait_for()
    rest(page)
    for _ in range(3):
        page.get_by_role("button", name="Rating before").click()
        rest(page)
    began = page.url
    assert "at=" in began
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("was => location.href !== was", arg=began)
    second = page.url
    page.wait_for_function("was => location.href !== was", arg=second)
    page.get_by_role("button", name="Play").wait_for()  # the last rating is reached, and it has stopped
    rest(page)
    assert page.get_by_role("button", name="Rating after").is_disabled()
    assert page.locator('[data-testid="stException"]').count() == 0
