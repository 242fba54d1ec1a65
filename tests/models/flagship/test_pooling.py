import numpy as np
import tensorflow as tf

from recommender.features import Clock
from recommender.models.flagship.pooling import PooledRatings, TimeBasis

CLOCK = Clock(1_000, 1_100, np.array([0.0, 10.0, 100.0], np.float32))
STARS = np.array([[5.0, np.nan, 2.0, 4.0], [np.nan, np.nan, np.nan, np.nan]], np.float32)


def pooled_layer():
    return PooledRatings(np.array([3.0, 3.0, 3.5, 4.0], np.float32), 6, shrinkage=2.0, l2=0.0, stddev=1.0)


def test_moment_between_two_knots_is_shared_by_linear_interpolation():
    basis = TimeBasis(CLOCK)(tf.constant([1_000, 1_005, 1_055], tf.int64)).numpy()
    np.testing.assert_allclose(basis[:, :3], [[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]], atol=1e-6)
    np.testing.assert_allclose(basis[:, 3], [-0.5, -0.45, 0.05], atol=1e-6)


def test_moments_outside_the_span_are_held_at_its_ends():
    basis = TimeBasis(CLOCK)(tf.constant([0, 1_000, 1_100, 2**40], tf.int64)).numpy()
    np.testing.assert_array_equal(basis[0], basis[1])
    np.testing.assert_array_equal(basis[2], basis[3])


def test_seconds_are_told_apart_at_todays_timestamps():
    clock = Clock(880_000_000, 880_000_100, np.array([0.0, 100.0], np.float32))
    basis = TimeBasis(clock)(tf.constant([880_000_041, 880_000_042], tf.int64)).numpy()
    np.testing.assert_allclose(basis[:, 1], [0.41, 0.42], atol=1e-6)


def test_without_a_clock_a_moment_has_no_numbers():
    assert TimeBasis(None)(tf.constant([1_000, 2_000], tf.int64)).shape == (2, 0)


def test_pooled_ratings_are_the_formula_of_the_docstring():
    layer = pooled_layer()
    presence, taste = (weight.numpy() for weight in layer.weights)
    row = layer(tf.constant(STARS)).numpy()[0]
    residuals = {0: 5.0 - 3.0, 2: 2.0 - 3.5, 3: 0.0}
    mean = sum(residuals.values()) / (3 + 2.0)
    vector = sum(presence[j] + (r - mean) * taste[j] for j, r in residuals.items()) / np.sqrt(3)
    np.testing.assert_allclose(row, np.concatenate([[np.log(4), mean], vector]), rtol=1e-5)


def test_no_ratings_pool_to_nothing():
    np.testing.assert_array_equal(pooled_layer()(tf.constant(STARS)).numpy()[1], np.zeros(8))


def test_taking_a_rating_back_equals_never_having_had_it():
    layer = pooled_layer()
    stars = tf.constant(STARS[:1])
    without = layer.pooled(layer.without(layer.sums(stars), tf.constant([2]), tf.constant([2.0]), tf.constant([True])))
    never = STARS[:1].copy()
    never[0, 2] = np.nan
    np.testing.assert_allclose(without, layer(tf.constant(never)), atol=1e-5)


def test_taking_back_what_was_not_read_changes_nothing():
    layer = pooled_layer()
    stars, keep = tf.constant(STARS[:1]), tf.constant([[1.0, 1.0, 0.0, 1.0]])
    sums = layer.sums(stars, keep)
    for column, given, kept in ((2, 2.0, False), (1, np.nan, True)):
        same = layer.without(sums, tf.constant([column]), tf.constant([given], tf.float32), tf.constant([kept]))
        for before, after in zip(sums, same, strict=True):
            np.testing.assert_array_equal(before, after)
