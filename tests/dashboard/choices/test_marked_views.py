"""Marked views: what one is, and how they travel."""

import json

import pytest
from pydantic import ValidationError

from recommender.dashboard.choices.address import choices_of
from recommender.dashboard.choices.current import options_of, to_seconds
from recommender.dashboard.choices.marked_views import (
    LONGEST_NAME,
    MOST_VIEWS,
    MarkedView,
    MarkedViewsError,
    as_file,
    as_text,
    from_root,
    moved,
    read_file,
    read_text,
)
from tests.dashboard.doubles import FIRST, LAST, DoubleRecommender

VIEWS = (
    MarkedView(name="Ränge", sentence='Was "sie" sah.', address="?user=4&at=1998-04-22T23:10"),
    MarkedView(name="Ran", address="movies?user=4&movie=Ran+(1985)"),
    MarkedView(name="The clock", sentence="It turns.", address="time-travel?user=4&titles=A&titles=B&span=Month"),
)


def test_view_knows_its_page_and_what_it_asks_for() -> None:
    assert [view.page for view in VIEWS] == ["", "movies", "time-travel"]
    assert VIEWS[1].parameters == {"user": ["4"], "movie": ["Ran (1985)"]}
    assert VIEWS[2].parameters["titles"] == ["A", "B"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("http://localhost:8501/?user=4", "?user=4"),
        ("http://localhost:8501/movies?movie=Ran", "movies?movie=Ran"),
        ("https://films.example/demo/time-travel?user=4", "time-travel?user=4"),
        ("?user=4", "?user=4"),
    ],
)
def test_address_of_a_view_is_that_from_the_root_on(address: str, found: str) -> None:
    assert from_root(address) == found


@pytest.mark.parametrize("address", ["https://elsewhere.example/?user=4", "//elsewhere.example?x", "movies", "a b?c"])
def test_view_of_another_place_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        MarkedView(name="x", address=address)


def test_views_come_back_from_a_file_and_from_a_link() -> None:
    assert read_file(as_file(VIEWS)) == VIEWS
    text = as_text(VIEWS)
    assert read_text(text) == VIEWS
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_file_that_holds_none_is_refused_with_what_to_do() -> None:
    for content in (b"\xff\xfe", b"[]", b"{}", b'"text"', json.dumps({"marked_views": 3}).encode()):
        with pytest.raises(MarkedViewsError, match="'Marked views'"):
            read_file(content)


def test_view_of_a_file_that_cannot_be_shown_is_named_by_its_place() -> None:
    held = json.loads(as_file(VIEWS))
    held["marked_views"][1]["address"] = "javascript:alert(1)"
    with pytest.raises(MarkedViewsError, match="marked view 2 of this file"):
        read_file(json.dumps(held).encode())
    held["marked_views"][1] |= {"address": "?user=4", "name": "x" * (LONGEST_NAME + 1)}
    with pytest.raises(MarkedViewsError, match="marked view 2 of this file"):
        read_file(json.dumps(held).encode())
    with pytest.raises(MarkedViewsError, match="'Marked views'"):
        read_file(as_file(VIEWS * MOST_VIEWS) if len(VIEWS) * MOST_VIEWS <= MOST_VIEWS else b'{"marked_views": []}')


@pytest.mark.parametrize("text", ["", "x", "AAAA", as_text(VIEWS)[:-9], "é" * 8])
def test_link_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(MarkedViewsError, match="copy it again"):
        read_text(text)


def test_view_is_moved_and_stays_inside() -> None:
    first, second, third = VIEWS
    assert moved(VIEWS, 0, 1) == (second, first, third)
    assert moved(VIEWS, 2, -1) == (first, third, second)
    assert moved(VIEWS, 0, -1) == VIEWS
    assert moved(VIEWS, 2, 5) == VIEWS


def test_address_alone_says_what_is_chosen_and_what_cannot_be_is_as_always() -> None:
    options = options_of(DoubleRecommender())
    view = MarkedView(
        name="x",
        address="?user=4&at=1998-04-22T20:00&pin=1901-01-01T00:00&titles=Ran+(1985)&titles=None&k=3&future=true",
    )
    chosen = choices_of(view.parameters, options)
    assert (chosen.user, chosen.k, chosen.titles, chosen.pin) == ("4", 3, ("Ran (1985)",), None)
    assert chosen.hide_seen
    assert chosen.as_of_then
    assert chosen.show_future
    assert FIRST < chosen.at < LAST
    odd = choices_of({"user": ["nobody"], "at": ["soon"], "k": ["0"], "all_known": ["true"]}, options)
    assert (odd.user, odd.k, odd.at) == (options.first_user, 10, to_seconds(options.last))
    assert not odd.as_of_then
