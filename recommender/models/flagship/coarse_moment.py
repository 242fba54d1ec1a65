"""A moment as a few numbers that stars may drift with."""

import tensorflow as tf
import tf_keras as keras

from recommender.features import Clock


class CoarseMoment(keras.layers.Layer):
    """A moment as hat functions over a few knots of the training span; the ends are held outside it.

    Args:
      clock: the knots; None for a model that does not read the moment, which has no numbers.
    """

    def __init__(self, clock: Clock | None) -> None:
        super().__init__()
        self.size = 0
        self.built = True
        if clock is None:
            return
        self._origin, self._knots = clock.origin, tf.constant(clock.knots)
        self.size = len(clock.knots)

    def call(self, at: tf.Tensor) -> tf.Tensor:
        """[batch] int64 UTC seconds to [batch, size]."""
        if not self.size:
            return tf.zeros([tf.shape(at)[0], 0])
        seconds = tf.cast(at - self._origin, tf.float32)  # subtract first: float32 is 64 s coarse at 8.8e8
        seconds = tf.clip_by_value(seconds, self._knots[0], self._knots[-1])
        left = tf.clip_by_value(tf.searchsorted(self._knots, seconds, side="right") - 1, 0, self.size - 2)
        start, end = tf.gather(self._knots, left), tf.gather(self._knots, left + 1)
        share = ((seconds - start) / (end - start))[:, None]
        return (1 - share) * tf.one_hot(left, self.size) + share * tf.one_hot(left + 1, self.size)
