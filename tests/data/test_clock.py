import numpy as np

from recommender.data.clock import Clock


def test_clock_has_distinct_rising_knots_over_the_span():
    clock = Clock.fit(np.array([10, 10, 10, 20, 40], np.int64), 5)
    assert clock.origin == 10
    assert clock.last == 40
    assert clock.knots.tolist() == [0, 10, 30]
    assert clock.span_seconds == 30


def test_clock_of_a_single_moment_still_has_two_knots():
    assert Clock.fit(np.array([5, 5], np.int64), 4).knots.tolist() == [0, 1]
