"""Biased matrix factorization with a sigmoid onto the rating scale."""

from typing import ClassVar

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tf_keras as keras
from pydantic import Field

from recommender.data.ratings import Ratings
from recommender.features import STRANGER, FeatureSpace, Histories
from recommender.models.configuration import TITLE_ID, USER_ID, ModelConfiguration
from recommender.models.layers import IdTable
from recommender.models.served import Baked
from recommender.models.tasks import MeanSquaredStars


class MatrixFactorizationConfiguration(ModelConfiguration):
    """Factors and biases."""

    query_choices: ClassVar[tuple[str, ...]] = (USER_ID,)

    query_inputs: tuple[str, ...] = (USER_ID,)
    candidate_inputs: tuple[str, ...] = (TITLE_ID,)
    n_factors: int = Field(50, ge=1)
    """Numbers of a viewer and of a title beside their bias."""

    factor_l2: float = Field(0.0, ge=0)
    """Penalty on factors and biases (mean squared length of a table's rows)."""

    stddev: float = Field(0.05, gt=0)
    """Standard deviation of the initial factors."""

    stranger_share: float = Field(0.05, ge=0, le=1)
    """Share of training rows rated without the viewer's id, so that a visitor gets each title's bias."""


class MatrixFactorization(tfrs.Model):
    """Stars are low + (high - low) * sigmoid(p . q + viewer's bias + title's bias + global bias).

    Koren, Bell and Volinsky (2009), "Matrix Factorization Techniques for Recommender Systems", eq. 4, with the sigmoid
    around it. Trained for ratings alone; it ranks titles by what stands inside the sigmoid.

    Args:
      configuration: sizes and penalties.
      space: fitted on the training part.
      train: the training part, for its scale.
    """

    moment_is_popularity = False

    def __init__(self, configuration: MatrixFactorizationConfiguration, space: FeatureSpace, train: Ratings) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.space, self._scale = space, train.scale
        size = c.n_factors + 1
        self._viewers = IdTable(space.n_viewers, size, l2=c.factor_l2, stddev=c.stddev)
        self._titles = IdTable(space.n_titles, size, l2=c.factor_l2, stddev=c.stddev)
        share = (space.mean_stars - train.scale.low) / (train.scale.high - train.scale.low)
        share = min(max(share, 0.01), 0.99)  # all ratings may stand at one end of the scale
        logit = float(np.log(share / (1 - share)))
        self._bias = self.add_weight(name="bias", shape=(), initializer=keras.initializers.Constant(logit))
        self.rating_task = MeanSquaredStars()
        self._rating_loss = keras.metrics.Mean("rating_loss")

    @classmethod
    def build_for(cls, configuration: MatrixFactorizationConfiguration, train: Ratings) -> "MatrixFactorization":
        """An untrained model for a training part."""
        space = FeatureSpace.fit(train, viewer_features=[], title_features=[])
        return cls(configuration, space, train)

    @property
    def embedding_size(self) -> int:
        """Numbers of a candidate that are its place among the titles."""
        return self.configuration.n_factors

    def compute_loss(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted rating loss, in squared stars, on a batch of `training_batches`."""
        viewers = batch["viewer"]
        if training:
            share = self.configuration.stranger_share
            viewers = tf.where(tf.random.uniform(tf.shape(viewers)) < share, STRANGER, viewers)
        query = self._queries(tf.gather(self._viewer_table(), viewers))
        titles = tf.gather(self._candidates(), batch["title"])
        stars = self._to_stars(tf.reduce_sum(query * titles, axis=1))
        loss = self.rating_task(labels=batch["stars"][:, None], predictions=stars[:, None])
        self._rating_loss.update_state(loss)
        return self.configuration.rating_weight * loss

    def _candidates(self) -> tf.Tensor:
        """[n_titles, n_factors + 2]: factors, bias, and a 1 for what depends on the viewer alone."""
        table = self._titles.table()
        return tf.concat([table, tf.ones_like(table[:, :1])], axis=1)

    def _viewer_table(self) -> tf.Tensor:
        """[n_viewers, n_factors + 1] factors, and the bias of viewer and data set together."""
        return self._viewers.table() + tf.concat([tf.zeros(self.configuration.n_factors), self._bias[None]], axis=0)

    def _queries(self, viewers: tf.Tensor) -> tf.Tensor:
        """[batch, n_factors + 2] of [batch, n_factors + 1] factors and biases."""
        factors, bias = viewers[:, :-1], viewers[:, -1:]
        return tf.concat([factors, tf.ones_like(bias), bias], axis=1)

    def _to_stars(self, logits: tf.Tensor) -> tf.Tensor:
        return self._scale.low + (self._scale.high - self._scale.low) * tf.sigmoid(logits)

    def bake(self, ratings: Ratings) -> Baked:
        """All vectors of viewers and titles; see `Servable`."""
        candidates = self._candidates()
        return Baked(self._viewer_table(), tf.zeros([self.space.n_viewers, 0]), candidates, candidates)

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, 0]: a history is not read."""
        return tf.zeros([histories.count, 0])

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, n_factors + 2] queries; neither history nor moment is read."""
        return self._queries(viewers)

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings of [batch or 1, n, n_factors + 2] titles."""
        return self._to_stars(tf.reduce_sum(self._queries(viewers)[:, None, :] * titles, axis=-1))

    @property
    def serving_parts(self) -> list[tf.Module]:
        """All is baked."""
        return []
