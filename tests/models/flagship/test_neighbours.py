from dataclasses import replace

import numpy as np
import pytest

from recommender.evaluation.ease import Ease, EaseSettings
from recommender.features import ViewerLists
from recommender.models.flagship import neighbours
from recommender.models.flagship.neighbours import NeighbourTitles
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space
from tests.models.flagship.reading import histories_of

PLAIN = EaseSettings(2.0)
SIGNED = EaseSettings(2.0, (3.0, 9.0), star_weight=1.0, content_weight=1.0, features=("genres",))
BOARD = checkerboard().take(np.random.default_rng(0).permutation(288)[:200])  # with gaps, so that no two columns agree


class LargestPart:
    """EASE's weights of the docstring, as far as the largest eigenvalues give them."""

    def __init__(self, size):
        self._size = size

    def at(self, ease_l2, viewer_exponent):
        rated = np.zeros((SIZE, SIZE))
        rated[BOARD.user_rows, BOARD.item_rows] = 1.0
        shares = (rated.sum(axis=1) / rated.sum(axis=1).mean()) ** -viewer_exponent
        inverse = np.linalg.inv(rated.T @ (shares[:, None] * rated) + ease_l2 * np.eye(SIZE))
        scale = np.sqrt(np.diag(inverse))
        values, vectors = np.linalg.eigh(np.eye(SIZE) - inverse / np.outer(scale, scale))
        values, vectors = values[-self._size :], vectors[:, -self._size :]
        return (scale[:, None] * vectors) @ (vectors * values / scale[:, None]).T


def ease_scores(settings, weights=None):
    ease = Ease(BOARD, settings, weights)
    return ease.score(np.arange(SIZE), np.zeros(SIZE, np.int64)) - ease.best_sellers


def scores_of(made, ratings=BOARD):
    """[n_users, n_titles] scores of all viewers but the stranger."""
    candidates = made.fit(ratings)
    return made.pool(ViewerLists(ratings, fitted_space(ratings)).between(1, SIZE + 1)).numpy() @ candidates.T


@pytest.mark.parametrize(
    "settings",
    [PLAIN, SIGNED, replace(PLAIN, viewer_exponent=1.5)],
    ids=["plain", "signed, with labels", "of viewers who count by how little they rated"],
)
@pytest.mark.parametrize("size", [12, SIZE - 2])
def test_pooled_history_times_titles_is_ease_as_far_as_its_largest_eigenvalues_go(settings, size):
    np.testing.assert_allclose(ease_scores(settings, LargestPart(SIZE)), ease_scores(settings), atol=1e-4)
    expected = ease_scores(settings, LargestPart(size))
    found = scores_of(NeighbourTitles(BOARD, size, settings))
    np.testing.assert_allclose(found, expected, atol=2e-3)  # its tables are held in half precision


def test_more_eigenvalues_come_nearer_to_ease():
    errors = [
        np.linalg.norm(scores_of(NeighbourTitles(BOARD, size, PLAIN)) - ease_scores(PLAIN)) for size in (1, 6, 22)
    ]
    assert errors[0] > errors[1] > errors[2] > 0


def test_low_stars_speak_against_the_titles_that_stand_near_and_high_ones_for_them():
    made = NeighbourTitles(BOARD, 8, SIGNED)
    candidates = made.fit(BOARD)
    hated, liked, nothing = made.pool(histories_of([(4, 1.0, 0)], [(4, 5.0, 0)], [])).numpy() @ candidates.T
    of_the_colour = np.setdiff1d(np.arange(0, SIZE, 2), [4])
    assert not nothing.any()
    assert (hated[of_the_colour] < 0).all()
    assert (liked[of_the_colour] > 0).all()


def test_fitting_again_with_more_ratings_changes_the_scores():
    made = NeighbourTitles(BOARD, 12, PLAIN)
    fewer = BOARD.take(np.arange(100))
    made.fit(fewer)
    np.testing.assert_allclose(scores_of(made), scores_of(NeighbourTitles(BOARD, 12, PLAIN)), atol=1e-5)
    assert np.abs(scores_of(made, fewer) - scores_of(NeighbourTitles(BOARD, 12, PLAIN), fewer)).max() < 1e-5


