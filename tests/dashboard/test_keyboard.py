"""Journeys with the keyboard alone, and what axe says of what only a journey shows."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.dashboard.journeys import rest, tabbed_to, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(open_tab: Callable[..., Any]) -> Any:
    return open_tab()


def open_dialog(page: Any, address: str) -> Any:
    """Opens the details of the first recommendation with the keyboard; gives the dialog."""
    visit(page, f"{address}/?user=7&table=true")
    page.get_by_text("Recommended on").wait_for()
    page.get_by_text(
        "ratings, mean"
    ).wait_for()  # when they arrive, the list is drawn anew, and the focus would be lost
    rest(page)
    rest(page)
    dialog = page.get_by_role("dialog")
    tabbed_to(page, page.get_by_role("combobox", name="Open a title"))  # on the way through the table nothing opens
    assert not dialog.count()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.get_by_text("the model was asked again without it").wait_for()
    rest(page)
    return dialog


def choose_title_5(page: Any, box: str) -> Any:
    """Looks it up in a search box, with a typing error, and chooses it; gives its button."""
    tabbed_to(page, page.get_by_role("textbox", name=box))
    page.keyboard.type("titel 5")
    page.keyboard.press("Enter")
    found = page.get_by_role("button", name="Title 5 (1990)")
    found.wait_for()
    rest(page)
    tabbed_to(page, found)
    page.keyboard.press("Enter")
    return found


def test_details_of_a_recommendation_open_by_the_rules_of_access_and_escape_closes_them(
    open_tab: Callable[..., Any], address_with_ratings: str
) -> None:
    page = open_tab(scheme="dark")  # on ink, where colours have the least contrast
    dialog = open_dialog(page, address_with_ratings)
    assert not violations(page)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.get_by_text("Recommended on").is_visible()


def test_title_is_searched_and_opened_on_movies(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/movies?user=7")
    page.get_by_role("heading", name="The catalogue as the model sees it").wait_for()
    rest(page)
    choose_title_5(page, "Find a title")
    page.get_by_role("heading", name="Title 5 (1990)").wait_for()
    rest(page)
    assert re.search(r"movie=Title(\+|%20)5", page.url)


def test_title_is_found_and_rated_on_you(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/you")
    page.get_by_role("heading", name="Rate three titles and the list is yours").wait_for()
    rest(page)
    choose_title_5(page, "Find a title to rate").wait_for(state="detached")
    rest(page)
    stars = page.locator('[class*="st-key-you_stars_Title-5"]')
    tabbed_to(page, stars, within=True)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile(r"^1 rating, mean ")).wait_for()


def test_card_opens_its_title_and_has_the_focus_again_after_it(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/?user=7")
    page.get_by_text("ratings, mean").wait_for()
    rest(page)
    cards = page.get_by_role("list", name="Recommended titles, best first").get_by_role("button")
    second = cards.nth(1)
    tabbed_to(page, second)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=second.inner_text())
    dialog.get_by_text("Titles like it").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    rest(page)
    assert second.evaluate("e => e === document.activeElement")


def test_every_page_is_reached_through_the_navigation(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/?user=7")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    for name, path in (("Time travel", "/time-travel"), ("Models", "/models"), ("You", "/you"), ("Recommend", "/")):
        tabbed_to(page, page.get_by_role("link", name=name, exact=True))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, path=path: url.split("?")[0].endswith(path))
        rest(page)
    assert page.get_by_text("Recommended on").is_visible()


def test_menu_is_gone_through_where_its_button_stands(page: Any, address_with_ratings: str) -> None:
    visit(page, f"{address_with_ratings}/?user=7")
    page.get_by_text("ratings, mean").wait_for()
    rest(page)
    button = page.get_by_role("button", name="Filter")
    tabbed_to(page, button)
    page.keyboard.press("Enter")
    menu = page.get_by_test_id("stPopoverBody")
    menu.get_by_text("At least so many stars").wait_for()
    rest(page)
    page.keyboard.press("Tab")
    inside = "e => e.contains(document.activeElement)"
    assert menu.evaluate(inside)
    page.keyboard.press("Shift+Tab")
    assert button.evaluate("e => e === document.activeElement")
    tabbed_to(page, page.get_by_role("button", name="Tune"))  # which stands beside it, behind the menu
    assert menu.is_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    menu.wait_for(state="detached")


def test_the_clock_turns_and_a_moment_is_pinned_with_the_keyboard_alone(
    open_tab: Callable[..., Any], address_with_ratings: str
) -> None:
    page = open_tab()
    visit(page, f"{address_with_ratings}/?user=7")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    tabbed_to(page, page.get_by_role("slider", name="Turn the clock"))
    page.keyboard.press("ArrowLeft")
    rest(page)
    assert "at=" in page.url
    tabbed_to(page, page.get_by_role("button", name="Pin this moment"))
    page.keyboard.press("Enter")
    rest(page)
    assert "pin=" in page.url


class TestAxe:
    """States that no page is in by itself; on ink, where colours have the least contrast."""

    @pytest.fixture
    def page(self, open_tab: Callable[..., Any]) -> Any:
        return open_tab(scheme="dark")

    @pytest.mark.parametrize(
        "view",
        [
            "?user=nobody&at=yesterday&k=0&titles=Nothing&step=99",
            "time-travel?span=x&all_known=y",
            "movies?movie=Nothing&colour=x&find=zzzzqqq",
        ],
    )
    def test_bad_address(self, page: Any, address_with_ratings: str, view: str) -> None:
        visit(page, f"{address_with_ratings}/{view}")
        page.locator('[data-testid="stHeading"]').first.wait_for()
        rest(page)
        assert not violations(page)

    @pytest.mark.parametrize("path", ["", "movies", "training"])  # those that show most of them
    def test_without_ratings(self, page: Any, address: str, path: str) -> None:
        visit(page, f"{address}/{path}")
        page.get_by_text(re.compile("seen titles are missing")).wait_for()
        rest(page)
        assert not violations(page)
