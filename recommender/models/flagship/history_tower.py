"""A viewer's ratings in order as one vector: what was rated, how long ago, and with how many stars."""

import numpy as np
import tensorflow as tf
import tf_keras as keras

from recommender.data.schema import RatingScale
from recommender.features import Histories
from recommender.models.layers import normal

_POSITIONS = np.array([2.0, 6.0, 20.0, 60.0, 200.0], np.float32)  # half-lives in ratings, from a glance to a shelf
_DAYS = np.array([0.05, 1.0, 10.0, 60.0], np.float32)  # half-lives in days, from one sitting to a season
_STAR_KNOTS = 5  # places on the scale between which the effect of stars is linear
_HIDDEN = 32  # units that weigh a rating
_MEAN_SHRINKAGE = 5.0  # ratings' worth of pull of a viewer's mean towards everybody's
_CLICK_BIAS = 0.3  # a rating's weight before anything is learnt: a title rated speaks for its like


class HistoryTower(keras.layers.Layer):
    """Reads histories by gather and segment sums, so that the cost is in proportion to the ratings read.

    Each rating is weighed, once for each of several heads, by a small network that reads its place (how many ratings
    and how many days before the newest one) and its stars (on the scale, and against the viewer's mean). A head of the
    vector is the weighted sum of the titles' embeddings over the root of one plus the squared weights. Ages are taken
    from the newest rating, so what is read does not move with the clock.

    Args:
      n_titles: of the catalogue.
      size: numbers of a head.
      n_heads: ways of weighing.
      longest: only so many of the newest ratings are read.
      scale: of the stars.
      mean_stars: of the training part.
    """

    def __init__(
        self, n_titles: int, size: int, n_heads: int, *, longest: int, scale: RatingScale, mean_stars: float
    ) -> None:
        super().__init__()
        self._size, self._n_heads, self._longest = size, n_heads, longest
        self._span, self._mean_stars = max(scale.high - scale.low, 1e-6), mean_stars
        self._knots = tf.constant(np.linspace(scale.low, scale.low + self._span, _STAR_KNOTS), tf.float32)
        n_inputs = len(_POSITIONS) + len(_DAYS) + _STAR_KNOTS + 2
        self._titles = self.add_weight("titles", (n_titles, n_heads * size), initializer=normal(0.05))
        self._in = self.add_weight("in", (n_inputs, _HIDDEN), initializer=normal(0.15))
        self._threshold = self.add_weight("threshold", (_HIDDEN,), initializer="zeros")
        self._out = self.add_weight("out", (_HIDDEN, n_heads), initializer=normal(0.2))
        self._bias = self.add_weight("bias", (n_heads,), initializer=keras.initializers.Constant(_CLICK_BIAS))
        self.built = True

    def call(self, histories: Histories, kept: float = 1.0) -> tf.Tensor:
        """Reads histories.

        Args:
          histories: what is read.
          kept: the share of each history that is in `histories`; in training some is left out, and what is there
            stands for all.

        Returns:
          [count, n_heads * size]; zeros for an empty history.
        """
        read = histories.kept(histories.positions() < self._longest)
        weights = self._weights(read)  # [n, n_heads]
        embedded = tf.reshape(tf.gather(self._titles, read.items), [-1, self._n_heads, self._size])
        sums = read.summed(tf.reshape(embedded * weights[:, :, None], [-1, self._n_heads * self._size]))
        lengths = tf.sqrt(read.summed(tf.square(weights)) / kept + 1.0)[:, :, None]
        heads = tf.reshape(sums / kept, [-1, self._n_heads, self._size]) / lengths
        return tf.reshape(heads, [-1, self._n_heads * self._size])

    def penalty(self, items: tf.Tensor) -> tf.Tensor:
        """The summed squares of the embeddings of [n] titles: of those that a batch has read."""
        return tf.reduce_sum(tf.square(tf.gather(self._titles, items)))

    def _weights(self, read: Histories) -> tf.Tensor:
        positions, ages = tf.cast(read.positions(), tf.float32)[:, None], read.ages()[:, None]
        means = viewer_means(read, self._mean_stars)
        stars = read.stars[:, None]
        hats = tf.nn.relu(1.0 - tf.abs(stars - self._knots) / (self._knots[1] - self._knots[0]))
        against = (stars - tf.gather(means, read.rows)[:, None]) * (4.0 / self._span)
        level = (stars - self._mean_stars) * (4.0 / self._span)
        inputs = tf.concat([2.0 ** (-positions / _POSITIONS), 2.0 ** (-ages / _DAYS), hats, against, level], axis=1)
        hidden = tf.nn.relu(tf.matmul(inputs, self._in) + self._threshold)
        return tf.matmul(hidden, self._out) + self._bias


def viewer_means(histories: Histories, mean_stars: float) -> tf.Tensor:
    """[count] mean stars of each history, drawn towards the mean of all by five ratings' worth."""
    sums = histories.summed(histories.stars - mean_stars)
    return mean_stars + sums / (tf.cast(histories.lengths(), tf.float32) + _MEAN_SHRINKAGE)
