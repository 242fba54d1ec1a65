"""Tables of embeddings that more than one model is built of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras as keras

from recommender.features import EncodedFeature


def normal(stddev: float) -> keras.initializers.Initializer:
    """Initial values around 0; an instance serves one table, as two tables of one instance would start alike."""
    return keras.initializers.RandomNormal(stddev=stddev)


def held(numbers: npt.NDArray[Any], dtype: tf.DType = tf.float32) -> tf.Variable | tf.Tensor:
    """A variable that is not trained; a constant where it has no numbers, which processes cannot send each other."""
    return tf.Variable(numbers, False, dtype=dtype) if numbers.size else tf.constant(numbers, dtype)


def single(table: tf.Variable | tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """[n, ...] rows of a table that is held in half precision, in single precision."""
    return tf.cast(tf.gather(table, rows), tf.float32)


def rows_of(table: tf.Variable, rows: tf.Tensor) -> tf.Tensor:
    """[n, ...] rows of a table that is read whole elsewhere.

    Once `tf.gather` has been given a variable itself, TensorFlow takes it for one that is written row by row, and
    copies all of it whenever it is read whole: for a list of half a million titles, three quarters of a gigabyte.
    """
    return tf.gather(tf.convert_to_tensor(table), rows)


class MeanL2(keras.regularizers.Regularizer):
    """The mean of a table's rows' squared lengths: a weight means the same for tables of any length."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def __call__(self, table: tf.Tensor) -> tf.Tensor:
        """The penalty, a scalar."""
        if not table.shape[0]:
            return tf.constant(0.0)
        squares = tf.square(table)
        return self.weight * tf.reduce_mean(tf.reduce_sum(squares, axis=-1) if table.shape.rank > 1 else squares)


class FeatureTable(keras.layers.Layer):
    """The sum of the embeddings of all features of each user or title; a bag of several rows counts by its mean.

    Args:
      features: encoded features, [n, width] rows each.
      n: users or titles.
      size: length of the embedding.
      l2: weight of the penalty on the embeddings.
    """

    def __init__(self, features: Sequence[EncodedFeature], n: int, size: int, l2: float) -> None:
        super().__init__()
        self._n, self._size = n, size
        places, shares, offset = [], [], 0
        for feature in features:
            entry, slot = np.nonzero(feature.rows)
            lengths = np.count_nonzero(feature.rows, axis=1)
            places.append(np.stack([entry, feature.rows[entry, slot] + offset], axis=1))
            shares.append(1.0 / lengths[entry])
            offset += feature.size
        self._n_rows = offset
        if features:
            bag = tf.SparseTensor(
                np.concatenate(places).astype(np.int64),
                np.concatenate(shares).astype(np.float32),
                [n, offset],
            )
            self._bags = tf.sparse.reorder(bag)
            self._starts = tf.constant(np.searchsorted(self._bags.indices[:, 0], np.arange(n + 1)))

            self._embeddings = self.add_weight(
                name="features",
                shape=(offset, size),
                initializer=normal(0.02),
                regularizer=MeanL2(l2),
            )
        self.built = True

    def table(self) -> tf.Tensor:
        """[n, size], every user or title."""
        if not self._n_rows:
            return tf.zeros([self._n, self._size])
        return tf.sparse.sparse_dense_matmul(self._bags, self._embeddings)

    def rows(self, rows: tf.Tensor) -> tf.Tensor:
        """[n, size] those in [n] rows alone, without a table of all."""
        if not self._n_rows:
            return tf.zeros([tf.size(rows), self._size])
        places = tf.ragged.range(tf.gather(self._starts, rows), tf.gather(self._starts, rows + 1))
        features, shares = (tf.gather(part, places.values) for part in (self._bags.indices[:, 1], self._bags.values))
        vectors = tf.gather(self._embeddings, features) * shares[:, None]
        return tf.math.unsorted_segment_sum(vectors, places.value_rowids(), tf.size(rows, tf.int64))


class IdTable(keras.layers.Layer):
    """One embedding per id.

    Args:
      n: ids.
      size: length of an embedding.
      l2: weight of the penalty on them.
      stddev: of their initial values.
    """

    def __init__(self, n: int, size: int, *, l2: float, stddev: float) -> None:
        super().__init__()
        self._table = self.add_weight("ids", (n, size), initializer=normal(stddev), regularizer=MeanL2(l2))
        self.built = True

    def table(self) -> tf.Tensor:
        """[n, size], every id."""
        return tf.convert_to_tensor(self._table)
