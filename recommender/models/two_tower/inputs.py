"""What dense towers read: ids, features, moments and liked features, each as an embedding of its own."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras as keras

from recommender.features import Clock, EncodedFeature
from recommender.models.layers import FeatureTable, MeanL2, normal


def feature_tables(features: Sequence[EncodedFeature], n: int, size: int, l2: float) -> list[FeatureTable]:
    """One embedding of `size` numbers for each feature of n users or titles."""
    return [FeatureTable([feature], n, size, l2) for feature in features]


class HashedIds(keras.layers.Layer):
    """One embedding per id, or one per bin that ids fall into by their hash.

    Args:
      ids: in the order of the model's rows.
      size: length of an embedding.
      n_bins: bins; 0 gives each id a row of its own. Bins that no id falls into have no row, as nothing would train it.
      l2: weight of the penalty on the embeddings.
    """

    def __init__(self, ids: Sequence[str], size: int, n_bins: int, l2: float) -> None:
        super().__init__()
        rows = np.arange(len(ids))
        if n_bins:
            bins = tf.strings.to_hash_bucket_fast(tf.constant(list(ids)), n_bins).numpy()
            rows = np.unique(bins, return_inverse=True)[1]
        self._rows = tf.constant(rows, tf.int32)
        # 0.05 is what Keras gives an embedding layer.
        self._table = self.add_weight(
            "ids", (rows.max() + 1, size), initializer=keras.initializers.RandomUniform(), regularizer=MeanL2(l2)
        )

    def table(self) -> tf.Tensor:
        """[n, size], every id."""
        return tf.gather(self._table, self._rows)


class MomentEmbedding(keras.layers.Layer):
    """A moment as the embedding of its bucket and a normalised number; the ends are held outside the span.

    Args:
      timestamps: [n] UTC seconds of the training part.
      n_buckets: how many buckets, of which equal ones are merged.
      size: length of a bucket's embedding.
      by: "equal" for buckets of equal length, "quantile" for buckets that hold equally many ratings.
      l2: weight of the penalty on the embeddings.
    """

    def __init__(
        self,
        timestamps: npt.NDArray[np.int64],
        n_buckets: int,
        size: int,
        *,
        by: Literal["equal", "quantile"],
        l2: float,
    ) -> None:
        super().__init__()
        clock = Clock.fit(timestamps, n_buckets)
        self._origin = clock.origin
        edges = clock.knots
        if by == "equal":
            edges = np.linspace(clock.knots[0], clock.knots[-1], n_buckets, dtype=np.float32)
        seconds = (timestamps - clock.origin).astype(np.float64)
        self._edges, self._mean, self._deviation = tf.constant(edges), seconds.mean(), max(seconds.std(), 1.0)
        self._table = self.add_weight(
            "buckets", (len(edges) + 1, size), initializer=normal(0.05), regularizer=MeanL2(l2)
        )

    def call(self, at: tf.Tensor) -> tf.Tensor:
        """[batch] int64 UTC seconds to [batch, size + 1]."""
        seconds = tf.cast(at - self._origin, tf.float32)  # subtract first: float32 is 64 s coarse at 8.8e8
        seconds = tf.clip_by_value(seconds, self._edges[0], self._edges[-1])
        buckets = tf.gather(self._table, tf.searchsorted(self._edges, seconds, side="right"))
        return tf.concat([buckets, (seconds[:, None] - self._mean) / self._deviation], axis=1)


class LikedFeatures(keras.layers.Layer):
    """Preferences: the mean of the features of the titles rated at or above a viewer's own mean.

    Args:
      features: encoded features of the titles.
      n_titles: titles of the catalogue.
      size: length of a feature's embedding.
      l2: weight of the penalty on the embeddings.
    """

    def __init__(self, features: Sequence[EncodedFeature], n_titles: int, size: int, l2: float) -> None:
        super().__init__()
        self._tables = feature_tables(features, n_titles, size, l2)
        self.built = True

    def call(self, stars: tf.Tensor) -> tf.Tensor:
        """[batch, n_titles] stars with NaN for gaps to [batch, n_features * size]; zeros where nothing was rated."""
        given = ~tf.math.is_nan(stars)
        count = tf.reduce_sum(tf.cast(given, tf.float32), axis=1, keepdims=True)
        mean = tf.reduce_sum(tf.where(given, stars, 0.0), axis=1, keepdims=True) / tf.maximum(count, 1.0)
        liked = tf.cast(given & (stars >= mean - 1e-4), tf.float32)  # the mean of equal stars may round above them
        liked /= tf.maximum(tf.reduce_sum(liked, axis=1, keepdims=True), 1.0)
        return tf.matmul(liked, tf.concat([table.table() for table in self._tables], axis=1))
