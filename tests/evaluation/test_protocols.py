import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recommender.evaluation import Popularity, evaluate
from recommender.evaluation.protocols import interaction_matrix, last_moments
from tests.checkerboard import SIZE, checkerboard, checkerboard_split


class Factors:
    """A scorer with random factors, whose queries also depend on the moment."""

    def __init__(self, n_users, n_items, size=8):
        generator = np.random.default_rng(0)
        self.users = generator.normal(size=(n_users, size)).astype(np.float32)
        self.items = generator.normal(size=(n_items, size)).astype(np.float32)

    def queries(self, user_rows, timestamps):
        return self.users[user_rows] * (1 + (timestamps % 7)[:, None]).astype(np.float32)

    def score(self, user_rows, timestamps):
        return self.queries(user_rows, timestamps) @ self.items.T

    def rate(self, user_rows, item_rows, timestamps):
        return np.full(len(user_rows), 3.0, np.float32)


@pytest.fixture
def parts():
    split = checkerboard_split()
    return split.train.with_more(split.validation), split.test


def test_top_k_over_all_titles_equals_factorized_top_k_of_tfrs(parts):
    known, test = parts
    scorer = Factors(SIZE, SIZE)
    metric = tfrs.metrics.FactorizedTopK(
        candidates=tf.data.Dataset.from_tensor_slices(scorer.items).batch(5), ks=(1, 5, 10)
    )
    queries = scorer.queries(test.user_rows, test.timestamps)
    metric.update_state(tf.constant(queries), tf.constant(scorer.items[test.item_rows]))
    theirs = [float(value) for value in metric.result()]
    ours = evaluate(scorer, known, test).top_k_all
    assert [ours[k] for k in ("1", "5", "10")] == pytest.approx(theirs)
    assert 0 < ours["5"] < 1


def test_unseen_protocol_removes_what_the_viewer_rated_before(parts):
    known, test = parts

    class SeenFirst:
        def score(self, user_rows, timestamps):
            scores = interaction_matrix(known)[user_rows] * 10.0
            scores[np.arange(len(user_rows)), user_rows] = 5.0  # the held-out title comes right after them
            return scores

        def rate(self, user_rows, item_rows, timestamps):
            return None

    figures = evaluate(SeenFirst(), known, test)
    assert figures.top_k_all["10"] == 0.0
    assert figures.top_k_unseen["1"] == 1.0
    assert figures.ndcg_at_10 == 1.0
    assert figures.recall_at_10 == 1.0
    assert figures.rmse is None


def test_ratings_are_compared_with_the_held_out_stars(parts):
    known, test = parts
    figures = evaluate(Factors(SIZE, SIZE), known, test)
    assert figures.rmse == pytest.approx(2.0)  # always 3, where the truth is 1 or 5
    assert figures.mae == pytest.approx(2.0)
    assert figures.n_test == SIZE


def test_cutoffs_above_the_catalogue_are_left_out(parts):
    assert list(evaluate(Factors(SIZE, SIZE), *parts).top_k_all) == ["1", "5", "10"]


def test_viewers_are_asked_at_their_last_known_moment(parts):
    known, _ = parts
    expected = known.interactions.groupby("user_id")["timestamp"].max().reindex(known.users["user_id"])
    assert last_moments(known).tolist() == expected.tolist()


def test_popularity_ranks_by_the_number_of_ratings():
    ratings = checkerboard()
    rows = np.flatnonzero((ratings.item_rows == 3) | (ratings.user_rows == 0))
    popularity = Popularity(ratings.take(rows))
    scores = popularity.score(np.array([0, 5]), np.zeros(2, np.int64))
    assert scores.argmax(axis=1).tolist() == [3, 3]
    assert scores[0, 3] == SIZE / 2
    assert popularity.rate(np.array([0]), np.array([0]), np.zeros(1, np.int64)) is None
