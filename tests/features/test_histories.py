"""Histories as flat lists."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from recommender.features import ViewerLists, given_history
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space

DAY = 86_400
KEPT = [[True, True, True], [False, False, False], [True, False, True]]


def history():
    times = tf.constant([0, DAY, 3 * DAY], tf.int64)
    return given_history(tf.constant([2, 0, 1]), tf.constant([5.0, 1.0, 4.0]), times, tf.constant(KEPT))


def test_part_of_a_list_keeps_its_order_and_an_empty_one_its_row():
    read = history()
    np.testing.assert_array_equal(read.items, [2, 0, 1, 2, 1])
    np.testing.assert_array_equal(read.stars, [5, 1, 4, 5, 4])
    np.testing.assert_array_equal(read.rows, [0, 0, 0, 2, 2])
    np.testing.assert_array_equal(read.lengths(), [3, 0, 2])


def test_newest_rating_has_position_and_age_zero():
    read = history()
    np.testing.assert_array_equal(read.positions(), [2, 1, 0, 1, 0])
    np.testing.assert_array_equal(read.ages(), [3, 2, 0, 3, 0])


def test_table_of_stars_has_gaps_where_nothing_was_rated():
    gap = np.nan
    np.testing.assert_array_equal(history().stars_table(4), [[1, 4, 5, gap], [gap] * 4, [gap, 4, 5, gap]])


def test_of_a_title_listed_twice_the_later_stars_stand_in_the_table():
    twice = given_history(
        tf.constant([1, 1]), tf.constant([2.0, 4.0]), tf.zeros([2], tf.int64), tf.constant([[True] * 2])
    )
    np.testing.assert_array_equal(twice.stars_table(2), [[np.nan, 4]])


def test_what_is_dropped_leaves_the_queries_as_many():
    read = history().kept(tf.constant([False, True, False, False, False]))
    np.testing.assert_array_equal(read.lengths(), [1, 0, 0])
    np.testing.assert_array_equal(read.items, [0])


@pytest.mark.parametrize("at_once", [1, 40, 10**6])
def test_lists_of_all_viewers_are_whole_and_in_order_however_they_are_cut(at_once):
    ratings = checkerboard()
    chunks = list(ViewerLists(ratings, fitted_space(ratings)).chunks(at_once))
    table = np.concatenate([chunk.stars_table(SIZE) for chunk in chunks])
    expected = np.full((SIZE + 1, SIZE), np.nan)
    expected[ratings.user_rows + 1, ratings.item_rows] = ratings.stars
    np.testing.assert_array_equal(table, expected)
    for chunk in chunks:
        assert (np.diff(chunk.times)[np.diff(chunk.rows) == 0] >= 0).all()


def test_of_a_title_rated_twice_the_last_rating_is_in_the_list():
    ratings = checkerboard()
    again = ratings.interactions.iloc[:1].assign(rating=ratings.scale.low, timestamp=2_000_000_000)
    more = ratings.with_more(replace(ratings, interactions=again))
    lists = ViewerLists(more, fitted_space(more))
    viewer = int(ratings.user_rows[0]) + 1
    part = slice(lists.starts[viewer], lists.starts[viewer + 1])
    where = lists.items[part] == ratings.item_rows[0]
    np.testing.assert_array_equal(lists.stars[part][where], [ratings.scale.low])
    assert where[-1]  # and it is the newest
