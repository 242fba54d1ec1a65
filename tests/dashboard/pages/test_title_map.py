from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.dashboard.pages.movies.reception import reception
from recommender.dashboard.pages.movies.title_map import OTHER, Places, group_titles, marks
from recommender.dashboard.parts.why import leading, written
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import FIRST, small_ratings, timeless_ratings


def test_title_has_the_colour_of_the_rarest_of_its_frequent_labels():
    labels = [("Drama", "War"), ("Drama",), ("Drama", "Comedy"), ("Comedy",), (), ("War", "Drama")]
    groups, of_title = group_titles(labels)
    assert groups == ("Drama", "War", "Comedy")
    assert of_title == ["War", "Drama", "Comedy", "Comedy", OTHER, "War"]


def test_six_labels_have_a_colour_and_the_rest_are_other():
    labels = [(name,) for name in "aaabbbccddeefg"]
    groups, of_title = group_titles(labels)
    assert len(groups) == 6
    assert of_title.count(OTHER) == 1


def some_places() -> Places:
    titles = pd.DataFrame(
        {
            "item_id": ["1", "2", "3"],
            "title": ["A (1980)", "B (1990)", "C"],
            "name": ["A", "B", "C"],
            "year": [1980.0, 1990.0, np.nan],
            "x": [0.0, 0.5, 1.0],
            "y": [0.0, 0.5, 1.0],
            "group": ["Drama", OTHER, OTHER],
            "rated": [1.0, 2.0, 40.0],
        }
    )
    return Places(titles, ("Drama",), ("genre", "year", "popularity"))


def test_marks_say_what_is_rated_followed_and_opened():
    seen = pd.DataFrame({"item_id": ["2", "9"], "rating": [4.0, 1.0]})
    frame = marks(some_places(), seen, ("A (1980)", "C"), "C", turn=3)
    assert frame["mark"].tolist() == ["followed", "", "opened"]
    np.testing.assert_array_equal(frame["given"], [np.nan, 4.0, np.nan])
    np.testing.assert_array_equal(frame["year"], [1980.0, 1990.0, np.nan])
    assert set(frame["turn"]) == {3}


def test_viewer_without_ratings_has_no_rings():
    frame = marks(some_places(), pd.DataFrame(columns=["item_id", "rating"]), (), "C", 0)
    assert frame["given"].isna().all()
    assert frame["mark"].tolist() == ["opened"]
    assert marks(some_places(), pd.DataFrame(columns=["item_id", "rating"]), (), None, 0).empty


def test_legend_goes_over_what_there_is():
    found = some_places()
    assert found.domain("genre") == ("Drama",)
    assert found.domain("year") == (1980.0, 1990.0)
    assert found.domain("popularity") == (1.0, 40.0)


def test_reception_is_that_of_all_viewers():
    ratings = small_ratings()
    found = reception(ratings, "3")
    stars = ratings.interactions.query("item_id == '3'")["rating"]
    assert found.n_ratings == len(stars)
    assert found.mean == pytest.approx(stars.mean())
    assert found.spread == pytest.approx(stars.std())
    assert found.stars["count"].sum() == len(stars)
    assert found.stars["stars"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert found.parts is not None
    assert found.parts["count"].sum() == len(stars)
    holds = found.parts[found.parts["count"] > 0].iloc[0]
    when = pd.Timestamp(FIRST + 2 * 86_400, unit="s", tz="UTC")
    assert holds["from"] <= when + pd.Timedelta(hours=1)
    assert holds["next"] >= when


def test_reception_without_times_has_no_parts():
    assert reception(timeless_ratings(), "3").parts is None


def test_title_nobody_rated_has_no_mean():
    found = reception(small_ratings(), "12")
    assert found.n_ratings == 0
    assert np.isnan(found.mean)


def test_five_strongest_for_and_three_against_lead_and_the_rest_is_counted():
    values = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.0, -0.1, -0.2, -0.3, -0.4]
    titles = pd.DataFrame({"title": list("abcdefghijk"), "given": 3.0, "score": values, "stars": values[::-1]})
    shown, rest = leading(titles, "score")
    assert shown["title"].tolist() == ["a", "b", "c", "d", "e", "i", "j", "k"]
    assert rest == 3
    by_stars, _ = leading(titles, "stars")
    assert by_stars["title"].tolist() == ["k", "j", "i", "h", "g", "c", "b", "a"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "+0.25"), (-1.5, "−1.50"), (0.0421, "+0.042"), (0.0001, "0"), (-0.0001, "0")]
)
def test_effects_are_written_with_their_sign(value, text):
    assert written(value) == text


def test_scale_of_a_million_steps_is_shown_in_fifty_bars_that_hold_every_rating():
    ratings = small_ratings()
    fine = RatingScale(1.0, 5.0, 1e-6)
    stars = np.linspace(1.0, 5.0, len(ratings))
    odd = replace(ratings, interactions=ratings.interactions.assign(rating=stars, item_id="1"), scale=fine)
    found = reception(odd, "1").stars
    assert len(found) <= 51
    assert found["count"].sum() == len(ratings)
    assert found["stars"].between(1, 5).all()
