import numpy as np
import pytest
import tensorflow as tf

from recommender.features import ViewerLists
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.stars import BayesianStars
from tests.checkerboard import SIZE, checkerboard, stars_of
from tests.features.fitted import fitted_space
from tests.models.flagship.reading import histories_of

SMALL = RatingSettings(n_members=2, factor_size=3, implicit_size=4, burn_in=10, thin=1, held_out_thin=1)
AT = tf.constant([880_500_000] * 2, tf.int64)


@pytest.fixture(scope="module")
def board():
    return checkerboard()


def made_half(board, **options):
    return BayesianStars(fitted_space(board), board, SMALL, **{"reads_history": True, "timed": False, **options})


@pytest.fixture(scope="module")
def finished(board):
    """One that has read the whole board."""
    made = made_half(board)
    made.sample(3)
    made.resample(board)
    return made


def rated(half, *viewers):
    titles = half.titles()[None]
    return half.stars(half.pool(histories_of(*viewers)), AT[: len(viewers)], titles).numpy()


def test_any_history_is_read_as_that_of_a_known_viewer(finished, board):
    lists = ViewerLists(board, fitted_space(board))
    own = [
        list(zip(chunk.items.numpy(), chunk.stars.numpy(), chunk.times.numpy() / 86_400, strict=True))
        for chunk in (lists.between(viewer, viewer + 1) for viewer in (1, 5))
    ]
    given = finished.pool(histories_of(*own))
    np.testing.assert_allclose(given, tf.gather(finished.pool_viewers(board), [1, 5]), atol=1e-4)


def test_visitor_is_told_by_few_ratings_what_they_will_like(finished):
    """Stars lie on a board of its own, of two kinds of viewers."""
    kinds = [[(title, stars_of(viewer, title), 0) for title in range(0, 12, 2)] for viewer in (0, 2)]
    stars = rated(finished, *kinds)
    for row, viewer in zip(stars, (0, 2), strict=True):
        right = [(row[title] > 3) == (stars_of(viewer, title) > 3) for title in range(12, SIZE, 2)]
        assert np.mean(right) >= 0.8


def test_examples_are_held_out_ratings_that_no_history_of_theirs_holds(board):
    half = made_half(board)
    half.sample(3)
    history, at, title, stars = half.examples(400)
    given = {(int(t), int(a)): s for t, a, s in zip(board.item_rows, board.timestamps, board.stars, strict=True)}
    assert all(given[int(t), int(a)] == s for t, a, s in zip(title.numpy(), at.numpy(), stars.numpy(), strict=True))
    held = {(int(t), int(a)) for t, a in zip(title.numpy(), at.numpy(), strict=True)}
    assert len(held) == round(len(board) * SMALL.held_out_share)
    n_read = np.rint(np.expm1(history.numpy()[:, 8]))
    kept = len(board) // SIZE  # of each viewer, the one held out or more missing
    assert n_read.max() < kept
    assert n_read.min() <= 10
    assert len(np.unique(n_read)) > 5


def test_without_history_everybody_is_a_stranger(board):
    half = made_half(board, reads_history=False)
    half.sample(3)
    pooled = half.pool(histories_of([(0, 5.0, 0)], [])).numpy()
    np.testing.assert_array_equal(pooled[0], pooled[1])
    assert not half.pool_viewers(board).numpy()[:, 8].any()


def test_seed_fixes_the_members(board):
    def titles(seed):
        half = made_half(board)
        half.sample(seed)
        return half.titles().numpy()

    np.testing.assert_array_equal(titles(1), titles(1))
    assert np.abs(titles(1) - titles(2)).max() > 0.01


def test_loss_is_minus_the_log_of_the_probability_given(finished, board):
    histories = tf.gather(finished.pool_viewers(board), board.user_rows[:50] + 1)
    at, titles = tf.constant(board.timestamps[:50]), tf.constant(board.item_rows[:50])
    loss, squared_error = finished.loss(histories, at, titles, tf.constant(board.stars[:50]))
    likely = finished.levels(histories, at, tf.gather(finished.titles(), titles)[:, None]).numpy()[:, 0]
    chosen = likely[np.arange(50), board.stars[:50].astype(int) - 1]
    assert float(loss) == pytest.approx(-np.log(chosen).mean(), rel=1e-4)
    assert float(squared_error) == pytest.approx(np.mean((likely @ np.arange(1, 6) - board.stars[:50]) ** 2), rel=1e-3)


def test_of_very_many_ratings_half_of_the_sweeps_are_made():
    few, many = RatingSettings.fitted_to(100_000), RatingSettings.fitted_to(1_000_000)
    assert few == RatingSettings()
    assert many.burn_in < few.burn_in
    assert many.thin < few.thin
    assert many.n_members == few.n_members