def test_long_catalogues_keep_the_titles_most_rated_by_the_same_viewers(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_TITLES_SQUARED", SIZE - 1)
    monkeypatch.setattr(neighbours, "_MOST_TOGETHER", 20)
    made = NeighbourTitles(BOARD, 3, PLAIN)
    candidates = made.fit(BOARD)
    pooled = made.pool(histories_of(*([(title, 3.0, 0)] for title in range(SIZE)))).numpy()
    same_colour = np.add.outer(np.arange(SIZE), np.arange(SIZE)) % 2 == 0
    together = (pooled @ candidates.T)[same_colour]
    apart = (pooled @ candidates.T)[~same_colour]
    assert together.min() > 0.02
    assert np.abs(apart).max() < 1e-4


def test_all_cosines_of_a_long_catalogue_are_shrunken_shares_of_viewers(monkeypatch):
    rated = np.zeros((SIZE, SIZE))
    rated[BOARD.user_rows, BOARD.item_rows] = 1.0
    counts = rated.sum(axis=0)
    cosines = rated.T @ rated / np.sqrt(np.outer(counts + 2.0, counts + 2.0))
    np.fill_diagonal(cosines, 0.0)
    values = np.sort(np.linalg.eigvalsh(cosines))[-3:]
    monkeypatch.setattr(neighbours, "MOST_TITLES_SQUARED", SIZE - 1)
    made = NeighbourTitles(BOARD, 3, PLAIN)
    candidates = made.fit(BOARD)
    of_single_titles = made.pool(histories_of(*([(title, 3.0, 0)] for title in range(SIZE)))).numpy() @ candidates.T
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(of_single_titles).real)[-3:], values, rtol=2e-3)


def test_titles_of_a_long_catalogue_are_counted_some_at_a_time(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_TITLES_SQUARED", SIZE - 1)
    unrated = BOARD.take(np.flatnonzero(BOARD.item_rows != 3))
    at_once = scores_of(NeighbourTitles(BOARD, 3, PLAIN), unrated)
    assert not at_once[:, 3].any()
    monkeypatch.setattr(neighbours, "_PRODUCTS", 100)
    np.testing.assert_allclose(scores_of(NeighbourTitles(BOARD, 3, PLAIN), unrated), at_once, atol=1e-5)


def test_of_a_long_history_the_newest_ratings_are_counted_together(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_TITLES_SQUARED", SIZE - 1)
    monkeypatch.setattr(neighbours, "_LONGEST", 2)
    made = NeighbourTitles(BOARD, 3, PLAIN)
    candidates = made.fit(BOARD)
    order = np.lexsort((-BOARD.timestamps, BOARD.user_rows))
    places = np.arange(len(order)) - np.searchsorted(BOARD.user_rows[order], BOARD.user_rows[order])
    newest = BOARD.take(np.sort(order[places < 2]))
    monkeypatch.setattr(neighbours, "_LONGEST", 500)
    other = NeighbourTitles(BOARD, 3, PLAIN)
    np.testing.assert_allclose(np.abs(candidates), np.abs(other.fit(newest)), atol=1e-4)


def test_places_of_titles_much_rated_are_their_factors_and_of_others_their_labels():
    few = BOARD.take(np.flatnonzero((BOARD.item_rows != 6) & (BOARD.item_rows != 7)))
    made = NeighbourTitles(BOARD, 6, SIGNED)
    made.fit(few)
    places = made.places()
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1.0, atol=1e-5)
    assert not places[6, :6].any()  # which nobody has rated
    count = np.bincount(few.item_rows, minlength=SIZE)[4]
    assert np.linalg.norm(places[4, :6]) == pytest.approx(np.sqrt(0.7 * count / (count + 20)), rel=1e-5)
    assert places[6] @ places[4] > places[7] @ places[4]
    assert places[7, 6:-1] @ places[4, 6:-1] == pytest.approx(0, abs=1e-6)


def test_title_that_nobody_rated_is_less_like_a_known_one_than_its_labels_are():
    made = NeighbourTitles(BOARD, 6, SIGNED)
    made.fit(BOARD.take(np.flatnonzero(BOARD.item_rows != 6)))
    alike = made.places()[4] @ made.places().T
    count = np.sum(BOARD.item_rows == 4)
    assert alike[6] < np.sqrt(1 - 0.7 * count / (count + 20))  # the labels of both are the same
    assert alike[6] > max(alike[1::2])


def test_without_neighbours_queries_and_candidates_grow_by_nothing():
    made = NeighbourTitles(BOARD, 0, SIGNED)
    assert made.fit(BOARD).shape == (SIZE, 0)
    assert made.pool(histories_of([(4, 1.0, 0)], [])).shape == (2, 0)
    assert made.places().shape == (SIZE, 0)
