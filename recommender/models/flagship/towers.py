"""The query and candidate towers of retrieval: parts side by side, whose inner product is the score."""

import tensorflow as tf
import tf_keras as keras

from recommender.models.layers import normal

_NEWCOMER = 5.0  # ratings at which a title's own bias counts half: before, the prior alone speaks


class QueryTower(keras.layers.Layer):
    """What a viewer asks at a moment: a vector, how far titles' biases count, and the prior's share of each moment.

    The vector is the history's, plus the viewer's features. Of somebody of whom nothing is read, the prior alone is
    left.

    Args:
      size: numbers of the vector.
      dropout: share of them dropped in training.
    """

    def __init__(self, size: int, *, dropout: float) -> None:
        super().__init__()
        self.size = size
        self._dropout = keras.layers.Dropout(dropout)
        self._lean = self.add_weight("lean", (2,), initializer=keras.initializers.Constant([0.7, 0.0]))
        self.built = True

    def call(self, inputs: list[tf.Tensor], training: bool = False) -> tf.Tensor:
        """Makes queries.

        Args:
          inputs: histories' vectors [batch, size], viewers' features as vectors [batch, size], log of one plus the
            ratings read [batch, 1], the prior's moments [batch, n_moments].
          training: whether to drop.

        Returns:
          [batch, size + 1 + n_moments].
        """
        history, features, log_length, moments = inputs
        vector = self._dropout(history + features, training=training)
        known = 1.0 - 2.0 ** (-tf.math.expm1(log_length) / _NEWCOMER)
        lean = self._lean[0] + self._lean[1] * log_length / 5.0
        return tf.concat([vector, known, lean * moments], axis=1)


class CandidateTower(keras.layers.Layer):
    """The whole catalogue as candidates, in the order that `QueryTower` gives its parts.

    Args:
      n_titles: of the catalogue.
      size: numbers of a title's vector.
    """

    def __init__(self, n_titles: int, size: int) -> None:
        super().__init__()
        self._ids = self.add_weight("ids", (n_titles, size), initializer=normal(0.05))
        self._bias = self.add_weight("bias", (n_titles, 1), initializer="zeros")
        self.built = True

    def call(self, content: tf.Tensor, prior: tf.Tensor) -> tf.Tensor:
        """Makes candidates.

        Args:
          content: [n_titles, size] embeddings of the titles' features.
          prior: [n_titles, n_moments] by `PopularityPrior`.

        Returns:
          [n_titles, size + 1 + n_moments].
        """
        return tf.concat(self.parts(content, prior), axis=1)

    def parts(self, content: tf.Tensor, prior: tf.Tensor) -> list[tf.Tensor]:
        """The same before it is put side by side: of a long catalogue each copy counts."""
        return [self._ids + content, self._bias, prior]

    def some(self, rows: tf.Tensor, content: tf.Tensor, prior: tf.Tensor) -> tf.Tensor:
        """[n, size + 1 + n_moments] the candidates in [n] rows alone; content [n, size] and prior [n, n_moments]."""
        return tf.concat([tf.gather(self._ids, rows) + content, tf.gather(self._bias, rows), prior], axis=1)

    def penalty(self, rows: tf.Tensor | None = None) -> tf.Tensor:
        """The summed squares of the titles' vectors: of all, or of those in [n] rows."""
        return tf.reduce_sum(tf.square(self._ids if rows is None else tf.gather(self._ids, rows)))
