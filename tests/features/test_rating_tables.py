import numpy as np
import pytest
import tensorflow as tf

from recommender.features import RatingTable, rated_titles_and_raters
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space


@pytest.mark.parametrize("cells", [10**9, 0], ids=["dense", "scattered"])
def test_tables_hold_each_rating_once_from_both_sides(cells, monkeypatch):
    monkeypatch.setattr("recommender.features.rating_tables._DENSE_CELLS", cells)
    ratings = checkerboard()
    space = fitted_space(ratings)
    titles, raters = rated_titles_and_raters(ratings, space)
    table = np.full((SIZE + 1, SIZE), np.nan, np.float32)
    table[ratings.user_rows + 1, ratings.item_rows] = ratings.stars
    np.testing.assert_array_equal(titles(tf.range(SIZE + 1)), table)
    np.testing.assert_array_equal(raters(tf.constant([7, 2])), table.T[[7, 2]])


@pytest.mark.parametrize("cells", [10**9, 0], ids=["dense", "scattered"])
def test_later_of_two_ratings_of_one_title_counts(cells, monkeypatch):
    monkeypatch.setattr("recommender.features.rating_tables._DENSE_CELLS", cells)
    table = RatingTable(np.array([0, 0]), np.array([1, 1]), np.array([2.0, 4.0]), 1, 3)
    np.testing.assert_array_equal(table(tf.constant([0])), [[np.nan, 4.0, np.nan]])


def test_chunks_are_the_whole_table_in_order(monkeypatch):
    monkeypatch.setattr("recommender.features.rating_tables._CHUNK_CELLS", 2 * SIZE)
    ratings = checkerboard()
    titles, _ = rated_titles_and_raters(ratings, fitted_space(ratings))
    chunks = list(titles.chunks())
    assert [len(chunk) for chunk in chunks] == [2] * 12 + [1]  # the stranger and 24 viewers
    np.testing.assert_array_equal(np.concatenate(chunks), titles(tf.range(SIZE + 1)))
