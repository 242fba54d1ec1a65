import numpy as np
import pytest

from recommender.dashboard.pages.you import titles_to_rate
from recommender.dashboard.pages.you.titles_to_rate import most_informative, popularity_and_spread
from tests.dashboard.doubles import TITLES, small_ratings


def test_popular_and_divisive_titles_come_first():
    popularity, spread = np.array([100.0, 100, 100, 5]), np.array([0.2, 1.0, 0.5, 1.0])
    assert most_informative(popularity, spread, None, 4) == [
        1,
        2,
        3,
        0,
    ]  # log(101) x 1, x 0.5; log(6) x 1; log(101) x 0.2


def test_title_much_like_one_asked_before_is_put_off():
    places = np.array([[2.0, 0], [0.99, 0.141], [0, 1.0]])  # their lengths do not count
    popularity, spread = np.full(3, 50.0), np.array([1.0, 0.9, 0.5])
    assert most_informative(popularity, spread, places, 3) == [0, 2, 1]
    assert most_informative(popularity, spread, None, 3) == [0, 1, 2]


@pytest.mark.parametrize(("pool", "order"), [(4, [3, 1, 0, 2]), (2, [1, 0, 3, 2]), (1, [0, 1, 2, 3])])
def test_unpopular_title_waits_until_the_most_popular_are_asked(monkeypatch, pool, order):
    monkeypatch.setattr(titles_to_rate, "POOL", pool)
    popularity, spread = np.array([9.0, 8, 7, 1]), np.array([0.1, 0.2, 0.1, 9.0])
    assert most_informative(popularity, spread, None, 4) == order


def test_title_nobody_rated_is_never_asked():
    assert most_informative(np.array([0.0, 3.0]), np.array([1.0, 1.0]), None, 5) == [1]
    assert most_informative(np.zeros(3), np.ones(3), None, 2) == []


def test_without_any_spread_the_most_popular_come_first():
    assert most_informative(np.array([2.0, 9.0, 5.0]), np.zeros(3), None, 3) == [1, 2, 0]


def test_counts_and_deviations_are_those_of_pandas():
    ratings = small_ratings()
    item_ids = ("3", "1", "12", "not there")
    counts, spreads = popularity_and_spread(ratings, item_ids)
    of_item = ratings.interactions.groupby("item_id")["rating"]
    np.testing.assert_array_equal(counts, [of_item.size()["3"], of_item.size()["1"], 0, 0])
    np.testing.assert_allclose(spreads[:2], of_item.std(ddof=0)[["3", "1"]])
    assert (spreads[2:] == 0).all()
    assert len(TITLES) == 12  # so that "12" is the last title, which nobody rated
