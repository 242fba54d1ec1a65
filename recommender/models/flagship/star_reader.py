"""Reads what a viewer rated, whoever they are, into what the rating half knows of them."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tf_keras as keras

from recommender.data.schema import RatingScale
from recommender.features import Histories
from recommender.models.flagship.factor_chain import CONSTANT_SCALE, VIEWER_DEGREES, FactorSample, Floats
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.star_levels import level_of
from recommender.models.layers import single

_SHARE_SHRINKAGE = 8.0  # ratings' worth of pull of a viewer's use of the levels towards everybody's
_PRECISION_ITERATIONS = 2  # of the viewer's noise when a history is read; a third moved the RMSE by .0001


class StarReader(keras.layers.Layer):
    """Folds histories in: the posterior mean of a viewer's bias and factor, for each member.

    With q_j a title's sampled factor and a leading 1, z_j what its rating leaves over its bias, w_j the precision of
    its noise, and m, L the prior's mean and precision, it is (L + a sum w q q')^-1 (L m + a sum w q z). The precision
    a of the viewer's own noise is found with it, by a few steps of expectation and maximisation. All sums run over the
    ratings that are given, so a reading costs in proportion to them.

    Args:
      n_titles: of the catalogue.
      implicit_size: directions of who rated what.
      settings: sizes.
      scale: of the ratings; its levels are counted.
      mean_stars: what standardised ratings are measured from,
      stars_deviation: and in.
    """

    def __init__(
        self,
        n_titles: int,
        implicit_size: int,
        settings: RatingSettings,
        scale: RatingScale,
        mean_stars: float,
        stars_deviation: float,
    ) -> None:
        super().__init__()
        s, k = settings.n_members, settings.factor_size + 1
        self._n_members, self._row_size, self._shrinkage = s, k, settings.implicit_shrinkage
        self._mean_stars, self._stars_deviation = mean_stars, stars_deviation
        self._scale, self._n_levels = scale, scale.n_levels

        def held(name: str, *shape: int, dtype: tf.DType = tf.float32) -> tf.Variable:
            return self.add_weight(name, shape, dtype, initializer="zeros", trainable=False)

        self._titles = held("titles", n_titles, s * k)
        self._precisions = held("precisions", n_titles)
        self._directions = held("directions", n_titles, implicit_size, dtype=tf.float16)
        self._usual_direction = held("usual_direction", implicit_size)
        # The identity until there are members, as it is inverted.
        self._prior_precision = self.add_weight(
            "prior_precision",
            (s, k, k),
            initializer=keras.initializers.Constant(np.stack([np.eye(k)] * s)),
            trainable=False,
        )
        self._prior_constant = held("prior_constant", s * k)
        self._prior_weights = held("prior_weights", implicit_size, s * k)
        self._usual_precision = held("usual_precision", s)
        self._level_shares = held("level_shares", self._n_levels)
        self.history_size = s * k + 2 + self._n_levels
        self.built = True

    def assign(
        self, members: Sequence[FactorSample], directions: Floats, usual_direction: Floats, level_shares: Floats
    ) -> None:
        """Takes members in.

        Args:
          members: `n_members` samples.
          directions: [n_titles, implicit_size] what a title adds to the features of who rates it.
          usual_direction: [implicit_size] the average viewer's.
          level_shares: [n_levels] everybody's use of the levels.
        """
        side_by_side = np.concatenate([member.read_titles for member in members], axis=1)
        self._titles.assign(side_by_side)
        self._precisions.assign(np.exp(np.mean([np.log(member.title_precisions) for member in members], axis=0)))
        self._directions.assign(directions)
        self._usual_direction.assign(usual_direction)
        self._prior_precision.assign(np.stack([member.precision for member in members]))
        self._prior_constant.assign(CONSTANT_SCALE * np.concatenate([member.weights[0][0] for member in members]))
        self._prior_weights.assign(np.concatenate([member.weights[1] for member in members], axis=1))
        self._usual_precision.assign([member.usual_precision for member in members])
        self._level_shares.assign(level_shares)

    def call(self, histories: Histories) -> tf.Tensor:
        """Reads histories.

        Args:
          histories: what is read; their times are not.

        Returns:
          [count, history_size]: the members' [bias, factor] rows; log of one plus the ratings, log of the noise's
          precision over the usual one; log of the viewer's shrunken use of each level over everybody's.
        """
        s, k = self._n_members, self._row_size
        items, stars, summed = histories.items, histories.stars, histories.summed
        read = tf.reshape(tf.gather(self._titles, items), [-1, s, k])
        residuals = ((stars - self._mean_stars) / self._stars_deviation)[:, None] - read[:, :, 0]  # [n, s]
        read = tf.concat([tf.ones_like(read[:, :, :1]), read[:, :, 1:]], axis=2)
        weighted = tf.gather(self._precisions, items)[:, None, None] * read
        gram = summed(weighted[:, :, :, None] * read[:, :, None, :])  # [count, s, k, k]
        moment = summed(weighted * residuals[:, :, None])
        square = summed(weighted[:, :, 0] * tf.square(residuals))
        count = summed(tf.ones_like(stars))[:, None]
        implicit = summed(single(self._directions, items)) / tf.sqrt(tf.maximum(count + self._shrinkage, 1.0))
        # Nobody in training has rated nothing: a history shorter than the shrinkage is filled up with the usual one.
        missing = tf.nn.relu(1.0 - tf.math.divide_no_nan(count, self._shrinkage))
        implicit += missing * self._usual_direction
        prior = tf.reshape(self._prior_constant + tf.matmul(implicit, self._prior_weights), [-1, s, k])
        pull = tf.einsum("sij,qsj->qsi", self._prior_precision, prior)
        precision = tf.ones_like(square) * self._usual_precision
        for _ in range(_PRECISION_ITERATIONS):
            inverse = tf.linalg.inv(self._prior_precision + precision[:, :, None, None] * gram)
            mean = tf.linalg.matvec(inverse, pull + precision[:, :, None] * moment)
            fitted = tf.reduce_sum(mean * (tf.linalg.matvec(gram, mean) - 2.0 * moment), axis=2)
            error = square + fitted + tf.reduce_sum(gram * inverse, axis=[2, 3])
            precision = (VIEWER_DEGREES + count) / (VIEWER_DEGREES / self._usual_precision + error)
        level = tf.one_hot(level_of(stars, self._scale), self._n_levels)
        shares = (summed(level) + _SHARE_SHRINKAGE * self._level_shares) / (count + _SHARE_SHRINKAGE)
        return tf.concat(
            [
                tf.reshape(mean, [-1, s * k]),
                tf.math.log1p(count),
                tf.reduce_mean(tf.math.log(precision / self._usual_precision), axis=1, keepdims=True),
                tf.math.log(shares / self._level_shares),
            ],
            axis=1,
        )
