"""From a viewer's and a title's factors to the probability of each rating."""

from collections.abc import Callable
from functools import cache

import tensorflow as tf
import tf_keras as keras

from recommender.data.schema import RatingScale
from recommender.models.flagship.coarse_moment import CoarseMoment
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.star_levels import levels_of

_DRIFT_DEVIATION = 0.005  # of all viewers' ratings at a knot, in standard deviations of a rating
_MARGIN = 0.01  # share of the scale by which a mean keeps away from its ends, where no slope would do
_SLOPE_ITERATIONS = 14
_SLOPE_RANGE = 30.0  # on either side of the first guess, inside which Newton's method is kept by halving
_N_WIDTH_FACTS = 5  # the viewer's noise and shortness of history, the title's, and the members' disagreement


class StarHead(keras.layers.Layer):
    """From a viewer's and a title's members to the probability of each level, whose mean is the members' mean rating.

    With l a level's standardised stars, its probability is in proportion to exp(t l - l^2 / (2 w^2) + c_l + h u_l), an
    adjacent-categories model (Agresti 2010, section 4.1): c_l how usual the level is, u_l how much more the viewer has
    used it than others, w the width, learnt from what is known of the noise, the lengths of both histories and the
    members' disagreement. The slope t is solved for, so that the distribution costs the predicted rating nothing.

    Args:
      scale: of the ratings.
      settings: sizes.
      moment: a basis of few coarse knots; stars drift slowly.
      mean_stars: what standardised ratings are measured from,
      stars_deviation: and in.
    """

    def __init__(
        self,
        scale: RatingScale,
        settings: RatingSettings,
        moment: CoarseMoment,
        mean_stars: float,
        stars_deviation: float,
    ) -> None:
        super().__init__()
        self._n_members, self._row_size = settings.n_members, settings.factor_size + 1
        self._moment = moment
        levels = levels_of(scale)
        self._mean_stars, self._stars_deviation = mean_stars, stars_deviation
        self._levels = tf.constant(levels, tf.float32)
        self._standardised = tf.constant((levels - mean_stars) / stars_deviation, tf.float32)
        self._margin = _MARGIN * (scale.high - scale.low) / stars_deviation

        def weight(name: str, *initial: float) -> tf.Variable:
            return self.add_weight(name, (len(initial),), initializer=keras.initializers.Constant(list(initial)))

        self._usual = weight("usual", *[0.0] * len(levels))
        self._width = weight("width", -0.2, *[0.0] * _N_WIDTH_FACTS)
        self._habit = weight("habit", 0.0)
        self._drift = weight("drift", *[0.0] * moment.size)
        self.built = True

    def call(self, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Level probabilities.

        Args:
          histories: [batch, history_size] as `StarReader` gives them.
          at: [batch] int64 UTC seconds.
          titles: [batch or 1, n, title_size].

        Returns:
          [batch, n, n_levels] probabilities.
        """
        s, k = self._n_members, self._row_size
        each = self._members(histories, titles)
        mean = self._at(at, tf.reduce_mean(each, axis=1))
        of_viewer = tf.stack([histories[:, s * k + 1], 10.0 / (9.0 + tf.exp(histories[:, s * k]))], axis=1)[:, None]
        width = (
            self._width[0]
            + tf.linalg.matvec(of_viewer, self._width[1:3])
            + tf.linalg.matvec(titles[..., s * k :], self._width[3:5])
            + tf.math.reduce_std(each, axis=1) * self._width[5]
        )
        habits = self._usual + self._habit * histories[:, None, s * k + 2 :]
        narrow = tf.exp(-2.0 * width)[:, :, None]
        return self._with_mean(mean, habits - 0.5 * narrow * tf.square(self._standardised), mean * narrow[:, :, 0])

    def stars(self, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] the levels' means, in stars, without working the levels out; arguments as in `call`."""
        s, k = self._n_members, self._row_size
        viewers = tf.reshape(histories[:, : s * k], [-1, s, k])
        bias = tf.reduce_sum(viewers[:, :, 0], axis=1, keepdims=True)  # [batch, 1]
        viewers = tf.reshape(tf.concat([tf.ones_like(viewers[:, :, :1]), viewers[:, :, 1:]], axis=2), [-1, s * k])
        if titles.shape[0] == 1:  # the same titles for all: one product of two tables, of which no part is copied
            viewers = tf.pad(viewers, [[0, 0], [0, titles.shape[-1] - s * k]])
            inner = tf.matmul(viewers, tf.squeeze(titles, 0), transpose_b=True)
        else:
            inner = tf.linalg.matvec(titles[..., : s * k], viewers)
        return self._mean_stars + self._stars_deviation * self._at(at, (bias + inner) / s)

    def _members(self, histories: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n_members, n] each member's standardised rating."""
        s, k = self._n_members, self._row_size
        viewers = tf.reshape(histories[:, : s * k], [-1, s, k])
        members = tf.reshape(titles[..., : s * k], [tf.shape(titles)[0], -1, s, k])
        members = tf.transpose(members, [0, 2, 1, 3])  # [batch or 1, s, n, k]
        return viewers[:, :, :1] + members[..., 0] + tf.linalg.matvec(members[..., 1:], viewers[:, :, 1:])

    def _at(self, at: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
        """[batch, n] the members' mean, drifted to a moment, inside the scale."""
        mean += tf.linalg.matvec(self._moment(at), self._drift)[:, None]
        low, high = self._standardised[0] + self._margin, self._standardised[-1] - self._margin
        return tf.clip_by_value(mean, low, high)

    def _with_mean(self, mean: tf.Tensor, logits: tf.Tensor, slope: tf.Tensor) -> tf.Tensor:
        """The distribution of this mean: [..., n_levels] logits, sloped as Newton's method finds it."""
        find = _slope_finder(len(self._levels))
        slope = find(*map(tf.stop_gradient, (mean, logits, slope)), self._standardised)
        slope = tf.stop_gradient(slope)
        found, variance = _moments(logits, slope, self._standardised)
        slope += (mean - found) / tf.stop_gradient(tf.maximum(variance, 1e-3))  # carries the gradient of the solution
        return tf.nn.softmax(logits + slope[..., None] * self._standardised)

    def mean(self, probabilities: tf.Tensor) -> tf.Tensor:
        """[...] means of [..., n_levels] probabilities, in stars."""
        return tf.linalg.matvec(probabilities, self._levels)

    def penalty(self) -> tf.Tensor:
        """Minus the log of the drift's prior density, to be divided by the number of examples."""
        return tf.reduce_sum(tf.square(self._drift)) / (2.0 * _DRIFT_DEVIATION**2)


@cache
def _slope_finder(n_levels: int) -> Callable[..., tf.Tensor]:
    """Newton's method for the slope that gives a mean, as one graph of one step: exports ask it often.

    Returns:
      [batch, n] slopes from the [batch, n] means wanted, [batch, n, n_levels] logits, [batch, n] first guesses and
      [n_levels] standardised levels. It has no gradient.
    """
    each, levels = (tf.TensorSpec([None, None]), tf.TensorSpec([n_levels]))
    logits = tf.TensorSpec([None, None, n_levels])

    @tf.function(input_signature=[each, logits, each, each, each, levels], autograph=False)
    def step(
        target: tf.Tensor, logits: tf.Tensor, slope: tf.Tensor, least: tf.Tensor, most: tf.Tensor, levels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        low, high = levels[0], levels[-1]
        found, variance = _moments(logits, slope, levels)
        least, most = tf.where(found < target, slope, least), tf.where(found < target, most, slope)
        # Towards the ends of the scale the log odds of the mean, unlike the mean, stay linear in the slope.
        below, above = tf.maximum(found - low, 1e-6), tf.maximum(high - found, 1e-6)
        missing = tf.math.log((target - low) / (high - target)) - tf.math.log(below / above)
        nearer = slope + missing * below * above / (tf.maximum(variance, 1e-6) * (high - low))
        return tf.where((nearer > least) & (nearer < most), nearer, (least + most) / 2.0), least, most

    def find(target: tf.Tensor, logits: tf.Tensor, slope: tf.Tensor, levels: tf.Tensor) -> tf.Tensor:
        least, most = slope - _SLOPE_RANGE, slope + _SLOPE_RANGE
        for _ in range(_SLOPE_ITERATIONS):
            slope, least, most = step(target, logits, slope, least, most, levels)
        return slope

    return tf.function(find, autograph=False).get_concrete_function(each, logits, each, levels)


def _moments(logits: tf.Tensor, slope: tf.Tensor, standardised: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and variance of sloped logits, standardised."""
    probabilities = tf.nn.softmax(logits + slope[..., None] * standardised)
    mean = tf.linalg.matvec(probabilities, standardised)
    return mean, tf.linalg.matvec(probabilities, tf.square(standardised)) - tf.square(mean)
