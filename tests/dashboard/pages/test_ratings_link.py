"""A link to ratings: made when asked for, read with care."""

from urllib.parse import parse_qs

import pytest

from recommender.dashboard.pages.you.ratings_link import MOST, OF, RATED, query_of, read_query
from tests.dashboard.doubles import TITLES, DoubleRecommender
from tests.dashboard.pages.test_you import give, said, words

STARS = {"M*A*S*H (1970)": 4.0, "Emma (1996)": 1.0}
LINK = {OF: "ml-100k", RATED: ["3~4", "7~1"]}


def test_link_reads_back_as_the_ratings_it_was_made_of():
    recommender = DoubleRecommender()
    query = parse_qs(query_of(STARS, recommender))
    assert query == {OF: ["ml-100k"], RATED: ["3~4", "7~1"]}
    assert read_query(query[OF][0], query[RATED], recommender).stars == STARS


def test_ids_may_hold_what_parts_them_from_the_stars():
    recommender = DoubleRecommender()
    recommender.item_ids = tuple(f"a~{n}&=" for n in range(len(TITLES)))
    query = parse_qs(query_of(STARS, recommender))
    assert read_query("ml-100k", query[RATED], recommender).stars == STARS


@pytest.mark.parametrize("wrong", ["3~9", "3~0", "3~nan", "3~inf", "3~many", "", "~"])
def test_stars_outside_the_scale_are_counted_and_left_out(wrong):
    linked = read_query("ml-100k", [wrong, "7~1"], DoubleRecommender())
    assert (linked.stars, linked.n_wrong, linked.n_unknown) == ({"Emma (1996)": 1.0}, 1, 0)


def test_unknown_titles_are_counted_and_left_out():
    linked = read_query("ml-100k", ["99~5", "7~1"], DoubleRecommender())
    assert (linked.stars, linked.n_unknown) == ({"Emma (1996)": 1.0}, 1)


def test_ids_of_another_data_set_mean_nothing_here():
    assert read_query("anime", ["3~4"], DoubleRecommender()).stars == {}


def test_long_link_holds_the_newest():
    titles = tuple(f"Title {n}" for n in range(MOST + 5))
    recommender = DoubleRecommender(titles=titles)
    rated = parse_qs(query_of(dict.fromkeys(titles, 3.0), recommender))[RATED]
    assert len(rated) == MOST
    assert rated[-1] == f"{len(titles)}~3"


def test_opened_link_says_what_it_holds_and_gives_nothing_away_unasked(open_app):
    app = open_app("you", **{**LINK, RATED: [*LINK[RATED], "99~5", "3~77"]})
    assert not app.exception
    assert r"holds **2 ratings**: M\*A\*S\*H at four stars, Emma at one star." in words(app)
    assert "1 more is of a title that is not in this catalogue" in words(app)
    assert "1 more is without stars from 1-5" in words(app)
    assert said(app).stars == {}


def test_own_link_is_taken_in_and_leaves_the_address(open_app):
    app = open_app("you", **LINK)
    app.button(key="you_mine").click().run()
    assert said(app).stars == STARS
    assert set(app.query_params) <= {"user"}
    assert "you_mine" not in {button.key for button in app.button}


def test_link_of_another_data_set_says_which_and_can_be_left(open_app):
    app = open_app("you", **{**LINK, OF: "anime"})
    assert "holds ratings of titles of anime" in words(app)
    assert "you_mine" not in {button.key for button in app.button}
    app.button(key="you_leave").click().run()
    assert set(app.query_params) <= {"user"}


def test_link_is_drawn_when_something_is_rated_and_the_address_stays_clean(open_app):
    app = open_app("you")
    title = said(app).asked[0]
    give(app, title, 5)
    assert any(f"{RATED}={TITLES.index(title) + 1}~5" in code.value for code in app.code)
    assert set(app.query_params) <= {"user"}
