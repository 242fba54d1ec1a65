from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.data.schema import Schema
from recommender.evaluation import Popularity, RecentPopularity
from recommender.evaluation.popularity import N_MOMENTS, counts_at_the_end
from tests.checkerboard import checkerboard

DAY = 86_400
# title, day: title 0 early and often, title 1 late and once, title 2 in the middle.
GIVEN = [(0, 0), (0, 1), (0, 2), (2, 4), (1, 8)]


@pytest.fixture
def training_part():
    board = checkerboard()
    titles, days = zip(*GIVEN, strict=True)
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{viewer}" for viewer in range(len(GIVEN))],
            "item_id": [f"t{title}" for title in titles],
            "rating": 3.0,
            "timestamp": DAY * np.array(days, np.int64) + 1_000,
        }
    )
    return replace(board, interactions=interactions, items=board.items[:3])


def scores_on(popularity, day):
    return popularity.score(np.array([0]), np.array([DAY * day + 1_000], np.int64))[0]


def test_a_rating_counts_half_after_its_half_life(training_part):
    popularity = RecentPopularity(training_part, 2.0)
    at_the_end = [2.0**-4 + 2.0**-3.5 + 2.0**-3, 1.0, 2.0**-2]
    np.testing.assert_allclose(scores_on(popularity, 8), at_the_end, rtol=1e-6)
    np.testing.assert_allclose(scores_on(popularity, 4), [2.0**-2 + 2.0**-1.5 + 2.0**-1, 0.0, 1.0], rtol=1e-6)


def test_what_comes_after_the_moment_is_not_counted(training_part):
    popularity = RecentPopularity(training_part, 2.0)
    assert scores_on(popularity, 7.9)[1] == 0.0
    assert scores_on(popularity, 3.9)[2] == 0.0
    assert (scores_on(popularity, -1) == 0.0).all()


def test_fewer_moments_are_some_of_the_same(training_part):
    fewer, many = RecentPopularity(training_part, 2.0, 64), RecentPopularity(training_part, 2.0)
    np.testing.assert_array_equal(fewer.moments, many.moments[3::4])
    np.testing.assert_allclose(fewer.counts, many.counts[3::4], rtol=1e-6)


def test_after_the_end_it_stays_as_of_the_end(training_part):
    popularity = RecentPopularity(training_part, 2.0)
    np.testing.assert_array_equal(scores_on(popularity, 10_000), scores_on(popularity, 8))
    np.testing.assert_allclose(scores_on(popularity, 8), counts_at_the_end(training_part, 2.0), rtol=1e-6)


def test_a_very_long_half_life_gives_the_counts_so_far(training_part):
    popularity = RecentPopularity(training_part, 1e9)
    np.testing.assert_allclose(scores_on(popularity, 8), Popularity(training_part).counts, rtol=1e-6)
    np.testing.assert_allclose(scores_on(popularity, 1), [2.0, 0.0, 0.0], rtol=1e-6)


def test_many_ratings_are_counted_at_moments_that_lie_between_equally_many_of_them():
    generator = np.random.default_rng(0)
    board = checkerboard().take(generator.integers(280, size=5_000))
    times = np.sort(generator.integers(10**7, size=5_000))
    ratings = replace(board, interactions=board.interactions.assign(timestamp=generator.permutation(times)))
    popularity = RecentPopularity(ratings, 20.0)
    for row in (0, 100, N_MOMENTS - 1):
        moment = popularity.moments[row]
        past = ratings.timestamps <= moment
        assert past.sum() == pytest.approx((row + 1) * 5_000 / N_MOMENTS, abs=2)
        weights = 2.0 ** (-(moment - ratings.timestamps[past]) / (20.0 * DAY))
        expected = np.bincount(ratings.item_rows[past], weights, len(ratings.items))
        np.testing.assert_allclose(popularity.counts[row], expected, rtol=1e-5)


def test_without_times_every_rating_counts_one(training_part):
    timeless = replace(
        training_part,
        interactions=training_part.interactions.drop(columns="timestamp"),
        schema=Schema(has_timestamps=False),
    )
    assert RecentPopularity(timeless, 7.0).score(np.array([0]), np.array([0])).tolist() == [[3.0, 1.0, 1.0]]


def test_it_says_nothing_about_stars(training_part):
    one = np.zeros(1, np.int64)
    assert RecentPopularity(training_part, 7.0).rate(one, one, one) is None
