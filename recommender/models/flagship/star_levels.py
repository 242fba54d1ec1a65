"""The ratings that a scale has."""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data.schema import RatingScale


def levels_of(scale: RatingScale) -> npt.NDArray[np.floating]:
    """[n_levels] stars of the levels of a scale."""
    return scale.low + scale.step * np.arange(scale.n_levels)


def level_of(stars: tf.Tensor, scale: RatingScale) -> tf.Tensor:
    """[...] int32 the nearest level of each rating."""
    level = tf.cast(tf.round((stars - scale.low) / scale.step), tf.int32)
    return tf.clip_by_value(level, 0, scale.n_levels - 1)
