import numpy as np
import pytest
import tensorflow as tf

from recommender.data.schema import RatingScale
from recommender.models.flagship.star_levels import level_of, levels_of


@pytest.mark.parametrize("scale", [RatingScale(1, 5, 1), RatingScale(0.5, 5, 0.5)], ids=["whole stars", "half stars"])
def test_levels_of_a_scale_are_its_steps_and_every_rating_has_the_nearest(scale):
    levels = levels_of(scale)
    assert levels[0] == scale.low
    assert levels[-1] == scale.high
    np.testing.assert_allclose(np.diff(levels), scale.step)
    np.testing.assert_array_equal(level_of(tf.constant(levels, tf.float32), scale), np.arange(scale.n_levels))
    assert level_of(tf.constant([-3.0, 99.0]), scale).numpy().tolist() == [0, scale.n_levels - 1]
