from dataclasses import replace

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.peers import PEERS, BestSellersForStrangers, FactorModel
from recommender.data.schema import RatingScale
from recommender.evaluation import Ease, EaseSettings, Scorer
from tests.checkerboard import SIZE, checkerboard

USERS, ITEMS = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0, 0.0], [0.5, 1.0], [-3.0, -1.0]])
AT = np.zeros(2, np.int64)


def factors(scale=None):
    return FactorModel(USERS, ITEMS, np.array([3.0, 2.0]), np.array([0.5, 0.0, -0.5]), scale)


def test_scores_are_biases_and_an_inner_product():
    assert factors().score(np.array([1, 0]), AT).tolist() == [[2.5, 1.0, 2.5], [4.5, 5.5, -2.5]]


def test_stars_are_the_scores_clipped_to_the_scale():
    stars = factors(RatingScale(1, 5, 1)).rate(np.array([0, 0, 1]), np.array([1, 2, 2]), np.zeros(3, np.int64))
    assert stars.tolist() == [5.0, 1.0, 2.5]


def test_ranking_without_a_scale_predicts_no_stars():
    assert factors().rate(np.array([0]), np.array([1]), AT) is None


def test_stranger_gets_the_best_sellers_and_everybody_else_the_ranking():
    training_part = checkerboard()
    training_part = training_part.take(np.flatnonzero((training_part.user_rows == 1) | (training_part.item_rows == 3)))
    ease = Ease(training_part, EaseSettings(1.0))
    scores = BestSellersForStrangers(ease, training_part).score(np.array([0, 1]), AT)
    assert scores[0].argmax() == 3
    assert scores[0, 3] == SIZE / 2
    np.testing.assert_allclose(scores[1], ease.score(np.array([1]), AT[:1])[0], atol=1e-6)


@pytest.mark.parametrize("name", PEERS)
def test_chosen_settings_are_a_point_of_the_grid(name):
    peer = PEERS[name]
    assert not peer.grid or dict(peer.chosen) in list(peer.points())


@pytest.mark.parametrize("name", PEERS)
def test_peers_score_every_title_for_every_viewer(name):
    peer = PEERS[name]
    if not peer.installed:
        pytest.skip(f"{peer.module} is not installed; it is in benchmarks/requirements.txt")
    training_part = checkerboard().take(np.arange(200))  # leaves the last viewers without interactions
    scorer: Scorer = peer.fit(training_part, 1, peer.chosen)
    viewers = np.arange(SIZE)
    scores = scorer.score(viewers, np.zeros(SIZE, np.int64))
    assert scores.shape == (SIZE, SIZE)
    assert np.isfinite(scores).all()
    stars = scorer.rate(training_part.user_rows, training_part.item_rows, training_part.timestamps)
    assert stars is None or (stars.shape == (200,) and stars.min() >= 1 and stars.max() <= 5)


def test_surprise_predicts_the_same_as_its_matrix_product():
    surprise = pytest.importorskip("surprise", reason="it is in benchmarks/requirements.txt")
    training_part = checkerboard().take(np.arange(0, 280, 3))
    model = surprise.SVDpp(n_factors=4, random_state=0)
    ours = peers._fit_surprise(model, training_part)
    users, items = (rows.ravel() for rows in np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij"))
    theirs = [model.predict(user, item).est for user, item in zip(users, items, strict=True)]
    np.testing.assert_allclose(ours.rate(users, items, np.zeros(len(users), np.int64)), theirs, atol=1e-9)


def test_samples_of_the_factorization_machine_predict_the_same_as_their_matrix_product(monkeypatch):
    myfm = pytest.importorskip("myfm", reason="it is in benchmarks/requirements.txt")
    trained = []

    class Spy(myfm.MyFMRegressor):
        def fit(self, X, y, X_rel, **rest):  # noqa: N803
            trained.append((super().fit(X, y, X_rel, **rest), X, X_rel))

    monkeypatch.setattr(myfm, "MyFMRegressor", Spy)
    training_part = checkerboard()
    wide = replace(training_part, scale=RatingScale(-100, 100, 1))  # nothing is clipped
    settings = {"rank": 3, "n_iter": 12, "n_kept_samples": 5}
    ours = peers._fit_bayesian_fm(wide, 1, settings)
    model, table, blocks = trained[0]
    stars = ours.rate(training_part.user_rows, training_part.item_rows, training_part.timestamps)
    np.testing.assert_allclose(stars, model.predict(table, blocks), atol=1e-9)
