import numpy as np
import pytest
import tensorflow as tf

from recommender.data.schema import RatingScale
from recommender.models.flagship.history_tower import HistoryTower, viewer_means
from tests.models.flagship.reading import histories_of

MEAN = 3.5
LONG = [(0, 5.0, 0), (3, 1.0, 1), (2, 4.0, 1.5), (1, 2.0, 9)]


def tower(longest=300):
    """One whose weights are large enough to be told apart."""
    tf.random.set_seed(3)
    made = HistoryTower(5, 3, 2, longest=longest, scale=RatingScale(1, 5, 1), mean_stars=MEAN)
    for weight in made.weights:
        weight.assign(tf.random.normal(weight.shape, seed=1))
    return made


def pooled_in_numpy(made, ratings):
    """The docstring of `HistoryTower`, rating by rating."""
    titles, into, threshold, out, bias = (weight.numpy() for weight in made.weights)
    mean = MEAN + sum(stars - MEAN for _, stars, _ in ratings) / (len(ratings) + 5)
    sums, squares = np.zeros((2, 3)), np.zeros(2)
    for newer, (title, stars, day) in enumerate(reversed(ratings)):
        places = [2 ** (-newer / half_life) for half_life in (2, 6, 20, 60, 200)]
        ages = [2 ** ((day - ratings[-1][2]) / half_life) for half_life in (0.05, 1, 10, 60)]
        hats = [max(0.0, 1 - abs(stars - knot)) for knot in (1, 2, 3, 4, 5)]
        inputs = np.array([*places, *ages, *hats, stars - mean, stars - MEAN])
        weights = np.maximum(inputs @ into + threshold, 0) @ out + bias
        sums += weights[:, None] * titles[title].reshape(2, 3)
        squares += weights**2
    return (sums / np.sqrt(1 + squares)[:, None]).ravel()


def test_pooled_history_is_the_formula_of_the_docstring():
    made = tower()
    pooled = made(histories_of(LONG, LONG[1:3])).numpy()
    for row, ratings in zip(pooled, (LONG, LONG[1:3]), strict=True):
        np.testing.assert_allclose(row, pooled_in_numpy(made, ratings), rtol=1e-3, atol=1e-5)


def test_history_without_ratings_is_zeros():
    pooled = tower()(histories_of([], LONG, [])).numpy()
    assert not pooled[[0, 2]].any()
    assert pooled[1].any()


def test_only_the_newest_ratings_are_read():
    np.testing.assert_allclose(tower(longest=2)(histories_of(LONG)), tower()(histories_of(LONG[-2:])), atol=1e-5)


def test_order_and_pauses_are_heard():
    made = tower()
    turned = [(title, stars, LONG[place][2]) for place, (title, stars, _) in enumerate(reversed(LONG))]
    hurried = [(title, stars, 0) for title, stars, _ in LONG]
    as_given, *others = made(histories_of(LONG, turned, hurried)).numpy()
    for other in others:
        assert np.abs(other - as_given).max() > 0.01


def test_what_is_read_does_not_move_with_the_clock():
    later = [(title, stars, day + 1_000) for title, stars, day in LONG]
    pooled = tower()(histories_of(LONG, later)).numpy()
    np.testing.assert_allclose(pooled[1], pooled[0], atol=1e-6)


def test_what_is_kept_of_a_history_stands_for_the_whole():
    """Twice as many ratings alike, half of them read, give what all of them give."""
    made = tower()
    made.weights[1].assign(tf.zeros_like(made.weights[1]))  # so that neither places nor stars matter
    whole, half = [(2, 4.0, 0)] * 8, [(2, 4.0, 0)] * 4
    np.testing.assert_allclose(made(histories_of(half), kept=0.5), made(histories_of(whole)), rtol=1e-5)


def test_penalty_is_that_of_the_titles_read():
    made = tower()
    titles = made.weights[0].numpy()
    assert float(made.penalty(tf.constant([1, 3]))) == pytest.approx(np.sum(titles[[1, 3]] ** 2), rel=1e-5)


def test_means_are_drawn_towards_that_of_all_by_five_ratings():
    means = viewer_means(histories_of([(0, 5.0, 0), (1, 4.0, 0)], []), MEAN).numpy()
    np.testing.assert_allclose(means, [(5 + 4 + 5 * MEAN) / 7, MEAN], rtol=1e-6)
