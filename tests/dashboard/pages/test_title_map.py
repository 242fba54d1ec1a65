import numpy as np
import pandas as pd

from recommender.dashboard.pages.movies.title_map import OTHER, TitleMap, group_titles


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


def some_titles() -> TitleMap:
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
    return TitleMap(titles, ("Drama",), ("genre", "year", "popularity"))


def test_marks_say_what_is_rated_followed_and_opened():
    seen = pd.DataFrame({"item_id": ["2", "9"], "rating": [4.0, 1.0]})
    frame = some_titles().marks(seen, ("A (1980)", "C"), "C", n_opened=3)
    assert frame["mark"].tolist() == ["followed", "", "opened"]
    np.testing.assert_array_equal(frame["given"], [np.nan, 4.0, np.nan])
    np.testing.assert_array_equal(frame["year"], [1980.0, 1990.0, np.nan])
    assert set(frame["turn"]) == {3}


def test_viewer_without_ratings_has_no_rings():
    frame = some_titles().marks(pd.DataFrame(columns=["item_id", "rating"]), (), "C", 0)
    assert frame["given"].isna().all()
    assert frame["mark"].tolist() == ["opened"]
    assert some_titles().marks(pd.DataFrame(columns=["item_id", "rating"]), (), None, 0).empty


def test_legend_goes_over_what_there_is():
    found = some_titles()
    assert found.domain("genre") == ("Drama",)
    assert found.domain("year") == (1980.0, 1990.0)
    assert found.domain("popularity") == (1.0, 40.0)
