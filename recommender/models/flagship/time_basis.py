"""A moment as numbers that stars may drift with."""

import tensorflow as tf
import tf_keras as keras

from recommender.features import Clock


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
