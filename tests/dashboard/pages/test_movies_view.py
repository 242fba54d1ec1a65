"""What the page Movies shows, worked out without a page."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.bundle.dials import Dials
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.choices.filters import Filters
from recommender.dashboard.pages.movies.view import MoviesView, OwnChoices, movies_view
from recommender.dashboard.pages.recommend.view import recommend_view
from tests.dashboard.doubles import LAST, REFERENCE, TITLES, DoubleRecommender, small_ratings, timeless_ratings

CHOSEN = Choices("3", LAST, None, (), 10, True)
OWN = OwnChoices("Fargo (1996)", 2, ("Emma (1996)", "Fargo (1996)"), "genre")


@pytest.fixture
def joined() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


@pytest.fixture
def view(joined: DoubleRecommender) -> MoviesView:
    return movies_view(joined, CHOSEN, OWN)


def test_title_stands_where_the_list_has_it(joined, view) -> None:
    """Seen titles take no place in either, and whatever turns or narrows the list does so here."""
    catalogue = joined.retrieve("3", LAST, len(TITLES), include_seen=True).set_index("title")
    for chosen in (CHOSEN, replace(CHOSEN, filters=Filters(aside=("Alien (1979)",)), dials=Dials(personal=-1.0))):
        listed = recommend_view(joined, replace(chosen, k=len(TITLES))).listed
        for row in listed.itertuples():
            stands = movies_view(joined, chosen, OWN._replace(title=row.title)).stands
            assert (stands.place, stands.found, stands.total) == (row.place, row.found, len(listed))
    assert view.score == catalogue["score"]["Fargo (1996)"]
    assert view.stars == catalogue["stars"]["Fargo (1996)"]
    assert (view.item_id, view.called, view.n_titles) == ("4", "Fargo (1996)", 12)


def test_title_that_is_left_out_of_the_list_has_no_place(joined) -> None:
    seen = joined.rated("3")["title"].iloc[0]
    assert movies_view(joined, CHOSEN, OWN._replace(title=seen)).stands[:2] == (None, None)
    assert movies_view(joined, CHOSEN, OWN._replace(title=seen)).stands.left_out == "seen"
    aside = replace(CHOSEN, filters=Filters(aside=("Fargo (1996)",)))
    assert movies_view(joined, aside, OWN).stands.left_out == "left out by the filters"


def test_one_call_of_the_model_works_the_page_out(joined) -> None:
    movies_view(joined, CHOSEN, OWN)
    movies_view(joined, CHOSEN, OWN._replace(title="Emma (1996)"))
    assert joined.calls == ["retrieve"]


def test_first_unseen_title_is_open_until_one_is_opened(joined) -> None:
    view = movies_view(joined, CHOSEN, OWN._replace(title=None))
    assert view.title == joined.retrieve("3", LAST, 1)["title"][0]
    everything = joined.ratings.interactions.iloc[[0] * len(TITLES)].assign(user_id="3", item_id=joined.item_ids)
    full = joined.with_ratings(replace(joined.ratings, interactions=everything.reset_index(drop=True)))
    view = movies_view(full, replace(CHOSEN, at=LAST - 60), OWN._replace(title=None))
    assert view.title == full.retrieve("3", LAST - 60, 1, include_seen=True)["title"][0]


def test_marks_ring_the_title_and_name_what_is_followed(view) -> None:
    marks = dict(zip(view.marks["name"], view.marks["mark"], strict=True))
    assert marks["Fargo"] == "opened"
    assert marks["Emma"] == "followed"
    assert set(view.marks["turn"]) == {2}
    assert np.isfinite(view.marks.set_index("name")["given"]["Star Wars"])
    assert view.following


def test_own_stars_and_the_moment_are_marked_in_what_all_viewers_gave(joined) -> None:
    view = movies_view(joined, CHOSEN, OWN._replace(title=TITLES[2]))
    gave = joined.ratings.interactions.query("user_id == '3' and item_id == '3'")["rating"].iloc[0]
    assert view.given == gave
    assert view.stars_given.loc[view.stars_given["own"], "stars"].tolist() == [gave]
    assert view.rated_over_time["own"].sum() <= 1
    unrated = movies_view(joined, CHOSEN, OWN)
    assert unrated.given is None
    assert not unrated.stars_given["own"].any()


def test_title_that_nobody_rated_has_no_charts(joined) -> None:
    view = movies_view(joined, CHOSEN, OWN._replace(title="unknown"))
    assert view.reception.n_ratings == 0
    assert view.stars_given is None
    assert view.rated_over_time is None


def test_without_ratings_there_is_a_map_and_no_reception() -> None:
    view = movies_view(DoubleRecommender(), CHOSEN, OWN)
    assert view.reception is None
    assert view.given is None
    assert view.title_map.colourings == ("year",)
    assert view.marks["given"].isna().all()


def test_data_without_times_say_nothing_of_when() -> None:
    double = DoubleRecommender(data_name="anime", has_timestamps=False, scale=timeless_ratings().scale)
    view = movies_view(double.with_ratings(timeless_ratings()), replace(CHOSEN, at=0), OWN._replace(title=TITLES[0]))
    assert view.stars_given is not None
    assert view.rated_over_time is None


def test_model_without_a_space_has_no_map_and_nothing_alike() -> None:
    view = movies_view(DoubleRecommender(**REFERENCE), CHOSEN, OWN)
    assert view.title_map is None
    assert view.marks is None
    assert view.alike is None


def test_titles_like_it_are_named(view) -> None:
    assert len(view.alike) == 8
    assert view.alike["name"].tolist()[:2] == ["Star Wars", "The Postman"]
    assert "Fargo (1996)" not in view.alike["title"].tolist()
