import numpy as np
import pytest
import tensorflow as tf

from recommender.data.schema import RatingScale
from recommender.features import Clock
from recommender.models.flagship.coarse_moment import CoarseMoment
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.star_head import StarHead
from recommender.models.flagship.star_levels import levels_of

SETTINGS = RatingSettings(n_members=2, factor_size=2)
SCALE, HALVES = RatingScale(1, 5, 1), RatingScale(0.5, 5, 0.5)
MEAN, DEVIATION = 3.5, 1.25
AT = tf.constant([1_000, 1_050, 2_000], tf.int64)


def made_head(scale=SCALE, clock=None):
    made = StarHead(scale, SETTINGS, CoarseMoment(clock), MEAN, DEVIATION)
    rng = np.random.default_rng(2)
    for weight in made.weights:
        weight.assign(weight + 0.2 * rng.normal(size=weight.shape).astype(np.float32))
    return made


def asked(scale=SCALE):
    """Three viewers and four titles of each."""
    rng = np.random.default_rng(3)
    histories, titles = rng.normal(size=(3, 8 + scale.n_levels)), rng.normal(size=(3, 4, 8))
    return tf.constant(histories, tf.float32), AT, tf.constant(titles, tf.float32)


@pytest.mark.parametrize("scale", [SCALE, HALVES], ids=["whole stars", "half stars"])
def test_probabilities_sum_to_one_and_their_mean_is_the_predicted_rating(scale):
    head, question = made_head(scale), asked(scale)
    likely = head(*question).numpy()
    assert likely.shape == (3, 4, scale.n_levels)
    assert (likely > 0).all()
    np.testing.assert_allclose(likely.sum(axis=2), 1.0, atol=1e-5)
    np.testing.assert_allclose(likely @ levels_of(scale), head.stars(*question), atol=2e-3)
    np.testing.assert_allclose(head.mean(tf.constant(likely)), head.stars(*question), atol=2e-3)


def test_predicted_rating_is_the_mean_of_the_members_inside_the_scale():
    head = made_head()
    histories, _at, titles = (np.array(part) for part in asked())
    rows, columns = histories[:, :6].reshape(3, 2, 3), titles[..., :6].reshape(3, 4, 2, 3)
    each = rows[:, None, :, 0] + columns[..., 0] + np.einsum("bsk,bnsk->bns", rows[..., 1:], columns[..., 1:])
    expected = np.clip(MEAN + DEVIATION * each.mean(axis=2), 1.04, 4.96)  # a hundredth of the scale from its ends
    assert len(np.unique(expected)) > 6
    np.testing.assert_allclose(head.stars(*asked()), expected, atol=1e-4)


def test_same_titles_for_all_viewers_are_rated_as_titles_of_each():
    head, (histories, at, titles) = made_head(), asked()
    shared, repeated = titles[:1], tf.repeat(titles[:1], 3, axis=0)
    np.testing.assert_allclose(head.stars(histories, at, shared), head.stars(histories, at, repeated), atol=1e-5)
    np.testing.assert_allclose(head(histories, at, shared), head(histories, at, repeated), atol=1e-5)


def test_stars_drift_with_the_clock_and_only_with_one():
    clock = Clock(1_000, 2_000, np.array([0.0, 500.0, 1_000.0], np.float32))
    histories, _, titles = asked()
    histories = tf.repeat(histories[:1], 3, axis=0)
    for head, moves in ((made_head(clock=clock), True), (made_head(), False)):
        stars = head.stars(histories, AT, titles[:1]).numpy()
        assert (np.ptp(stars, axis=0).max() > 1e-3) == moves


def test_gradient_of_the_mean_is_that_of_the_members():
    """The slope is solved for, yet what is learnt passes through it."""
    head, (histories, at, titles) = made_head(), asked()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(histories)
        by_levels, direct = head.mean(head(histories, at, titles)), head.stars(histories, at, titles)
    np.testing.assert_allclose(
        tape.gradient(by_levels, histories)[:, :6], tape.gradient(direct, histories)[:, :6], atol=0.05
    )
