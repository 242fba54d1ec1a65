from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.data.schema import RatingScale, Schema
from recommender.errors import ConfigurationError
from recommender.evaluation import Ease, EaseSettings, ease, evaluate
from recommender.evaluation.ease import BEST_SELLER_WEIGHT, TitleWeights, content_vectors, history_weights
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


@pytest.mark.parametrize("ease_l2", [0.5, 20.0])
def test_weights_are_those_of_a_ridge_regression_of_each_title_on_the_others(training_part, ease_l2):
    weights = Ease(training_part, EaseSettings(ease_l2)).weights
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, ridge_weights(TABLE, ease_l2), atol=1e-6)
    assert (np.diag(weights) == 0).all()


@pytest.mark.parametrize("exponent", [0.5, 2.0])
def test_viewers_count_by_how_much_they_rated(training_part, exponent):
    lengths = TABLE.sum(axis=1)[:4]  # of those who rated anything
    shares = (lengths / lengths.mean()) ** -exponent
    weights = TitleWeights(training_part).at(0.5, exponent)
    np.testing.assert_allclose(weights, ridge_weights(TABLE[:4] * np.sqrt(shares)[:, None], 0.5), atol=1e-6)
    assert np.abs(weights - TitleWeights(training_part).at(0.5)).max() > 0.01


def test_scores_are_sums_of_weights_of_titles_seen(training_part):
    model = Ease(training_part, EaseSettings(0.5))
    asked = np.array([2, 0, 1, 2])
    expected = TABLE[asked] @ ridge_weights(TABLE, 0.5)
    np.testing.assert_allclose(model.score(asked, np.arange(4)), expected, atol=1.1 * BEST_SELLER_WEIGHT)


def test_viewer_of_whom_nothing_was_read_gets_the_best_sellers(training_part):
    scores = Ease(training_part, EaseSettings(0.5)).score(np.array([4]), np.array([0]))[0]
    np.testing.assert_allclose(scores, TABLE.sum(axis=0) / 3 * BEST_SELLER_WEIGHT)


def test_best_sellers_can_be_those_of_late(training_part):
    late = training_part.interactions.assign(timestamp=np.arange(len(training_part)) * 86_400)
    ratings = replace(training_part, interactions=late)  # titles 0 1 3, 0 2 3, 1 2, 0 3, a day after another
    scores = Ease(ratings, EaseSettings(0.5, best_seller_days=0.5)).score(np.array([4]), np.array([0]))[0]
    assert list(np.argsort(-scores)) == [3, 0, 2, 1]


def test_weight_of_stars_on_five_of_them_is_that_of_signed_ease():
    settings = EaseSettings(star_weight=0.8)
    stars = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    weights = history_weights(np.zeros(5), stars, RatingScale(1, 5, 1), settings)
    np.testing.assert_allclose(weights, 0.6 + 0.4 * (stars - 3))
    of_ten = history_weights(np.zeros(2), np.array([1.0, 10.0]), RatingScale(1, 10, 1), settings)
    np.testing.assert_allclose(of_ten, [-0.2, 1.4])


def test_half_lives_count_newer_ratings_and_their_mean_is_taken():
    positions, stars, scale = np.array([0.0, 2.0, 4.0]), np.full(3, 4.0), RatingScale(1, 5, 1)
    alone = history_weights(positions, stars, scale, EaseSettings(half_lives=(2.0,)))
    np.testing.assert_allclose(alone, [1.0, 0.5, 0.25])
    both = history_weights(positions, stars, scale, EaseSettings(half_lives=(2.0, 4.0)))
    np.testing.assert_allclose(both, [1.0, (0.5 + 0.5**0.5) / 2, (0.25 + 0.5) / 2])
    twice = history_weights(positions, np.full(3, 5.0), scale, EaseSettings(half_lives=(2.0,), star_weight=1.0))
    np.testing.assert_allclose(twice, [1.5, 0.75, 0.375])


