import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recommender.data.ranking import titles_ahead
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale, Schema
from recommender.evaluation import Popularity, evaluate, metrics, protocols
from recommender.evaluation.protocols import HEAD, last_moments
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


class Opinionated(Factors):
    """The same with stars of its own for each pair and moment."""

    def rate(self, user_rows, item_rows, timestamps):
        inner = (self.queries(user_rows, timestamps) * self.items[item_rows]).sum(axis=1)
        return np.clip(3 + inner, 1, 5)


def random_table(generator, n, n_users=40, n_items=60):
    """Some interactions, a few of them repeated, none of the last viewers."""
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{row}" for row in generator.integers(n_users - 3, size=n)],
            "item_id": [f"t{row}" for row in generator.integers(n_items, size=n)],
            "rating": generator.integers(1, 6, size=n).astype(float),
            "timestamp": generator.integers(10**9, size=n),
        }
    )
    items = pd.DataFrame({"item_id": [f"t{row}" for row in range(n_items)]})
    items["title"] = "Title " + items["item_id"]
    users = pd.DataFrame({"user_id": [f"u{row}" for row in range(n_users)]})
    return Ratings("random table", interactions, items, users, RatingScale(1, 5, 1), Schema())


def table_of(ratings):
    """[n_users, n_titles] whether each has seen each."""
    table = np.zeros((len(ratings.users), len(ratings.items)), bool)
    table[ratings.user_rows, ratings.item_rows] = True
    return table


@pytest.fixture
def parts():
    split = checkerboard_split()
    return split.training_part, split.test


def test_top_k_over_all_titles_equals_factorized_top_k_of_tfrs(parts):
    training_part, test = parts
    scorer = Factors(SIZE, SIZE)
    metric = tfrs.metrics.FactorizedTopK(
        candidates=tf.data.Dataset.from_tensor_slices(scorer.items).batch(5), ks=(1, 5, 10)
    )
    queries = scorer.queries(test.user_rows, test.timestamps)
    metric.update_state(tf.constant(queries), tf.constant(scorer.items[test.item_rows]))
    theirs = [float(value) for value in metric.result()]
    ours = evaluate(scorer, training_part, test).top_k_all
    assert [ours[k] for k in ("1", "5", "10")] == pytest.approx(theirs)
    assert 0 < ours["5"] < 1


def test_unseen_protocol_removes_what_the_viewer_rated_before(parts):
    training_part, test = parts

    class SeenFirst:
        def score(self, user_rows, timestamps):
            scores = table_of(training_part)[user_rows] * 10.0
            scores[np.arange(len(user_rows)), user_rows] = 5.0  # the held-out title comes right after them
            return scores

        def rate(self, user_rows, item_rows, timestamps):
            return None

    figures = evaluate(SeenFirst(), training_part, test)
    assert figures.top_k_all["10"] == 0.0
    assert figures.top_k_unseen["1"] == 1.0
    assert figures.ndcg_at_10 == 1.0
    assert figures.recall_at_10 == 1.0
    assert figures.rmse is None


def test_ratings_are_compared_with_the_held_out_stars(parts):
    training_part, test = parts
    figures = evaluate(Factors(SIZE, SIZE), training_part, test)
    assert figures.rmse == pytest.approx(2.0)  # always 3, where the truth is 1 or 5
    assert figures.mae == pytest.approx(2.0)
    assert figures.n_test == SIZE


@pytest.mark.parametrize("cells", [1, 500, 10**6])
def test_chunks_give_the_figures_of_whole_tables(monkeypatch, cells):
    monkeypatch.setattr(protocols, "_CELLS", cells)
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)
    scorer = Opinionated(len(training_part.users), len(training_part.items))
    scorer.items[5:9] = scorer.items[5]  # ties
    figures = evaluate(scorer, training_part, held_out)

    seen, users, targets = table_of(training_part), held_out.user_rows, held_out.item_rows
    scores = scorer.score(users, held_out.timestamps)
    for removed, shares in ((None, figures.top_k_all), (seen[users], figures.top_k_unseen)):
        expected = metrics.top_k_accuracy([1, 5, 10, 50], titles_ahead(scores, targets, removed))
        assert list(shares.values()) == pytest.approx(expected, abs=1e-12)
    viewers = np.unique(users)
    lists = np.where(seen[viewers], -np.inf, scorer.score(viewers, last_moments(training_part)[viewers]))
    relevant = table_of(held_out)[viewers] & ~seen[viewers]
    assert not relevant.any(axis=1).all()  # some viewer has nothing to find
    assert figures.ndcg_at_10 == pytest.approx(np.nanmean(metrics.ndcg_at([HEAD], lists, relevant)), abs=1e-12)
    assert figures.recall_at_10 == pytest.approx(np.nanmean(metrics.recall_at([HEAD], lists, relevant)), abs=1e-12)
    shown = np.argsort(-lists, axis=1, kind="stable")[:, :HEAD]
    counts = np.zeros(len(training_part.items))
    np.add.at(counts, training_part.item_rows, 1)
    assert figures.coverage_at_10 == pytest.approx(len(np.unique(shown)) / len(training_part.items), abs=1e-12)
    bits = -np.log2((counts + 1) / (counts + 1).sum())
    assert figures.novelty_at_10 == pytest.approx(bits[shown].mean(), abs=1e-12)
    wrong = scorer.rate(users, targets, held_out.timestamps) - held_out.stars
    assert figures.rmse == pytest.approx(np.sqrt(np.mean(wrong**2)), abs=1e-12)
    assert figures.mae == pytest.approx(np.mean(np.abs(wrong)), abs=1e-12)


def test_cutoffs_above_the_catalogue_are_left_out(parts):
    assert list(evaluate(Factors(SIZE, SIZE), *parts).top_k_all) == ["1", "5", "10"]


def test_viewers_are_asked_at_their_last_known_moment(parts):
    training_part, _ = parts
    expected = training_part.interactions.groupby("user_id")["timestamp"].max().reindex(training_part.users["user_id"])
    assert last_moments(training_part).tolist() == expected.tolist()


def test_popularity_ranks_by_the_number_of_ratings():
    ratings = checkerboard()
    rows = np.flatnonzero((ratings.item_rows == 3) | (ratings.user_rows == 0))
    popularity = Popularity(ratings.take(rows))
    scores = popularity.score(np.array([0, 5]), np.zeros(2, np.int64))
    assert scores.argmax(axis=1).tolist() == [3, 3]
    assert scores[0, 3] == SIZE / 2
    assert popularity.rate(np.array([0]), np.array([0]), np.zeros(1, np.int64)) is None


def test_figures_over_viewers_are_0_where_nobody_has_anything_to_find():
    split = checkerboard_split()
    again = evaluate(Factors(SIZE, SIZE), split.train, split.train.take(np.arange(5)))
    assert (again.ndcg_at_10, again.recall_at_10) == (0.0, 0.0)
