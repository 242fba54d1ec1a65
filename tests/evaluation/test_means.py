from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.evaluation import Means
from tests.checkerboard import checkerboard

# viewer, title, stars; the fourth viewer and the last title have none.
GIVEN = [(0, 0, 5.0), (0, 1, 4.0), (1, 0, 3.0), (1, 2, 1.0), (2, 1, 2.0), (2, 2, 2.0), (2, 0, 4.0)]


@pytest.fixture
def training_part():
    board = checkerboard()
    viewers, titles, stars = zip(*GIVEN, strict=True)
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{viewer}" for viewer in viewers],
            "item_id": [f"t{title}" for title in titles],
            "rating": stars,
            "timestamp": 0,
        }
    )
    return replace(board, interactions=interactions, items=board.items[:4], users=board.users[:4])


def ridge_offsets(user_shrinkage, item_shrinkage):
    """The least squares themselves, in one system."""
    table = np.zeros((len(GIVEN), 8))
    for row, (viewer, title, _) in enumerate(GIVEN):
        table[row, viewer] = table[row, 4 + title] = 1.0
    stars = np.array([stars for _, _, stars in GIVEN])
    penalty = np.diag([user_shrinkage] * 4 + [item_shrinkage] * 4)
    return np.linalg.solve(table.T @ table + penalty, table.T @ (stars - stars.mean()))


@pytest.mark.parametrize("shrinkages", [(1.0, 1.0), (0.5, 7.0)])
def test_offsets_are_those_of_the_ridge_regression(training_part, shrinkages):
    means = Means(training_part, *shrinkages)
    assert means.mean == pytest.approx(3.0)
    offsets = np.concatenate([means.user_offsets, means.item_offsets])
    np.testing.assert_allclose(offsets, ridge_offsets(*shrinkages), atol=1e-5)
    assert offsets[3] == offsets[7] == 0.0


def test_titles_are_ranked_by_the_stars_predicted(training_part):
    means = Means(training_part, 1.0, 1.0)
    viewers, titles = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    at = np.zeros(16, np.int64)
    np.testing.assert_allclose(means.score(np.arange(4), at[:4]).ravel(), means.rate(viewers, titles, at), atol=1e-6)


def test_stars_stay_inside_the_scale(training_part):
    means = Means(training_part, 0.01, 0.01)
    best, worst = np.array([0, 1]), np.array([0, 2])
    assert means.mean + means.user_offsets[0] + means.item_offsets[0] > 5
    assert means.rate(best, worst, np.zeros(2, np.int64))[0] == 5.0


def test_of_a_title_rated_twice_the_last_rating_counts(training_part):
    again = training_part.interactions.iloc[[0]].assign(rating=1.0, timestamp=9)
    twice = replace(training_part, interactions=pd.concat([training_part.interactions, again], ignore_index=True))
    stars = training_part.interactions["rating"].to_numpy().copy()
    stars[0] = 1.0
    once = replace(training_part, interactions=training_part.interactions.assign(rating=stars))
    np.testing.assert_allclose(Means(twice).item_offsets, Means(once).item_offsets, atol=1e-5)
