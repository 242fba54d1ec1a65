"""Reference rows as models: solved in closed form, so that every table shows whether a network earned its keep.

The formulas are those of `recommender.evaluation`; here they become what is baked, pooled and asked.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Annotated, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from pydantic import Field

from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.evaluation import Ease, EaseSettings, Means, Popularity, RecentPopularity
from recommender.evaluation.choosing import RECENCY_GRIDS, SHRINKAGES, SIGNED_GRIDS, Chooser, Grids
from recommender.evaluation.ease import content_share, content_vectors, history_weights, labelling_features
from recommender.evaluation.popularity import N_MOMENTS
from recommender.features import FeatureSpace, Histories, ViewerLists
from recommender.models.configuration import FEATURES, HISTORY, TIMESTAMP, TITLE_ID, ModelConfiguration
from recommender.models.served import Baked

Value = TypeVar("Value")
Positive = Annotated[float, Field(gt=0)]


class ReferenceConfiguration(ModelConfiguration):
    """A model in closed form: the training settings are not read."""

    candidate_inputs: tuple[str, ...] = (TITLE_ID,)


class PopularityConfiguration(ReferenceConfiguration):
    """Nothing to set."""


class RecentPopularityConfiguration(ReferenceConfiguration):
    """How soon a rating is forgotten."""

    query_choices: ClassVar[tuple[str, ...]] = (TIMESTAMP,)

    query_inputs: tuple[str, ...] = (TIMESTAMP,)
    best_seller_days: Positive | None = None
    """Age at which a rating counts half, in days; if not given, validation chooses."""

    def fitted_to(self, ratings: Ratings) -> Self:
        """As in `ModelConfiguration`, and refused for data without times."""
        _require_times(ratings, "recent-popularity", "popularity")
        return super().fitted_to(ratings)

    def chosen_on(self, train: Ratings, validation: Ratings) -> Self:
        """The same with the half-life that gives the best lists on validation."""
        if self.best_seller_days is not None:
            return self
        return self.model_copy(update={"best_seller_days": Chooser(train, validation).best_seller_days()})


class EaseConfiguration(ReferenceConfiguration):
    """The one setting of EASE."""

    query_choices: ClassVar[tuple[str, ...]] = (HISTORY,)

    query_inputs: tuple[str, ...] = (HISTORY,)
    ease_l2: Positive = 300.0
    """Lambda of EASE: the penalty on the weights between titles."""


class RecencyEaseConfiguration(ReferenceConfiguration):
    """EASE, and how the order of a history weighs."""

    query_choices: ClassVar[tuple[str, ...]] = (HISTORY,)
    grids: ClassVar[Grids] = RECENCY_GRIDS

    query_inputs: tuple[str, ...] = (HISTORY,)
    ease_l2: Positive | None = None
    """Lambda of EASE: the penalty on the weights between titles; if not given, validation chooses."""

    half_lives: tuple[Positive, ...] | None = None
    """A rated title weighs the mean over these of 2^(-newer ratings / half-life); none: all weigh alike. If not given,
    validation chooses."""

    best_seller_days: Positive | None = None
    """Half-life, in days, of the popularity by which those are served of whom nothing was read; if not given,
    validation chooses."""

    def fitted_to(self, ratings: Ratings) -> Self:
        """As in `ModelConfiguration`, and refused for data without times."""
        _require_times(ratings, "recency-ease", "ease")
        return super().fitted_to(ratings)

    def chosen_on(self, train: Ratings, validation: Ratings) -> Self:
        """The same with the numbers that give the best lists on validation in the place of those not given."""
        names = [part.name for part in fields(self.grids) if part.name in type(self).model_fields]
        given = {name: (getattr(self, name),) for name in names if getattr(self, name) is not None}
        chosen = Chooser(train, validation).ease(replace(self.grids, **given), self.title_features)
        return self.model_copy(update={name: getattr(chosen, name) for name in names})


class SignedEaseConfiguration(RecencyEaseConfiguration):
    """The same, and how stars and the titles' labels weigh."""

    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID, FEATURES)
    grids: ClassVar[Grids] = SIGNED_GRIDS

    candidate_inputs: tuple[str, ...] = (TITLE_ID, FEATURES)
    star_weight: float | None = Field(None, ge=0)
    """How much more a rated title weighs from the middle of the scale to its end; above 2/3 the lowest stars speak
    against. If not given, validation chooses."""

    content_weight: float | None = Field(None, ge=0)
    """Of the cosines between the labels (such as genres) of rated titles and the one scored; if not given, validation
    chooses."""

    def fitted_to(self, ratings: Ratings) -> Self:
        """As in `ModelConfiguration`, with those features alone that label a title; order needs times.

        Raises:
          ConfigurationError: if half-lives are given and the data have no times.
        """
        if self.half_lives:
            _require_times(ratings, "signed-ease with half_lives", "signed-ease without")
        fitted = ModelConfiguration.fitted_to(self, ratings)
        labels = labelling_features(ratings)
        read = tuple(name for name in fitted.candidate_inputs if name == TITLE_ID or name in labels)
        return fitted.model_copy(update={"candidate_inputs": read})


