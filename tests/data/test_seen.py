import numpy as np

from recommender.data.seen import SeenTitles
from tests.checkerboard import SIZE, checkerboard


def test_a_viewers_ratings_come_newest_first_with_their_titles():
    ratings = checkerboard()
    seen = SeenTitles(ratings).rated_by("u3")
    own = ratings.interactions[ratings.interactions["user_id"] == "u3"]
    assert len(seen) == len(own) == SIZE // 2
    assert seen["timestamp"].is_monotonic_decreasing
    assert seen["title"].tolist() == [f"Title {item[1:]}" for item in seen["item_id"]]
    assert seen.set_index("item_id")["rating"].to_dict() == own.set_index("item_id")["rating"].to_dict()


def test_ratings_of_one_second_keep_the_order_of_the_data():
    ratings = checkerboard()
    ratings.interactions["timestamp"] = 880_000_000
    own = ratings.interactions[ratings.interactions["user_id"] == "u5"]["item_id"]
    assert SeenTitles(ratings).rated_by("u5")["item_id"].tolist() == own.tolist()


def test_viewer_without_ratings_has_seen_nothing():
    ratings = checkerboard()
    others = ratings.take(np.flatnonzero(ratings.user_rows != 2))
    assert SeenTitles(others).rated_by("u2").empty
    assert SeenTitles(others).rated_by("nobody").empty


def test_viewers_are_answered_in_the_order_asked_and_as_often():
    ratings = checkerboard()
    table = np.zeros((SIZE, SIZE), bool)
    table[ratings.user_rows, ratings.item_rows] = True
    shuffled = ratings.take(np.random.default_rng(1).permutation(len(ratings)))
    asked = np.array([5, 0, 5, 23])
    assert SeenTitles(shuffled).seen_by(asked).tolist() == table[asked].tolist()


def test_viewer_without_interactions_has_no_title_marked():
    ratings = checkerboard()
    seen = SeenTitles(ratings.take(np.flatnonzero(ratings.user_rows == 1))).seen_by(np.array([0, 1, 2]))
    assert seen.sum(axis=1).tolist() == [0, SIZE / 2, 0]


def test_no_viewers_give_no_rows():
    assert SeenTitles(checkerboard()).seen_by(np.array([], int)).shape == (0, SIZE)
