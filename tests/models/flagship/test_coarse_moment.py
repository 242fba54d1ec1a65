import numpy as np
import tensorflow as tf

from recommender.features import Clock
from recommender.models.flagship.coarse_moment import CoarseMoment

KNOTS = np.array([0.0, 10.0, 100.0], np.float32)


def test_moment_between_two_knots_is_shared_by_linear_interpolation():
    found = CoarseMoment(Clock(1_000, 1_100, KNOTS))(tf.constant([1_000, 1_005, 1_055, 1_100], tf.int64))
    np.testing.assert_allclose(found, [[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]], atol=1e-6)


def test_moments_outside_the_span_are_held_at_its_ends():
    found = CoarseMoment(Clock(1_000, 1_100, KNOTS))(tf.constant([0, 2**40], tf.int64))
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 0, 1]])


def test_seconds_are_told_apart_at_todays_timestamps():
    clock = Clock(880_000_000, 880_000_100, np.array([0.0, 100.0], np.float32))
    found = CoarseMoment(clock)(tf.constant([880_000_041, 880_000_042], tf.int64)).numpy()
    np.testing.assert_allclose(found[:, 1], [0.41, 0.42], atol=1e-6)


def test_without_a_clock_a_moment_has_no_numbers():
    assert CoarseMoment(None)(tf.constant([1_000, 2_000], tf.int64)).shape == (2, 0)