class MeansConfiguration(ReferenceConfiguration):
    """How far means of few ratings are drawn towards the mean of all."""

    query_choices: ClassVar[tuple[str, ...]] = (HISTORY,)

    query_inputs: tuple[str, ...] = (HISTORY,)
    user_shrinkage: Positive | None = None
    """Ratings' worth of pull on a viewer's mean; if not given, validation chooses."""

    item_shrinkage: Positive | None = None
    """Ratings' worth of pull on a title's mean; if not given, validation chooses."""

    def chosen_on(self, train: Ratings, validation: Ratings) -> Self:
        """The same with the shrinkages that give the smallest RMSE on validation in the place of those not given."""
        grids = [SHRINKAGES if one is None else (one,) for one in (self.user_shrinkage, self.item_shrinkage)]
        of_users, of_items = Chooser(train, validation).shrinkages(*grids)
        return self.model_copy(update={"user_shrinkage": of_users, "item_shrinkage": of_items})


def _require_times(ratings: Ratings, model: str, instead: str) -> None:
    if not ratings.schema.has_timestamps:
        raise ConfigurationError(
            f"{model} goes by when titles were rated, and {ratings.name!r} has no times; choose {instead}."
        )


def _chosen(value: Value | None) -> Value:
    if value is None:
        raise ValueError("validation chooses this number; call `chosen_on` before the model is built")
    return value


class _Reference:
    """What all have in common: nothing to train."""

    moment_is_popularity = False

    def __init__(self, configuration: ReferenceConfiguration, train: Ratings) -> None:
        self.configuration = configuration
        self.space = FeatureSpace.fit(train, viewer_features=[], title_features=[])

    @property
    def embedding_size(self) -> int:
        """0: the titles are in no space."""
        return 0

    @property
    def serving_parts(self) -> Sequence[tf.Module]:
        """All is baked."""
        return []

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Not asked for: see `ServedModel`."""
        raise NotImplementedError("a ranking predicts no ratings")

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, 0]: a history is not read."""
        return tf.zeros([histories.count, 0])

    def _pooled(self, ratings: Ratings) -> tf.Tensor:
        """[n_viewers, history_size] of all viewers."""
        return tf.concat([self.pool(part) for part in ViewerLists(ratings, self.space).chunks()], axis=0)


class _Table(tf.Module):
    """Numbers beside the baked ones that a query or a pooled history is made with."""

    def __init__(self, values: npt.NDArray[np.generic]) -> None:
        super().__init__()
        self.values = tf.Variable(values, trainable=False)


class PopularityModel(_Reference):
    """The same best-seller list for everybody; a title's score is the number of its ratings."""

    def bake(self, ratings: Ratings) -> Baked:
        """Counts of ratings as candidates of one number."""
        n_viewers, n_titles = self.space.n_viewers, self.space.n_titles
        counts = tf.constant(Popularity(ratings).counts)
        return Baked(tf.ones([n_viewers, 1]), tf.zeros([n_viewers, 0]), counts[:, None], tf.zeros([n_titles, 0]))

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, 1] ones."""
        return viewers


class RecentPopularityModel(_Reference):
    """The same list for everybody who asks at the same moment; see `RecentPopularity`."""

    moment_is_popularity = True

    def __init__(self, configuration: RecentPopularityConfiguration, train: Ratings) -> None:
        super().__init__(configuration, train)
        self._half_life = _chosen(configuration.best_seller_days)
        self._moments = _Table(np.zeros(N_MOMENTS, np.int64))

    @property
    def serving_parts(self) -> Sequence[tf.Module]:
        """The moments that the candidates are of."""
        return [self._moments]

    def bake(self, ratings: Ratings) -> Baked:
        """The counts at all moments as candidates."""
        n_viewers, n_titles = self.space.n_viewers, self.space.n_titles
        recent = RecentPopularity(ratings, self._half_life)
        self._moments.values.assign(recent.moments)
        blank = tf.zeros([n_viewers, 0])
        return Baked(blank, blank, tf.constant(recent.counts.T), tf.zeros([n_titles, 0]))

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, N_MOMENTS] 1 at the last moment that is not after `at`."""
        after = tf.searchsorted(self._moments.values, at, side="right")
        return tf.one_hot(after - 1, N_MOMENTS)


