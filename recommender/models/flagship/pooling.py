"""A moment, and a row of ratings, each as one vector."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras as keras

from recommender.features import Clock
from recommender.models.layers import MeanL2, normal


class TimeBasis(keras.layers.Layer):
    """A moment as hat functions over the clock's knots and a normalised scalar; the ends are held outside the span.

    A hat function is 1 at its knot and falls linearly to 0 at the neighbouring ones, so a sweep has no steps.

    Args:
      clock: the knots; None for a model that does not read the moment, whose basis has no numbers.
    """

    def __init__(self, clock: Clock | None) -> None:
        super().__init__()
        self.size = 0
        if clock is None:
            return
        self._origin = clock.origin
        self._span_seconds = clock.span_seconds
        self._knots = tf.constant(clock.knots)
        self.size = len(clock.knots) + 1

    def call(self, at: tf.Tensor) -> tf.Tensor:
        """[batch] int64 UTC seconds to [batch, size]."""
        if not self.size:
            return tf.zeros([tf.shape(at)[0], 0])
        seconds = tf.cast(at - self._origin, tf.float32)  # subtract first: float32 is 64 s coarse at 8.8e8
        seconds = tf.clip_by_value(seconds, self._knots[0], self._knots[-1])
        n_knots = self.size - 1
        left = tf.clip_by_value(tf.searchsorted(self._knots, seconds, side="right") - 1, 0, n_knots - 2)
        start, end = tf.gather(self._knots, left), tf.gather(self._knots, left + 1)
        share = ((seconds - start) / (end - start))[:, None]
        hats = (1 - share) * tf.one_hot(left, n_knots) + share * tf.one_hot(left + 1, n_knots)
        return tf.concat([hats, seconds[:, None] / self._span_seconds - 0.5], axis=1)


class RatingSums(NamedTuple):
    """Sums over the ratings of a row, from which any one rating can be taken back.

    Attributes:
      count: [batch, 1] ratings.
      residual: [batch, 1] sum of residuals (stars above what was expected).
      presence: [batch, size] sum of the presence embeddings.
      taste: [batch, size] sum of the taste embeddings.
      weighted: [batch, size] sum of the taste embeddings times the residuals.
    """

    count: tf.Tensor
    residual: tf.Tensor
    presence: tf.Tensor
    taste: tf.Tensor
    weighted: tf.Tensor


class PooledRatings(keras.layers.Layer):
    """A row of ratings as one vector: who was rated, and by how much above or below the row's mean.

    With r_j the residual of rating j, m the row's shrunken mean residual and n its count, the vector is
    sum_j (P_j + (r_j - m) D_j) / sqrt(n): the implicit feedback of SVD++ (Koren 2008, eq. 15) beside the same weighted
    by taste (the asymmetric SVD of eq. 13). Being made of sums, it can be formed without one rating (the target of
    training), and for a row the model has never seen.

    Args:
      expected: [n_columns] stars to be expected of each column.
      size: length of the vector.
      shrinkage: ratings' worth of pull of the mean residual towards 0.
      l2: weight of the penalty on the two tables.
      stddev: of their initial values.
    """

    def __init__(
        self, expected: npt.NDArray[np.float32], size: int, *, shrinkage: float, l2: float, stddev: float
    ) -> None:
        super().__init__()
        self._expected = tf.constant(expected)
        self.size, self._shrinkage = size, shrinkage
        shape, penalty = (len(expected), size), MeanL2(l2)
        self._presence = self.add_weight("presence", shape, initializer=normal(stddev), regularizer=penalty)
        self._taste = self.add_weight("taste", shape, initializer=normal(stddev), regularizer=penalty)
        self.built = True

    def sums(self, stars: tf.Tensor, keep: tf.Tensor | None = None) -> RatingSums:
        """Sums over rows of ratings.

        Args:
          stars: [batch, n_columns] stars; NaN where there is no rating.
          keep: [batch, n_columns] 1 for ratings to read, 0 for those to leave out; all if not given.
        """
        present = tf.cast(~tf.math.is_nan(stars), tf.float32)
        if keep is not None:
            present *= keep
        residuals = tf.where(present > 0, stars - self._expected, 0.0)
        tables = tf.concat([self._presence, self._taste], axis=1)
        sums = tf.matmul(present, tables)
        return RatingSums(
            tf.reduce_sum(present, axis=1, keepdims=True),
            tf.reduce_sum(residuals, axis=1, keepdims=True),
            sums[:, : self.size],
            sums[:, self.size :],
            tf.matmul(residuals, self._taste),
        )

    def without(self, sums: RatingSums, columns: tf.Tensor, stars: tf.Tensor, kept: tf.Tensor) -> RatingSums:
        """Takes one rating of each row back.

        Args:
          sums: [batch] rows of sums.
          columns: [batch] the column of the rating.
          stars: [batch] its stars, as they stand in the row (NaN where there is no rating).
          kept: [batch] whether the sums hold it.
        """
        count = tf.cast(kept & ~tf.math.is_nan(stars), tf.float32)[:, None]
        residual = tf.where(count > 0, (stars - tf.gather(self._expected, columns))[:, None], 0.0)
        taste = tf.gather(self._taste, columns)
        return RatingSums(
            sums.count - count,
            sums.residual - residual,
            sums.presence - count * tf.gather(self._presence, columns),
            sums.taste - count * taste,
            sums.weighted - residual * taste,
        )

    def pooled(self, sums: RatingSums) -> tf.Tensor:
        """[batch, size + 2]: log of one plus the count, the shrunken mean residual m, and the vector."""
        mean = sums.residual / (sums.count + self._shrinkage)
        vector = (sums.presence + sums.weighted - mean * sums.taste) / tf.sqrt(tf.maximum(sums.count, 1.0))
        return tf.concat([tf.math.log1p(sums.count), mean, vector], axis=1)

    def call(self, stars: tf.Tensor, keep: tf.Tensor | None = None) -> tf.Tensor:
        """[batch, n_columns] stars with NaN for gaps (see `sums`) to [batch, size + 2], as `pooled` gives it."""
        return self.pooled(self.sums(stars, keep))
