from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.errors import ConfigurationError
from recommender.evaluation import Ease, ease, evaluate
from tests.checkerboard import SIZE, checkerboard, checkerboard_split

# Five viewers of four titles; the last title goes with the first.
TABLE = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]])


@pytest.fixture
def training_part():
    ratings = checkerboard()
    users, titles = np.nonzero(TABLE)
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in users],
            "item_id": [f"t{title}" for title in titles],
            "rating": 3.0,
            "timestamp": 0,
        }
    )
    return replace(ratings, interactions=interactions, items=ratings.items[:4], users=ratings.users[:5])


def ridge_weights(table, regularisation):
    """Column by column: the ridge regression of one title on all others, which is what the closed form must equal."""
    n_titles = table.shape[1]
    weights = np.zeros((n_titles, n_titles))
    for title in range(n_titles):
        others = np.delete(np.arange(n_titles), title)
        inputs = table[:, others]
        gram = inputs.T @ inputs + regularisation * np.eye(len(others))
        weights[others, title] = np.linalg.solve(gram, inputs.T @ table[:, title])
    return weights


@pytest.mark.parametrize("regularisation", [0.5, 20.0])
def test_weights_are_those_of_a_ridge_regression_of_each_title_on_the_others(training_part, regularisation):
    weights = Ease(training_part, regularisation).weights
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, ridge_weights(TABLE, regularisation), atol=1e-6)
    assert (np.diag(weights) == 0).all()


def test_scores_are_sums_of_weights_of_titles_seen(training_part):
    model = Ease(training_part, 0.5)
    asked = np.array([2, 0, 4, 2])
    expected = TABLE[asked] @ ridge_weights(TABLE, 0.5)
    np.testing.assert_allclose(model.score(asked, np.arange(4)), expected, atol=1e-6)


def test_repeated_interaction_counts_once(training_part):
    twice = training_part.take(np.concatenate([np.arange(len(training_part)), [0, 3]]))
    np.testing.assert_array_equal(Ease(twice, 2.0).weights, Ease(training_part, 2.0).weights)


def test_viewers_are_counted_in_chunks_as_at_once(training_part, monkeypatch):
    whole = Ease(training_part, 2.0).weights
    monkeypatch.setattr(ease, "_CELLS", 2 * len(training_part.items))
    np.testing.assert_array_equal(Ease(training_part, 2.0).weights, whole)


def test_held_out_diagonal_of_the_checkerboard_comes_first():
    split = checkerboard_split()
    training_part = split.training_part
    figures = evaluate(Ease(training_part, 1.0), training_part, split.test)
    assert figures.n_test == SIZE
    assert figures.top_k_unseen["1"] == 1.0
    assert figures.rmse is None


def test_catalogue_too_large_for_a_square_matrix_is_refused(training_part, monkeypatch):
    monkeypatch.setattr(ease, "MOST_TITLES_OF_EASE", 3)
    with pytest.raises(ConfigurationError, match=r"4 titles .* up to 3 titles"):
        Ease(training_part)


@pytest.mark.parametrize("regularisation", [0.0, -1.0, float("nan")])
def test_regularisation_that_is_not_above_zero_is_refused(training_part, regularisation):
    with pytest.raises(ConfigurationError, match="above 0"):
        Ease(training_part, regularisation)