def test_scores_weigh_the_newest_ratings_most(training_part):
    rows = np.array([0, 1, 2])  # the first viewer: titles 0, 1 and 3
    times = training_part.interactions["timestamp"].to_numpy().copy()
    times[rows] = [300, 100, 200]
    ratings = replace(training_part, interactions=training_part.interactions.assign(timestamp=times))
    history = np.array([1.0, 0.25, 0.0, 0.5])
    scores = Ease(ratings, EaseSettings(0.5, half_lives=(1.0,))).score(np.array([0]), np.array([0]))[0]
    expected = history @ ridge_weights(TABLE, 0.5)
    np.testing.assert_allclose(scores, expected, atol=1.1 * BEST_SELLER_WEIGHT)


def test_content_is_cosines_of_rare_words_more_than_of_common_ones(training_part):
    labelled = training_part.items.assign(genres=[("A", "B"), ("A",), ("A", "C"), ()])
    ratings = replace(training_part, items=labelled)
    idf = np.log(4 / np.array([3, 1, 1]))  # A, B, C
    expected = np.array([[idf[0], idf[1], 0], [idf[0], 0, 0], [idf[0], 0, idf[2]], [0, 0, 0]])
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    expected = expected / np.where(lengths, lengths, 1.0)
    np.testing.assert_allclose(content_vectors(ratings, ["genres"]), expected, atol=1e-6)

    plain = Ease(ratings, EaseSettings(0.5, star_weight=0.8))
    heard = Ease(ratings, EaseSettings(0.5, star_weight=0.8, content_weight=2.0, features=("genres",)))
    asked, history = np.array([0]), 0.6 * TABLE[0]  # three stars each
    shares = 2.0 / (1.8 + 5) * history @ expected @ expected.T
    np.testing.assert_allclose(heard.score(asked, asked) - plain.score(asked, asked), [shares], atol=1e-6)


def test_data_without_labels_have_no_content(training_part):
    bare = replace(training_part, items=training_part.items[["item_id", "title"]], schema=Schema())
    assert content_vectors(bare, []).shape == (4, 0)
    assert np.isfinite(Ease(bare, EaseSettings(0.5, content_weight=1.0)).score(np.array([0]), np.array([0]))).all()


def test_weights_for_a_second_lambda_do_not_depend_on_the_first(training_part):
    weights = TitleWeights(training_part)
    weights.at(20.0)
    weights.at(0.5, 1.0)
    np.testing.assert_allclose(weights.at(0.5), ridge_weights(TABLE, 0.5), atol=1e-6)


def test_repeated_interaction_counts_once(training_part):
    twice = training_part.take(np.concatenate([np.arange(len(training_part)), [0, 3]]))
    np.testing.assert_array_equal(
        Ease(twice, EaseSettings(2.0)).weights, Ease(training_part, EaseSettings(2.0)).weights
    )


def test_viewers_are_counted_in_chunks_as_at_once(training_part, monkeypatch):
    whole = Ease(training_part, EaseSettings(2.0)).weights
    monkeypatch.setattr(ease, "_CELLS", 2 * len(training_part.items))
    np.testing.assert_array_equal(Ease(training_part, EaseSettings(2.0)).weights, whole)


def test_held_out_diagonal_of_the_checkerboard_comes_first():
    split = checkerboard_split()
    training_part = split.training_part
    figures = evaluate(Ease(training_part, EaseSettings(1.0)), training_part, split.test)
    assert figures.n_test == SIZE
    assert figures.top_k_unseen["1"] == 1.0
    assert figures.rmse is None


def test_catalogue_too_large_for_a_square_matrix_is_refused(training_part, monkeypatch):
    monkeypatch.setattr(ease, "MOST_TITLES_OF_EASE", 3)
    with pytest.raises(ConfigurationError, match=r"4 titles .* up to 3 titles"):
        Ease(training_part)


@pytest.mark.parametrize("ease_l2", [0.0, -1.0, float("nan")])
def test_lambda_that_is_not_above_zero_is_refused(training_part, ease_l2):
    with pytest.raises(ConfigurationError, match="above 0"):
        Ease(training_part, EaseSettings(ease_l2))
