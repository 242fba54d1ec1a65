"""The weights that are chosen when everything else has been learnt."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship import choosing
from recommender.models.flagship.choosing import NEIGHBOUR_WEIGHTS, PRAISE_WEIGHTS, choose_weights
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.served import Baked
from tests.checkerboard import SIZE, checkerboard_split

SPLIT = checkerboard_split()
N_PARTS = 3


class Double:
    """Random queries, candidates and stars, of which one neighbour number tells the colours."""

    n_of_neighbours = 2

    def __init__(self, **given):
        rng = np.random.default_rng(0)
        self.configuration = FlagshipConfiguration(**given)
        self.space = SimpleNamespace(viewer_of_user=np.arange(1, SIZE + 1))
        self._queries = rng.normal(size=(SIZE + 1, N_PARTS + 2)).astype("f4")
        self.candidates = rng.normal(size=(SIZE, N_PARTS + 2)).astype("f4")
        self._queries[:, N_PARTS:] = [[3.0 * (-1) ** (viewer - 1), 0.0] for viewer in range(SIZE + 1)]
        self.candidates[:, N_PARTS:] = [[(-1) ** title, 0.0] for title in range(SIZE)]
        self.given_stars = rng.uniform(1, 5, size=(SIZE + 1, SIZE)).astype("f4")

    def bake(self, ratings):
        rows = tf.range(SIZE + 1)[:, None]
        return Baked(rows, tf.cast(rows, tf.float32), tf.constant(self.candidates), tf.zeros([SIZE, 1]))

    def query(self, viewers, histories, at):
        return tf.gather(self._queries, viewers[:, 0])

    def stars(self, viewers, histories, at, titles):
        return tf.gather(self.given_stars, viewers[:, 0])

    def figures(self, neighbour_weight, praise_weight):
        """NDCG@10 and liked NDCG@10 of lists made in NumPy."""
        weights = np.array([1.0] * N_PARTS + [neighbour_weight] * 2)
        scores = (self._queries * weights) @ self.candidates.T + praise_weight * self.given_stars
        scorer = SimpleNamespace(score=lambda users, _: scores[users + 1])
        return HeadOfLists(SPLIT.train, SPLIT.validation).figures(scorer)


@pytest.fixture(scope="module")
def double():
    return Double()


def test_neighbours_weigh_what_gives_the_best_lists_before_praise(double):
    sums = [sum(double.figures(weight, 0.0)) for weight in NEIGHBOUR_WEIGHTS]
    chosen = choose_weights(double, SPLIT.train, SPLIT.validation)
    assert chosen.neighbour_weight == NEIGHBOUR_WEIGHTS[np.argmax(sums)] > 0


def test_praise_is_liked_best_of_what_costs_little(double, monkeypatch):
    for most_lost in (0.005, 0.05, 1.0):
        monkeypatch.setattr(choosing, "MOST_NDCG_LOST", most_lost)
        chosen = choose_weights(double, SPLIT.train, SPLIT.validation)
        figures = np.array([double.figures(chosen.neighbour_weight, weight) for weight in PRAISE_WEIGHTS])
        allowed = figures[:, 0] >= figures[0, 0] - most_lost
        assert chosen.praise_weight == PRAISE_WEIGHTS[np.argmax(np.where(allowed, figures[:, 1], -1.0))]


def test_praise_loses_at_most_half_a_hundredth_of_what_retrieval_finds(double):
    chosen = choose_weights(double, SPLIT.train, SPLIT.validation)
    lost = double.figures(chosen.neighbour_weight, 0.0)[0] - double.figures(*chosen)[0]
    assert lost <= 0.005 + 1e-6
    worst = min(double.figures(chosen.neighbour_weight, weight)[0] for weight in PRAISE_WEIGHTS)
    assert double.figures(chosen.neighbour_weight, 0.0)[0] - worst > 0.005  # others would have lost more


def test_weights_that_the_settings_give_are_kept():
    assert choose_weights(Double(neighbour_weight=0.7, praise_weight=0.9), SPLIT.train, SPLIT.validation) == (0.7, 0.9)
    given_praise = choose_weights(Double(praise_weight=0.9), SPLIT.train, SPLIT.validation)
    assert given_praise.praise_weight == 0.9
    assert given_praise.neighbour_weight in NEIGHBOUR_WEIGHTS
