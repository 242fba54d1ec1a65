"""Factors of who rated what: the least squares that they promise, from any history."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse

from recommender.evaluation.ease import EaseSettings, history_weights
from recommender.features import ViewerLists
from recommender.models.flagship import implicit_factors
from recommender.models.flagship.implicit_factors import ImplicitFactors, ManyOpinions
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space
from tests.models.flagship.reading import histories_of

PLAIN = EaseSettings(2.0)
SIGNED = EaseSettings(2.0, (3.0, 9.0), star_weight=1.0)
BOARD = checkerboard().take(np.random.default_rng(0).permutation(288)[:200])  # with gaps, so that no two columns agree


def made(settings=PLAIN, size=4):
    return ImplicitFactors(SIZE, size, BOARD.scale, settings)


def of_viewers(factors, ratings=BOARD):
    """[n_users, size] of all viewers but the stranger."""
    return factors.pool(ViewerLists(ratings, fitted_space(ratings)).between(1, SIZE + 1)).numpy()


def loss(viewers, titles, rated, most_penalised=SIZE):
    """What is minimised, without the penalties of titles, which fitting viewers does not change."""
    scores = viewers @ titles.T
    penalties = 0.01 * (rated.sum(axis=1) + 0.3 * most_penalised)
    seen = np.sum(rated * (1 - scores) ** 2)
    return seen + 0.3 * np.sum(scores**2) + np.sum(penalties[:, None] * viewers**2)


def test_scores_tell_the_colours_and_deviate_by_one():
    factors = made()
    candidates = factors.fit(BOARD)
    scores = of_viewers(factors) @ candidates.T
    same = (np.arange(SIZE)[:, None] + np.arange(SIZE)) % 2 == 0
    assert np.mean(scores[same] > 0.7) > 0.9
    assert np.mean(scores[~same] < 0.7) > 0.9
    assert scores.std() == pytest.approx(1 - 2 ** (-200 / SIZE / 5), abs=0.1)  # by so much are some 8 ratings known


@pytest.mark.parametrize("most_penalised", [SIZE, 6])
def test_pooled_viewers_are_the_best_of_the_least_squares(monkeypatch, most_penalised):
    monkeypatch.setattr(implicit_factors, "_MOST_PENALISED", most_penalised)
    factors = made()
    factors.fit(BOARD)
    lengths = np.bincount(BOARD.user_rows, minlength=SIZE)[:, None]
    titles, viewers = factors._titles.numpy(), of_viewers(factors) / (1 - 2 ** (-lengths / 5))
    assert titles.shape == (SIZE, 4)
    rated = np.zeros((SIZE, SIZE))
    rated[BOARD.user_rows, BOARD.item_rows] = 1.0
    best = loss(viewers, titles, rated, most_penalised)
    rng = np.random.default_rng(1)
    for _ in range(20):
        assert loss(viewers + 0.03 * rng.normal(size=viewers.shape), titles, rated, most_penalised) > best
    if most_penalised < SIZE:
        assert loss(0.99 * viewers, titles, rated) < loss(viewers, titles, rated)  # larger than with all penalties


def test_history_is_weighed_by_place_and_stars_as_that_of_neighbours():
    factors = made(SIGNED)
    factors.fit(BOARD)
    titles = factors._titles.numpy()
    found = factors.pool(histories_of([(4, 1.0, 0), (7, 5.0, 1), (9, 3.0, 2)])).numpy()[0]
    wanted = history_weights(np.array([2.0, 1.0, 0.0]), np.array([1.0, 5.0, 3.0]), BOARD.scale, SIGNED)
    read, weights = titles[[4, 7, 9]], np.abs(wanted)
    matrix = 0.3 * titles.T @ titles + (weights[:, None] * read).T @ read
    matrix += 0.01 * (weights.sum() + 0.3 * SIZE) * np.eye(4)
    known = 1 - 2 ** (-3 / 5)  # of a newcomer factors count for less
    np.testing.assert_allclose(found, known * np.linalg.solve(matrix, read.T @ wanted), rtol=1e-3, atol=1e-4)


def test_low_stars_speak_against_the_titles_that_stand_near_and_an_empty_history_says_nothing():
    factors = made(SIGNED)
    candidates = factors.fit(BOARD)
    hated, liked, nothing = factors.pool(histories_of([(4, 1.0, 0)], [(4, 5.0, 0)], [])).numpy() @ candidates.T
    of_the_colour = np.arange(0, SIZE, 2)
    assert not nothing.any()
    assert (hated[of_the_colour] < 0).all()
    assert (liked[of_the_colour] > 0).all()


def test_pair_rated_twice_counts_once():
    again = BOARD.take(np.append(np.arange(len(BOARD)), np.arange(20)))
    np.testing.assert_allclose(made().fit(again), made().fit(BOARD))


def test_title_that_nobody_rated_has_no_factors():
    unrated = BOARD.take(np.flatnonzero(BOARD.item_rows != 3))
    assert not made().fit(unrated)[3].any()
    assert made().fit(BOARD)[3].any()


def test_many_rows_are_solved_some_at_once(monkeypatch):
    whole = made().fit(BOARD)
    monkeypatch.setattr(implicit_factors, "_AT_ONCE", 5)
    np.testing.assert_allclose(made().fit(BOARD), whole, atol=1e-6)


def test_fitting_again_with_other_ratings_alone_changes_the_factors(monkeypatch):
    factors, fewer = ManyOpinions(SIZE, 4, BOARD.scale, SIGNED), BOARD.take(np.arange(100))
    first = factors.fit(fewer)
    fitted = []
    monkeypatch.setattr(
        ImplicitFactors, "fit", lambda self, ratings, fit=ImplicitFactors.fit: fitted.append(1) or fit(self, ratings)
    )
    assert factors.fit(fewer) is first
    assert not fitted
    again = factors.fit(BOARD)
    np.testing.assert_allclose(again, ManyOpinions(SIZE, 4, BOARD.scale, SIGNED).fit(BOARD))
    assert np.abs(first - again).max() > 0.01


def test_left_out_they_take_no_place():
    factors = made(size=0)
    assert factors.fit(BOARD).shape == (SIZE, 0)
    assert factors.pool(histories_of([(4, 1.0, 0)])).shape == (1, 0)
    assert tf.reduce_all(tf.math.is_finite(made().pool(histories_of([], [(3, 5.0, 0)]))))


def test_several_opinions_say_the_mean_of_what_each_says():
    together = ManyOpinions(SIZE, 4, BOARD.scale, SIGNED)
    candidates, read = together.fit(BOARD), histories_of([(4, 1.0, 0), (7, 5.0, 1)], [(3, 4.0, 0)])
    said = []
    for seed, (share, penalties) in enumerate(implicit_factors._OPINIONS):
        alone = ImplicitFactors(SIZE, round(4 * share), BOARD.scale, SIGNED, penalties, seed)
        titles = alone.fit(BOARD)
        said.append(alone.pool(read).numpy() @ titles.T)
    assert together.size == candidates.shape[1] == 11
    np.testing.assert_allclose(together.pool(read).numpy() @ candidates.T, np.mean(said, axis=0), atol=1e-5)
    assert np.abs(said[0] - said[1]).max() > 0.01


def test_rows_of_few_columns_are_solved_as_all_are(monkeypatch):
    rng = np.random.default_rng(4)
    rated = sparse.random(200, 50, density=0.1, format="csr", rng=rng)
    rated.data[:] = 1.0
    others = rng.normal(size=(50, 8))
    assert {0, 4, 5} <= set(np.diff(rated.indptr))  # nothing, few and many
    found = implicit_factors._solved(rated, others, implicit_factors.Penalties())
    monkeypatch.setattr(implicit_factors, "_FEW", 0)
    np.testing.assert_allclose(found, implicit_factors._solved(rated, others, implicit_factors.Penalties()), atol=1e-12)


@pytest.mark.parametrize("few", [0, 12])
def test_titles_of_a_long_catalogue_that_nobody_rated_take_nothing_from_viewers(monkeypatch, few):
    monkeypatch.setattr(implicit_factors, "_FEW", few)
    rng = np.random.default_rng(4)
    rated = sparse.random(30, 50, density=0.1, format="csr", rng=rng)
    rated.data[:] = 1.0
    others, penalties = rng.normal(size=(50, 8)), implicit_factors.Penalties()
    longer = sparse.csr_matrix((rated.data, rated.indices, rated.indptr), (30, 500)), np.pad(others, ((0, 450), (0, 0)))
    found = implicit_factors._solved(*longer, penalties)
    assert np.abs(found - implicit_factors._solved(rated, others, penalties)).max() > 1e-3
    monkeypatch.setattr(implicit_factors, "_MOST_PENALISED", 50)
    np.testing.assert_allclose(
        implicit_factors._solved(*longer, penalties), implicit_factors._solved(rated, others, penalties), atol=1e-12
    )
