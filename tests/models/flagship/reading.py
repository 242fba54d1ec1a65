"""Histories written as they are read: viewer by viewer, the oldest rating first."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from recommender.features import Histories

DAY = 86_400
Rating = tuple[int, float, float]  # title, stars, day


def histories_of(*viewers: Sequence[Rating]) -> Histories:
    """The histories of some viewers."""
    ratings = [(row, *rating) for row, read in enumerate(viewers) for rating in read]
    rows, items, stars, days = np.array(ratings, np.float64).reshape(-1, 4).T
    return Histories(
        tf.constant(items, tf.int32),
        tf.constant(stars, tf.float32),
        tf.constant(days * DAY, tf.int64),
        tf.constant(rows, tf.int32),
        tf.constant(len(viewers)),
    )
