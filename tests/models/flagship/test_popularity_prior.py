from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from recommender.models.flagship.popularity_prior import PopularityPrior
from tests.checkerboard import checkerboard

DAY = 86_400
HALF_LIFE = 3.0
N = 256
TIMES = 1_000 + DAY // 4 * np.arange(N, dtype=np.int64)  # four ratings a day
TITLES = np.where(np.arange(N) < 128, 0, np.where(np.arange(N) % 4 == 0, 2, 1))  # title 0 goes out of fashion


@pytest.fixture(scope="module")
def ratings():
    board = checkerboard()
    interactions = pd.DataFrame(
        {"user_id": "u0", "item_id": [f"t{title}" for title in TITLES], "rating": 3.0, "timestamp": TIMES}
    )
    return replace(board, interactions=interactions, items=board.items[:3])


def log_popularity(moment):
    """What the prior says of a moment of the data, counted rating by rating."""
    ages = (moment - TIMES) / (HALF_LIFE * DAY)
    counts = 0.3 + np.bincount(TITLES, np.where(ages >= 0, 2.0**-ages, 0.0), 3)
    return np.log(counts / counts.mean())


def priors(prior, titles, moments, *, training=False):
    at = tf.constant(moments, tf.int64)
    return (prior.before(at) if training else prior.at(at)).numpy() @ titles.T


def test_at_a_moment_of_the_data_it_is_the_logarithm_of_decayed_counts(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=True)
    titles = prior.fit(ratings).numpy()
    moments = TIMES[3::4][[0, 20, 40, 63]]  # between two of them lie four ratings, a 64th
    np.testing.assert_allclose(
        priors(prior, titles, moments), [log_popularity(moment) for moment in moments], atol=1e-5
    )


def test_between_two_moments_it_runs_straight(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=True)
    titles = prior.fit(ratings).numpy()
    start, end = TIMES[3::4][[40, 41]]
    early, middle, late = priors(prior, titles, [start, (start + 3 * end) // 4, end])
    np.testing.assert_allclose(middle, 0.25 * early + 0.75 * late, atol=1e-5)
    assert np.abs(early - late).max() > 0.01


def test_from_the_end_on_it_is_exactly_that_of_the_end(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=True)
    titles = prior.fit(ratings).numpy()
    for moment in (TIMES[-1], TIMES[-1] + 1, 2**40):
        np.testing.assert_allclose(priors(prior, titles, [moment])[0], log_popularity(TIMES[-1]), atol=1e-5)


def test_in_training_nothing_that_comes_at_the_moment_or_later_is_read(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=True)
    titles = prior.fit(ratings).numpy()
    known = TIMES[3::4]
    for moment in TIMES[[0, 2, 3, 4, 7, 8, 130, 255]]:
        earlier = known[known < moment]
        expected = log_popularity(earlier[-1]) if len(earlier) else np.zeros(3)
        np.testing.assert_allclose(priors(prior, titles, [moment], training=True)[0], expected, atol=1e-5)


def test_without_a_clock_every_moment_is_the_end(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=False)
    titles = prior.fit(ratings).numpy()
    assert titles.shape == (3, 1)
    for training in (False, True):
        found = priors(prior, titles, [0, TIMES[100], 2**40], training=training)
        np.testing.assert_allclose(found, [log_popularity(TIMES[-1])] * 3, atol=1e-5)


def test_fitting_to_more_moves_the_end(ratings):
    prior = PopularityPrior(HALF_LIFE, reads_clock=True)
    prior.fit(ratings.take(np.arange(128)))
    titles = prior.fit(ratings).numpy()
    np.testing.assert_allclose(priors(prior, titles, [2**40])[0], log_popularity(TIMES[-1]), atol=1e-5)
