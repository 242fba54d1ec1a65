"""Reference rows as models: solved in closed form, so that every table shows whether a network earned its keep."""

from typing import ClassVar

import tensorflow as tf
from pydantic import Field

from recommender.data.ratings import Ratings
from recommender.evaluation import Ease, Popularity
from recommender.features import FeatureSpace, Histories, ViewerLists
from recommender.models.configuration import HISTORY, TITLE_ID, ModelConfiguration
from recommender.models.served import Baked


class PopularityConfiguration(ModelConfiguration):
    """Nothing to set; the training settings are not read."""

    candidate_inputs: tuple[str, ...] = (TITLE_ID,)


class EaseConfiguration(ModelConfiguration):
    """The one setting of EASE; the training settings are not read."""

    query_choices: ClassVar[tuple[str, ...]] = (HISTORY,)

    query_inputs: tuple[str, ...] = (HISTORY,)
    candidate_inputs: tuple[str, ...] = (TITLE_ID,)
    ease_l2: float = Field(300.0, gt=0)
    """Lambda of EASE: the penalty on the weights between titles."""


class _Reference:
    """What both have in common: no stars, no moments, nothing to train."""

    def __init__(self, configuration: ModelConfiguration, train: Ratings) -> None:
        self.configuration = configuration
        self.space = FeatureSpace.fit(train, viewer_features=[], title_features=[])

    @property
    def serving_parts(self) -> list[tf.Module]:
        """All is baked."""
        return []

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Not asked for: see `ServedModel`."""
        raise NotImplementedError("a reference row predicts no ratings")


class PopularityModel(_Reference):
    """The same best-seller list for everybody; a title's score is the number of its ratings."""

    embedding_size = 0

    def bake(self, ratings: Ratings) -> Baked:
        """Counts of ratings as candidates of one number."""
        n_viewers, n_titles = self.space.n_viewers, self.space.n_titles
        counts = tf.constant(Popularity(ratings).counts, tf.float32)
        return Baked(tf.ones([n_viewers, 1]), tf.zeros([n_viewers, 0]), counts[:, None], tf.zeros([n_titles, 0]))

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, 0]: a history is not read."""
        return tf.zeros([histories.count, 0])

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, 1] ones."""
        return viewers


class EaseModel(_Reference):
    """A title's score is what the viewer's titles say for it, by weights in closed form; see `Ease`."""

    configuration: EaseConfiguration

    @property
    def embedding_size(self) -> int:
        """A title's place is what every other title says for it."""
        return self.space.n_titles

    def bake(self, ratings: Ratings) -> Baked:
        """The weights as candidates, and who rated what as histories."""
        n_viewers, n_titles = self.space.n_viewers, self.space.n_titles
        weights = tf.constant(Ease(ratings, self.configuration.ease_l2).weights, tf.float32)
        histories = tf.concat([self.pool(part) for part in ViewerLists(ratings, self.space).chunks()], axis=0)
        return Baked(tf.zeros([n_viewers, 0]), histories, tf.transpose(weights), tf.zeros([n_titles, 0]))

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, n_titles] 1 for each title rated."""
        return tf.cast(~tf.math.is_nan(histories.stars_table(self.space.n_titles)), tf.float32)

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, n_titles] the history itself."""
        return histories
