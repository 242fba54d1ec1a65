import numpy as np
import pytest
import tensorflow as tf

from recommender.errors import ConfigurationError
from recommender.features import Clock, FeatureSpace, Histories, history_rows, training_batches
from tests.checkerboard import SIZE, checkerboard


def fitted(ratings, **features):
    return FeatureSpace.fit(
        ratings,
        viewer_features=features.get("viewer", ()),
        title_features=features.get("title", ()),
        shrinkage=5.0,
    )


def test_users_without_a_training_rating_are_strangers():
    ratings = checkerboard()
    training_part = ratings.take(np.flatnonzero(ratings.user_rows != 3))
    space = fitted(training_part)
    assert space.viewer_of_user[3] == 0
    assert sorted(space.viewer_of_user)[1:] == list(range(1, SIZE))
    assert list(space.users_of_viewers(training_part)) == [f"u{user}" for user in range(SIZE) if user != 3]


def test_means_are_pulled_towards_the_overall_mean():
    ratings = checkerboard()
    space = fitted(ratings)
    stars = ratings.stars[ratings.item_rows == 0]
    expected = (stars - ratings.stars.mean()).sum() / (len(stars) + 5) + ratings.stars.mean()
    assert space.title_stars[0] == pytest.approx(expected, abs=1e-5)


def test_feature_that_the_data_lack_is_refused_by_name():
    with pytest.raises(ConfigurationError, match=r"'director'.*genres"):
        fitted(checkerboard(), title=("director",))


def test_clock_has_distinct_rising_knots_over_the_span():
    clock = Clock.fit(np.array([10, 10, 10, 20, 40], np.int64), 5)
    assert clock.origin == 10
    assert clock.last == 40
    assert clock.knots.tolist() == [0, 10, 30]
    assert clock.span_seconds == 30


def test_clock_of_a_single_moment_still_has_two_knots():
    assert Clock.fit(np.array([5, 5], np.int64), 4).knots.tolist() == [0, 1]


@pytest.mark.parametrize("cells", [10**9, 0], ids=["dense", "scattered"])
def test_histories_hold_each_rating_once_from_both_sides(cells, monkeypatch):
    monkeypatch.setattr("recommender.features.histories._DENSE_CELLS", cells)
    ratings = checkerboard()
    space = fitted(ratings)
    titles, raters = Histories.of(ratings, space)
    table = np.full((SIZE + 1, SIZE), np.nan, np.float32)
    table[ratings.user_rows + 1, ratings.item_rows] = ratings.stars
    np.testing.assert_array_equal(titles(tf.range(SIZE + 1)), table)
    np.testing.assert_array_equal(raters(tf.constant([7, 2])), table.T[[7, 2]])


@pytest.mark.parametrize("cells", [10**9, 0], ids=["dense", "scattered"])
def test_later_of_two_ratings_of_one_title_counts(cells, monkeypatch):
    monkeypatch.setattr("recommender.features.histories._DENSE_CELLS", cells)
    histories = Histories(np.array([0, 0]), np.array([1, 1]), np.array([2.0, 4.0]), 1, 3)
    np.testing.assert_array_equal(histories(tf.constant([0])), [[np.nan, 4.0, np.nan]])


def test_chunks_are_the_whole_table_in_order(monkeypatch):
    monkeypatch.setattr("recommender.features.histories._CHUNK_CELLS", 2 * SIZE)
    ratings = checkerboard()
    titles, _ = Histories.of(ratings, fitted(ratings))
    chunks = list(titles.chunks())
    assert [len(chunk) for chunk in chunks] == [2] * 12 + [1]  # the stranger and 24 viewers
    np.testing.assert_array_equal(np.concatenate(chunks), titles(tf.range(SIZE + 1)))


def test_history_given_as_a_list_has_the_form_of_histories():
    rows = history_rows(tf.constant([2, 0]), tf.constant([5.0, 1.0]), tf.constant([[True, True], [False, True]]), 3)
    np.testing.assert_array_equal(rows, [[1.0, np.nan, 5.0], [1.0, np.nan, np.nan]])


def test_an_epoch_holds_every_interaction_once_in_an_order_the_seed_fixes():
    ratings = checkerboard()
    space = fitted(ratings)

    def epochs(seed):
        batches = training_batches(ratings, space, batch_size=50, viewer_weight_exponent=0.5, seed=seed)
        return [
            [tuple(pair) for batch in batches for pair in np.stack([batch["viewer"], batch["title"]], 1)] for _ in "ab"
        ]

    first, second = epochs(3)
    assert len(first) == len(ratings)
    assert sorted(first) == sorted(second) == sorted(zip(ratings.user_rows + 1, ratings.item_rows, strict=True))
    assert first != second
    assert epochs(3) == [first, second]
    assert epochs(4)[0] != first


def test_weights_average_to_one_and_favour_viewers_with_few_ratings():
    ratings = checkerboard()
    few = ratings.take(np.flatnonzero((ratings.user_rows != 0) | (ratings.item_rows < 4)))
    space = fitted(few)
    (batch,) = training_batches(few, space, batch_size=1000, viewer_weight_exponent=1.0, seed=0)
    weights, viewers = batch["weight"].numpy(), batch["viewer"].numpy()
    assert weights.mean() == pytest.approx(1.0)
    totals = np.bincount(viewers, weights)[1:]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-5)
