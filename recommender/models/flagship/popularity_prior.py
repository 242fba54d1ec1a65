"""What everybody watched lately, as scores that the model can lean on."""

import numpy as np
import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.evaluation import RecentPopularity

_N_MOMENTS = 64  # between two lie as many ratings as between any others: three days of MovieLens 100K
_SMOOTHING = 0.3  # ratings added to each title's decayed count


class PopularityPrior(tf.Module):
    """The logarithm of each title's decayed count at moments of the data, read along straight lines between them.

    The counts are those of `RecentPopularity`, by a half-life that validation chose; 0 stands for a title that is as
    popular as the mean. As lines between the moments, they move smoothly with the clock.

    Args:
      half_life_days: age at which a rating counts half.
      reads_clock: whether the moment plays a part; if not, the counts are always those of the end.
    """

    def __init__(self, half_life_days: float, *, reads_clock: bool) -> None:
        super().__init__()
        self._half_life, self._reads_clock = half_life_days, reads_clock
        self.size = _N_MOMENTS if reads_clock else 1
        self._moments = tf.Variable(np.zeros(_N_MOMENTS, np.int64), trainable=False)
        self._fitted_to: Ratings | None = None
        self._of_candidates = tf.zeros([0, self.size])

    def fit(self, ratings: Ratings) -> tf.Tensor:
        """Counts these ratings, and takes over the moments.

        Returns:
          [n_titles, size] the titles' side; times `at` it is the prior.
        """
        if ratings is self._fitted_to:  # as after every epoch
            return self._of_candidates
        self._fitted_to = ratings
        recent = RecentPopularity(ratings, self._half_life, _N_MOMENTS)
        self._moments.assign(recent.moments)
        counts = recent.counts if self._reads_clock else recent.counts[-1:]
        shares = (counts + _SMOOTHING) / (counts.sum(axis=1, keepdims=True) + _SMOOTHING * counts.shape[1])
        self._of_candidates = tf.constant(np.log(shares * counts.shape[1]).T, tf.float32)
        return self._of_candidates

    def at(self, at: tf.Tensor) -> tf.Tensor:
        """[batch, size] from [batch] UTC seconds: how much of each moment is read; the last one from the end on."""
        if not self._reads_clock:
            return tf.ones([tf.shape(at)[0], 1])
        left = tf.clip_by_value(tf.searchsorted(self._moments, at, side="right") - 1, 0, _N_MOMENTS - 2)
        start, end = tf.gather(self._moments, left), tf.gather(self._moments, left + 1)
        length = tf.cast(tf.maximum(end - start, 1), tf.float32)
        share = tf.clip_by_value(tf.cast(at - start, tf.float32) / length, 0.0, 1.0)[:, None]
        return (1.0 - share) * tf.one_hot(left, _N_MOMENTS) + share * tf.one_hot(left + 1, _N_MOMENTS)

    def before(self, at: tf.Tensor) -> tf.Tensor:
        """[batch, size] the last moment before `at`, as training may read nothing later; zeros if there is none."""
        if not self._reads_clock:
            return tf.ones([tf.shape(at)[0], 1])
        return tf.one_hot(tf.searchsorted(self._moments, at, side="left") - 1, _N_MOMENTS)  # zeros for -1
