from dataclasses import replace

import numpy as np
import pytest

from recommender.data import seen
from recommender.data.seen import RatingsByViewer, ratings_in_order
from tests.checkerboard import SIZE, checkerboard


def test_a_viewers_ratings_come_newest_first_with_their_titles():
    ratings = checkerboard()
    rated = RatingsByViewer(ratings).rated_by("u3")
    own = ratings.interactions[ratings.interactions["user_id"] == "u3"]
    assert len(rated) == len(own) == SIZE // 2
    assert rated["timestamp"].is_monotonic_decreasing
    assert rated["title"].tolist() == [f"Title {item[1:]}" for item in rated["item_id"]]
    assert rated.set_index("item_id")["rating"].to_dict() == own.set_index("item_id")["rating"].to_dict()


def test_what_is_done_to_an_answer_is_not_in_the_next_one():
    rated = RatingsByViewer(checkerboard())
    before = rated.rated_by("u3").copy()
    rated.rated_by("u3")["rating"] = 0.0
    rated.rated_by("u3").loc[0, "title"] = "another"
    assert rated.rated_by("u3").equals(before)


def test_ratings_of_one_second_keep_the_order_of_the_data():
    ratings = checkerboard()
    ratings = replace(ratings, interactions=ratings.interactions.assign(timestamp=880_000_000))
    own = ratings.interactions[ratings.interactions["user_id"] == "u5"]["item_id"]
    assert RatingsByViewer(ratings).rated_by("u5")["item_id"].tolist() == own.tolist()


def test_viewer_without_ratings_has_seen_nothing():
    ratings = checkerboard()
    others = ratings.take(np.flatnonzero(ratings.user_rows != 2))
    assert RatingsByViewer(others).rated_by("u2").empty
    assert RatingsByViewer(others).rated_by("nobody").empty


def test_viewers_are_answered_in_the_order_asked_and_as_often():
    ratings = checkerboard()
    table = np.zeros((SIZE, SIZE), bool)
    table[ratings.user_rows, ratings.item_rows] = True
    shuffled = ratings.take(np.random.default_rng(1).permutation(len(ratings)))
    asked = np.array([5, 0, 5, 23])
    assert RatingsByViewer(shuffled).seen_mask(asked).tolist() == table[asked].tolist()


def test_viewer_without_interactions_has_no_title_marked():
    ratings = checkerboard()
    marked = RatingsByViewer(ratings.take(np.flatnonzero(ratings.user_rows == 1))).seen_mask(np.array([0, 1, 2]))
    assert marked.sum(axis=1).tolist() == [0, SIZE / 2, 0]


def test_no_viewers_give_no_rows():
    assert RatingsByViewer(checkerboard()).seen_mask(np.array([], int)).shape == (0, SIZE)


def test_a_rating_that_does_not_count_leaves_its_title_unseen_and_still_rated(monkeypatch):
    monkeypatch.setattr(seen, "counts_as_seen", lambda stars: np.asarray(stars) > 1)
    ratings = checkerboard()
    by_viewer, everybody = RatingsByViewer(ratings), np.arange(SIZE)
    liked = ratings.stars > 1
    assert by_viewer.seen_mask(everybody)[ratings.user_rows, ratings.item_rows].tolist() == liked.tolist()
    assert by_viewer.seen_mask(everybody).sum() == liked.sum() < by_viewer.rated_mask(everybody).sum() == len(ratings)


def test_histories_are_read_oldest_first_and_of_a_title_rated_twice_the_last_rating():
    board = checkerboard()
    table = board.interactions.iloc[:6].assign(
        user_id=["u1", "u0", "u1", "u1", "u0", "u1"],
        item_id=["t3", "t0", "t5", "t3", "t2", "t7"],
        timestamp=[10, 40, 30, 50, 40, 30],
    )
    ratings = replace(board, interactions=table)
    # u0: two of one second, as they stand; u1: two of one second, then title 3, whose first rating is not read
    assert ratings_in_order(ratings).tolist() == [1, 4, 2, 5, 3]


def test_order_of_histories_is_worked_out_once_for_each_table_and_cannot_be_changed():
    board = checkerboard()
    order = ratings_in_order(board)
    assert ratings_in_order(board) is order
    assert ratings_in_order(board.take(np.arange(len(board)))) is not order
    with pytest.raises(ValueError, match="read-only"):
        order[0] = 1
