import numpy as np

from recommender.seen import SeenTitles
from tests.checkerboard import SIZE, checkerboard


def test_a_viewers_ratings_come_newest_first_with_their_titles():
    ratings = checkerboard()
    seen = SeenTitles(ratings).of("u3")
    own = ratings.interactions[ratings.interactions["user_id"] == "u3"]
    assert len(seen) == len(own) == SIZE // 2
    assert seen["timestamp"].is_monotonic_decreasing
    assert seen["title"].tolist() == [f"Title {item[1:]}" for item in seen["item_id"]]
    assert seen.set_index("item_id")["rating"].to_dict() == own.set_index("item_id")["rating"].to_dict()


def test_ratings_of_one_second_keep_the_order_of_the_data():
    ratings = checkerboard()
    ratings.interactions["timestamp"] = 880_000_000
    own = ratings.interactions[ratings.interactions["user_id"] == "u5"]["item_id"]
    assert SeenTitles(ratings).of("u5")["item_id"].tolist() == own.tolist()


def test_viewer_without_ratings_has_seen_nothing():
    ratings = checkerboard()
    others = ratings.take(np.flatnonzero(ratings.user_rows != 2))
    assert SeenTitles(others).of("u2").empty
    assert SeenTitles(others).of("nobody").empty
