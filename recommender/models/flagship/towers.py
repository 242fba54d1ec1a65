"""The query and candidate towers for retrieval, and the title tower and head for rating."""

import math

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras as keras

from recommender.models.layers import MeanL2, normal

_USUAL_LOG_COUNT = math.log1p(50)  # centres the log of a history's length; half of MovieLens 100K's viewers have more


class QueryTower(keras.layers.Layer):
    """Viewer, history and moment to a query: an embedding, a 1 for the title's bias, and the moment's own few numbers.

    The last two make biases, and titles' rise and fall with time, part of the inner product, so that BruteForce serves
    them.

    Args:
      size: length of the embedding.
      basis_size: numbers of the time basis.
      time_size: numbers that stand for the moment.
      dropout: share of the pooled history's numbers dropped in training.
    """

    def __init__(self, size: int, basis_size: int, time_size: int, *, dropout: float) -> None:
        super().__init__()
        self._dropout = keras.layers.Dropout(dropout)
        self._bias = self.add_weight("bias", (size,), initializer="zeros")
        self._activity = self.add_weight("activity", (3, size), initializer=normal(0.02))
        self._time = self.add_weight("time", (basis_size, size), initializer=normal(0.02))
        self._moment = self.add_weight("moment", (basis_size, time_size), initializer=normal(0.1))

    def call(self, inputs: list[tf.Tensor], training: bool = False) -> tf.Tensor:
        """Makes queries.

        Args:
          inputs: viewer vectors [batch, size], pooled histories [batch, size + 2], time bases [batch, basis_size].
          training: whether to drop.

        Returns:
          [batch, size + 1 + time_size].
        """
        viewer, history, basis = inputs
        log_count, mean, vector = history[:, :1] - _USUAL_LOG_COUNT, history[:, 1:2], history[:, 2:]
        activity = tf.matmul(tf.concat([log_count, 0.3 * tf.square(log_count), mean], axis=1), self._activity)
        time = tf.matmul(basis, self._time)
        embedding = self._bias + viewer + self._dropout(vector, training=training) + activity + time
        return tf.concat([embedding, tf.ones_like(log_count), tf.matmul(basis, self._moment)], axis=1)


class CandidateTower(keras.layers.Layer):
    """The whole catalogue as candidates, in the order that `QueryTower` gives its parts.

    Args:
      counts: [n_titles] training ratings; a title's bias starts at the logarithm of its share.
      size: length of the embedding.
      time_size: as in the query tower.
      l2: weight of the penalty on the embeddings.
      stddev: of their initial values.
    """

    def __init__(self, counts: npt.NDArray[np.int64], size: int, time_size: int, *, l2: float, stddev: float) -> None:
        super().__init__()
        n = len(counts)
        log_shares = np.log((counts + 1.0) / (counts.sum() + n)).astype(np.float32)
        self._ids = self.add_weight("ids", (n, size), initializer=normal(stddev), regularizer=MeanL2(l2))
        self._bias = self.add_weight("bias", (n,), initializer=keras.initializers.Constant(log_shares))
        self._time = self.add_weight("time", (n, time_size), initializer=normal(0.01))

    def call(self, content: tf.Tensor) -> tf.Tensor:
        """Makes candidates.

        Args:
          content: [n_titles, size] embeddings of the titles' features.

        Returns:
          [n_titles, size + 1 + time_size].
        """
        return tf.concat([self._ids + content, self._bias[:, None], self._time], axis=1)


