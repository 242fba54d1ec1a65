"""What the parts of a score count for, chosen when everything else has been learnt."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship import choosing
from recommender.models.flagship.choosing import (
    CONTENT_WEIGHTS,
    NEIGHBOUR_WEIGHTS,
    PRAISE_WEIGHTS,
    PRIOR_WEIGHTS,
    ChosenWeights,
    ScoreWeights,
    choose_weights,
    starting_weights,
)
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.head_ranking import rank_head
from recommender.models.served import Baked
from tests.checkerboard import SIZE, checkerboard_split

SPLIT = checkerboard_split()
GRIDS = {
    **{"neighbour_weight": NEIGHBOUR_WEIGHTS, "content_weight": CONTENT_WEIGHTS},
    **{"prior_weight": PRIOR_WEIGHTS, "praise_weight": PRAISE_WEIGHTS},
}


class Double:
    """A number each for neighbours, labels and the prior beside a random one; the first two tell colours a little."""

    n_ranked = 20

    def __init__(self, **given):
        rng = np.random.default_rng(0)
        self.configuration = FlagshipConfiguration(**given)
        self.parts = ScoreWeights(starting_weights(self.configuration))
        self.space = SimpleNamespace(viewer_of_user=np.arange(1, SIZE + 1))
        viewers, titles = (-1.0) ** (np.arange(SIZE + 1) - 1), (-1.0) ** np.arange(SIZE)
        noise = rng.normal(size=(4, SIZE))
        self.candidates = np.stack([20 * noise[0], titles + 2 * noise[1], titles + 3 * noise[2], noise[3]], axis=1)
        self.queries = np.stack([np.ones(SIZE + 1), viewers, viewers, np.ones(SIZE + 1)], axis=1)
        self.given_stars = 30 * rng.normal(size=(SIZE + 1, SIZE))

    def bake(self, ratings):
        rows = tf.range(SIZE + 1)[:, None]
        candidates = tf.constant(self.candidates, tf.float32)
        return Baked(rows, tf.cast(rows, tf.float32), candidates, tf.zeros([SIZE, 1]))

    def query(self, viewers, histories, at):
        weights = tf.stack([1.0, self.parts.neighbours, self.parts.content, self.parts.prior])
        return weights * tf.gather(tf.constant(self.queries, tf.float32), viewers[:, 0])

    def stars(self, viewers, histories, at, titles):
        return tf.gather(tf.constant(self.given_stars, tf.float32), viewers[:, 0])

    def praise(self, histories):
        return self.parts.praise + tf.zeros_like(histories), 3.0 + tf.zeros_like(histories)

    def n_read(self, histories):
        return tf.zeros([tf.shape(histories)[0]], tf.int32)

    def figures(self, weights):
        """NDCG@10 and liked NDCG@10 of its lists."""
        scores = self.queries * [1.0, *weights[:3]] @ self.candidates.T
        praise = weights.praise_weight * (self.given_stars - 3.0)
        ranked = rank_head(tf.constant(scores), tf.constant(praise), tf.fill([SIZE + 1], self.n_ranked)).numpy()
        scorer = SimpleNamespace(score=lambda users, _: ranked[users + 1])
        return HeadOfLists(SPLIT.train, SPLIT.validation).figures(scorer)

    def choose(self):
        return choose_weights(self, SPLIT.train, SPLIT.validation)


@pytest.fixture(scope="module")
def double():
    return Double()


@pytest.fixture(scope="module")
def chosen(double):
    return double.choose()


def test_no_other_neighbour_weight_would_give_better_lists(double, chosen):
    retrieved = chosen._replace(praise_weight=0.0)
    best = sum(double.figures(retrieved))
    others = [sum(double.figures(retrieved._replace(neighbour_weight=weight))) for weight in NEIGHBOUR_WEIGHTS]
    assert best == pytest.approx(max(others))
    assert best > min(others) + 0.05


def test_every_step_makes_lists_better_than_where_the_choice_begins(double, chosen):
    start = starting_weights(double.configuration)
    assert start == ChosenWeights(4.0, 0.8, 1.0, 0.0)
    assert sum(double.figures(chosen._replace(praise_weight=0.0))) > sum(double.figures(start))
    assert all(weight in GRIDS[name] for name, weight in chosen._asdict().items())


@pytest.mark.parametrize("most_lost", [0.005, 0.05, 1.0])
def test_praise_is_liked_best_of_what_costs_little(double, most_lost, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_NDCG_LOST", most_lost)
    chosen = double.choose()
    figures = np.array([double.figures(chosen._replace(praise_weight=weight)) for weight in PRAISE_WEIGHTS])
    allowed = figures[:, 0] >= figures[0, 0] - most_lost
    assert chosen.praise_weight == PRAISE_WEIGHTS[np.argmax(np.where(allowed, figures[:, 1], -1.0))]


def test_praise_loses_at_most_half_a_hundredth_of_what_retrieval_finds(double, chosen):
    retrieved = double.figures(chosen._replace(praise_weight=0.0))[0]
    assert retrieved - double.figures(chosen)[0] <= 0.005 + 1e-6
    others = [double.figures(chosen._replace(praise_weight=weight))[0] for weight in PRAISE_WEIGHTS]
    assert retrieved - min(others) > 0.005


def test_model_is_left_with_what_was_chosen(double, chosen):
    held = double.parts
    found = [float(weight) for weight in (held.neighbours, held.content, held.prior, held.praise)]
    np.testing.assert_allclose(found, double.choose(), rtol=1e-6)


@pytest.mark.parametrize("given", [list(GRIDS), ["praise_weight"], ["content_weight", "prior_weight"]])
def test_weights_that_the_settings_give_are_kept(given):
    weights = dict(zip(GRIDS, (0.7, 0.2, 0.6, 0.9), strict=True))
    found = Double(**{name: weights[name] for name in given}).choose()._asdict()
    for name, weight in found.items():
        assert weight == weights[name] if name in given else weight in GRIDS[name]
