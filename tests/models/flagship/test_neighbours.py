import numpy as np
import pytest
import tensorflow as tf

from recommender.models.flagship.neighbours import NeighbourTitles

PENALTY, WEIGHT = 2.0, 3.0
PRESENCE = (np.random.default_rng(0).random((12, 7)) < 0.4).astype(np.float32)
STARS = np.where(PRESENCE > 0, 4.0, np.nan).astype(np.float32)


def ease_scores(presence):
    """Scores of all titles by the formula of Steck (2019), eq. 8."""
    inverse = np.linalg.inv(presence.T @ presence + PENALTY * np.eye(presence.shape[1]))
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0.0)
    return presence @ weights


def scores_of(neighbours):
    return neighbours.pool(tf.constant(STARS)).numpy() @ neighbours.of_candidates.numpy().T


def test_all_eigenvalues_give_the_scores_of_ease_times_the_weight():
    neighbours = NeighbourTitles(7, 7, PENALTY, WEIGHT)
    neighbours.fit(PRESENCE.T @ PRESENCE)
    np.testing.assert_allclose(scores_of(neighbours), WEIGHT * ease_scores(PRESENCE), atol=1e-4)


def test_few_eigenvalues_keep_the_largest_part():
    errors = []
    for size in (1, 4, 6):
        neighbours = NeighbourTitles(7, size, PENALTY, WEIGHT)
        neighbours.fit(PRESENCE.T @ PRESENCE)
        errors.append(np.linalg.norm(scores_of(neighbours) - WEIGHT * ease_scores(PRESENCE)))
    assert errors[0] > errors[1] > errors[2] > 1e-3


def test_fitting_again_with_more_known_changes_the_scores():
    neighbours = NeighbourTitles(7, 7, PENALTY, WEIGHT)
    neighbours.fit(PRESENCE[:6].T @ PRESENCE[:6])
    neighbours.fit(PRESENCE.T @ PRESENCE)
    np.testing.assert_allclose(scores_of(neighbours), WEIGHT * ease_scores(PRESENCE), atol=1e-4)


@pytest.mark.parametrize(("n_titles", "size"), [(7, 0), (5_001, 8)])
def test_without_neighbours_queries_and_candidates_grow_by_nothing(n_titles, size):
    neighbours = NeighbourTitles(n_titles, size, PENALTY, WEIGHT)
    neighbours.fit(np.ones((n_titles, n_titles), np.float32))
    assert neighbours.of_candidates.shape == (n_titles, 0)
    assert neighbours.pool(tf.ones((3, n_titles))).shape == (3, 0)