class EaseModel(_Reference):
    """A title's score is what the viewer's titles say for it, by weights in closed form; see `Ease`."""

    def __init__(
        self, configuration: EaseConfiguration | RecencyEaseConfiguration | SignedEaseConfiguration, train: Ratings
    ) -> None:
        super().__init__(configuration, train)
        given = configuration.model_dump(include={part.name for part in fields(EaseSettings)})
        numbers = {name: _chosen(value) for name, value in given.items()}
        self._settings = EaseSettings(**numbers, features=configuration.title_features)
        self._scale = train.scale
        features = self._settings.features if self._settings.content_weight else ()
        self._content = _Table(content_vectors(train, features))

    @property
    def embedding_size(self) -> int:
        """A title's place is what every other title says for it."""
        return self.space.n_titles

    @property
    def serving_parts(self) -> Sequence[tf.Module]:
        """The titles' labels, which a history is summed up by."""
        return [self._content]

    def bake(self, ratings: Ratings) -> Baked:
        """What weights, labels and best-sellers say for each title as candidates, and weighed titles as histories."""
        n_viewers, n_titles = self.space.n_viewers, self.space.n_titles
        solved = Ease(ratings, self._settings)
        candidates = np.concatenate([solved.weights.T, solved.content, solved.best_sellers[:, None]], axis=1)
        return Baked(tf.zeros([n_viewers, 0]), self._pooled(ratings), tf.constant(candidates), tf.zeros([n_titles, 0]))

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, n_titles + n_words + 1] a weight for each title rated, the labels they add up to, and a 1."""
        positions = tf.cast(histories.positions(), tf.float32)
        weights = history_weights(positions, histories.stars, self._scale, self._settings)
        places = tf.stack([histories.rows, histories.items], axis=1)
        rated = tf.scatter_nd(places, weights, tf.stack([histories.count, self.space.n_titles]))
        lengths = tf.reduce_sum(tf.abs(rated), axis=1, keepdims=True)
        content = content_share(lengths, self._settings) * tf.matmul(rated, self._content.values)
        return tf.concat([rated, content, tf.ones_like(lengths)], axis=1)

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """The history itself."""
        return histories


class MeansModel(_Reference):
    """Stars are the title's mean plus what the viewer gives beyond the titles' means; see `Means`.

    A viewer is known by their ratings alone, so that a visitor's are read in the same way.
    """

    def __init__(self, configuration: MeansConfiguration, train: Ratings) -> None:
        super().__init__(configuration, train)
        self._user_shrinkage = _chosen(configuration.user_shrinkage)
        self._item_shrinkage = _chosen(configuration.item_shrinkage)
        self._titles = _Table(np.zeros(self.space.n_titles, np.float32))

    @property
    def serving_parts(self) -> Sequence[tf.Module]:
        """The titles' means, which a history is compared with."""
        return [self._titles]

    def bake(self, ratings: Ratings) -> Baked:
        """Titles' means, and a 1 for what depends on the viewer alone, as candidates; viewers' offsets as histories."""
        solved = Means(ratings, self._user_shrinkage, self._item_shrinkage)
        self._titles.values.assign(solved.mean + solved.item_offsets)
        titles = self._titles.values[:, None]
        candidates = tf.concat([titles, tf.ones_like(titles)], axis=1)
        return Baked(tf.zeros([self.space.n_viewers, 0]), self._pooled(ratings), candidates, titles)

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, 1] the mean of what was given beyond the titles' means, shrunken."""
        beyond = histories.stars - tf.gather(self._titles.values, histories.items)
        sums = histories.summed(beyond)
        counts = tf.cast(histories.lengths(), tf.float32)
        return (sums / (counts + self._user_shrinkage))[:, None]

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, 2] a 1 for the title's mean, and the viewer's offset."""
        return tf.concat([tf.ones_like(histories), histories], axis=1)

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings of [batch or 1, n, 1] titles."""
        return titles[..., 0] + histories