class RatedTitleTower(keras.layers.Layer):
    """The whole catalogue as the rating head reads it: factor, bias, response to the moment.

    Args:
      mean_offsets: [n_titles] shrunken mean of each title's ratings, less the overall mean, in stars; where the bias
        starts.
      size: length of a factor.
      time_size: numbers of a moment that a title answers to.
      l2: weight of the penalty on all but the bias.
    """

    def __init__(self, mean_offsets: npt.NDArray[np.float32], size: int, time_size: int, *, l2: float) -> None:
        super().__init__()
        n, penalty = len(mean_offsets), MeanL2(l2)
        self._factors = self.add_weight("factors", (n, size), initializer=normal(0.05), regularizer=penalty)
        self._bias = self.add_weight("bias", (n,), initializer=keras.initializers.Constant(mean_offsets))
        self._time = self.add_weight("time", (n, time_size), initializer=normal(0.01), regularizer=penalty)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Makes the titles' side.

        Args:
          inputs: rows of titles [n] int32, their content [n, 1 + size] (bias first), their pooled raters [n, size + 2].

        Returns:
          [n, size + 1 + time_size].
        """
        rows, content, raters = inputs
        factors = tf.gather(self._factors, rows) + content[:, 1:] + raters[:, 2:]
        bias = tf.gather(self._bias, rows)[:, None] + content[:, :1]
        return tf.concat([factors, bias, tf.gather(self._time, rows)], axis=1)


class RatingHead(keras.layers.Layer):
    """Stars from factors of their own: means, biases, drift, an inner product and a small network on both sides.

    Args:
      mean_stars: of the training part.
      size: length of a factor.
      basis_size: numbers of the time basis.
      time_size: numbers of a moment that a title answers to.
      hidden: units of the network.
      dropout: share of a factor's numbers dropped in training.
      l2: weight of the penalty on the network.
    """

    def __init__(
        self,
        mean_stars: float,
        size: int,
        basis_size: int,
        time_size: int,
        *,
        hidden: int,
        dropout: float,
        l2: float,
    ) -> None:
        super().__init__()
        self._mean_stars, self._size = mean_stars, size
        self._dropout = keras.layers.Dropout(dropout)
        penalty, narrow = MeanL2(l2), 1 / math.sqrt(size)
        self._bias = self.add_weight("bias", (size,), initializer="zeros")
        self._activity = self.add_weight("activity", (2,), initializer="zeros")
        self._time = self.add_weight("time", (basis_size, size + 1), initializer=normal(0.01), regularizer=penalty)
        self._moment = self.add_weight("moment", (basis_size, time_size), initializer=normal(0.1))
        self._from_viewer = self.add_weight("from_viewer", (size, hidden), initializer=normal(narrow))
        self._from_title = self.add_weight("from_title", (size, hidden), initializer=normal(narrow))
        self._from_both = self.add_weight("from_both", (size, hidden), initializer=normal(narrow))
        self._threshold = self.add_weight("threshold", (hidden,), initializer="zeros")
        self._out = self.add_weight("out", (hidden,), initializer=normal(0.05))
        self.built = True

    def viewers(self, inputs: list[tf.Tensor], training: bool = False) -> tf.Tensor:
        """The viewer's side, once for all titles.

        Args:
          inputs: viewer vectors [batch, 1 + size] (bias first), pooled histories [batch, size + 2], time bases
            [batch, basis_size].
          training: whether to drop.

        Returns:
          [batch, size + 1 + time_size]: factor, bias, moment.
        """
        viewer, history, basis = inputs
        log_count, mean, vector = history[:, :1] - _USUAL_LOG_COUNT, history[:, 1:2], history[:, 2:]
        time = tf.matmul(basis, self._time)
        factor = self._bias + vector + viewer[:, 1:] + time[:, 1:]
        bias = mean * (1.0 + self._activity[0]) + self._activity[1] * log_count + viewer[:, :1] + time[:, :1]
        return tf.concat([self._dropout(factor, training=training), bias, tf.matmul(basis, self._moment)], axis=1)

    def titles(self, vectors: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The titles' side: [..., size + 1 + time_size] factor, bias, response to the moment; drops in training."""
        return tf.concat([self._dropout(vectors[..., : self._size], training=training), vectors[..., self._size :]], -1)

    def stars(self, viewers: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Predicted ratings, not clipped.

        Args:
          viewers: [..., size + 1 + time_size].
          titles: of the same or a broadcastable shape.

        Returns:
          [...] stars.
        """
        size = self._size
        p, q = viewers[..., :size], titles[..., :size]
        both = p * q
        linear = tf.reduce_sum(both, -1) + viewers[..., size] + titles[..., size]
        drift = tf.reduce_sum(viewers[..., size + 1 :] * titles[..., size + 1 :], -1)
        hidden = p @ self._from_viewer + q @ self._from_title + both @ self._from_both + self._threshold
        return self._mean_stars + linear + drift + tf.linalg.matvec(tf.nn.relu(hidden), self._out)
