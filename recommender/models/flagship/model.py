"""The flagship: retrieval and rating in one model that reads a viewer's history in order."""

import math
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED, cutoffs_of
from recommender.data.ratings import Ratings
from recommender.data.share import WHOLE, Share
from recommender.evaluation.protocols import last_moments
from recommender.features import STRANGER, FeatureSpace, Histories, ViewerLists
from recommender.models.configuration import HISTORY, TIMESTAMP
from recommender.models.flagship.choosing import ScoreWeights, choose_weights, starting_weights
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.flagship.history_tower import HistoryTower, viewer_means
from recommender.models.flagship.implicit_factors import ManyOpinions
from recommender.models.flagship.neighbours import NEWCOMER, NeighbourTitles
from recommender.models.flagship.popularity_prior import PopularityPrior
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.stars import READ_AT_ONCE, BayesianStars
from recommender.models.flagship.towers import CandidateTower, QueryTower
from recommender.models.flagship.training_queries import (
    SIGNATURE,
    QuestionShares,
    TrainingQueries,
    histories_of,
    validation_queries,
)
from recommender.models.layers import FeatureTable
from recommender.models.served import Baked, TrainingData
from recommender.models.tasks import SetRetrieval, TitleSets

_CUTOFFS_SHOWN = (10, 100)
_MOST_VIEWERS_IN_A_TABLE = 20_000  # made anew at each step: of more it takes longer than the step
_STEPS_OF_A_SUCCESSOR = 1 / 3  # of all steps
_LABELS_OF_NEWCOMERS = 32.0  # what is added to the weight of labels of somebody who rated nothing yet
_PRAISE_OF_NEWCOMERS = 3.0  # what is added to the weight of praise of somebody who rated nothing yet
_MORE_BELOW_THE_MEAN = 4.0  # times more do predicted stars count below the viewer's mean; found on dev parts


class Flagship(tfrs.Model):
    """Towers for retrieval, sampled factors for rating, and a ranking that joins the two.

    A score is the inner product of a query and a candidate whose parts lie side by side:

      trained vector | bias, as far as the viewer is known | popularity prior at the moment | neighbours | labels |
      factors of who rated what

    The first three are trained together, against the whole catalogue. The others are solved in closed form;
    they and the prior are weighed on validation. What retrieval finds is ranked by the score plus a weight times the
    predicted stars above the viewer's mean; stars below it count for more.

    Args:
      configuration: sizes and weights, with inputs by name (see `ModelConfiguration.fitted_to`) and everything chosen
        that can be before training (`chosen_on`).
      space: fitted on the training part.
      train: the training part; its histories are what the model reads while it learns.
    """

    moment_is_popularity = True

    def __init__(self, configuration: FlagshipConfiguration, space: FeatureSpace, train: Ratings) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.space = space
        self._scale, self._train = train.scale, train
        size = self._size = c.head_size * c.n_heads
        self._reads_history = HISTORY in c.query_inputs
        self._timed = TIMESTAMP in c.query_inputs
        self._lists = ViewerLists(train, space)
        self._history_tower = HistoryTower(
            space.n_titles,
            c.head_size,
            c.n_heads,
            longest=c.longest_history,
            scale=train.scale,
            mean_stars=space.mean_stars,
        )
        self._viewer_features = FeatureTable(space.viewer_features, space.n_viewers, size, c.feature_l2)
        self._title_features = FeatureTable(space.title_features, space.n_titles, size, c.feature_l2)
        self._prior = PopularityPrior(c.best_seller_days or np.inf, reads_clock=self._timed)
        self._neighbours = NeighbourTitles(
            train, c.neighbour_numbers if self._reads_history else 0, c.neighbours(train)
        )
        implicit_size = min(c.implicit_size, space.n_titles) if self._reads_history else 0
        self._implicit = ManyOpinions(space.n_titles, implicit_size, train.scale, c.neighbours(train))
        self._query_tower = QueryTower(size, dropout=c.query_dropout)
        self._candidate_tower = CandidateTower(space.n_titles, size)
        self._rating_batch_size = c.rating_batch_size
        self._untrained: tuple[Ratings | None, tf.Tensor] = (None, tf.zeros([0]))  # of viewers: `_pool_untrained`
        self._prior_of_train = self._prior.fit(train)
        self.parts = ScoreWeights(starting_weights(c))
        self.stars_model = BayesianStars(
            space, train, RatingSettings.fitted_to(len(train)), reads_history=self._reads_history, timed=self._timed
        )
        self.retrieval_task = _retrieval_task(c, space)
        self._retrieval_loss = keras.metrics.Mean("retrieval_loss")
        self._rating_loss = keras.metrics.Mean("rating_loss")
        self._squared_error = keras.metrics.Mean("squared_error")

    @classmethod
    def build_for(cls, configuration: FlagshipConfiguration, train: Ratings) -> "Flagship":
        """An untrained flagship for a training part."""
        space = FeatureSpace.fit(
            train, viewer_features=configuration.viewer_features, title_features=configuration.title_features
        )
        return cls(configuration, space, train)

    @property
    def embedding_size(self) -> int:
        """Numbers of a title's place among the titles."""
        return self._neighbours.place_size

    def training_data(self, validation: Ratings, seed: int, share: Share = WHOLE) -> TrainingData:
        """Questions to learn from, and the same of validation: all viewers of it, asked at their last moment.

        Args:
          validation: the validation part; its titles are what its questions ask for.
          seed: of questions, of what each reads, and of the rating half's samples.
          share: the viewers that the questions are about, and its part of each step's questions and ratings.
        """
        c, lists, space = self.configuration, self._lists, self.space
        self.stars_model.sample(seed)
        self._rating_batch_size = share.size_of(c.rating_batch_size)
        moments = last_moments(self._train)
        viewers = space.viewer_of_user[validation.user_rows]
        known = viewers != STRANGER
        of_viewers = np.full(space.n_viewers, self._train.timestamps.max(initial=0), np.int64)
        of_viewers[space.viewer_of_user] = moments

        def questions() -> Iterator[dict[str, npt.NDArray[Any]]]:
            asked = validation.take(np.flatnonzero(known))
            return validation_queries(lists, viewers[known], asked, of_viewers, c.batch_size)

        return TrainingData(_batches(self._queries(seed, share)), self._steps_of_an_epoch(), _batches(questions))

    def _queries(self, seed: int, share: Share = WHOLE) -> TrainingQueries:
        c = self.configuration
        among, later = c.among_share or 0.0, c.later_share or 0.0
        return TrainingQueries(
            self._lists if share == WHOLE else ViewerLists(share.part_of(self._train), self.space),
            QuestionShares(among, max(1.0 - among - later, 0.0), later),
            batch_size=share.size_of(c.batch_size),
            n_targets=c.n_targets,
            history_dropout=c.history_dropout,
            cold_share=c.cold_share,
            seed=seed,
        )

    def _steps_of_an_epoch(self) -> int:
        return -(-(self.configuration.steps or 1) // self.configuration.epochs)

    @tf.autograph.experimental.do_not_convert  # nothing branches on a tensor, and tracing is shorter
    def compute_loss(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of both losses on a batch of questions; to learn, the rating half draws its own examples."""
        c = self.configuration
        n_questions = tf.cast(tf.size(batch["viewer"]), tf.float32)
        viewers = batch["viewer"]
        if training:
            viewers = tf.where(tf.random.uniform(tf.shape(viewers)) < c.stranger_share, STRANGER, viewers)
        read = histories_of(batch)
        kept = 1.0 - c.history_dropout if training else 1.0
        query = self._trained_query(
            self._features_of(viewers),
            self._history_vectors(read, kept),
            self._prior.before(batch["at"]),
            training,
        )
        targets, known = (TitleSets(batch[f"{what}_items"], batch[f"{what}_rows"]) for what in ("target", "seen"))
        columns = self.retrieval_task.columns(targets)
        retrieval_loss = self.retrieval_task(query, self._scored(columns), targets, known, columns)
        penalty = c.retrieval_l2 * (self._history_tower.penalty(read.items) + self._candidate_tower.penalty(columns))
        retrieval = c.retrieval_weight * (retrieval_loss + (penalty / n_questions if training else 0.0))
        self._retrieval_loss.update_state(retrieval_loss)
        if not self.stars_model.trainable:  # its head was trained on what the model has been chosen on; see `successor`
            return retrieval
        if training:
            examples = self.stars_model.examples(self._rating_batch_size)
        else:
            rows = batch["target_rows"]
            histories = tf.gather(self.stars_model.pool(read), rows)
            examples = (histories, tf.gather(batch["at"], rows), batch["target_items"], batch["target_stars"])
        rating_loss, squared_error = self.stars_model.loss(*examples)
        self._rating_loss.update_state(rating_loss)
        self._squared_error.update_state(squared_error)
        return retrieval + c.rating_weight * rating_loss

    def _features_of(self, viewers: tf.Tensor) -> tf.Tensor:
        """[batch, size] the features of viewers as vectors; of very many viewers no table of all is made for it."""
        if self.space.n_viewers > _MOST_VIEWERS_IN_A_TABLE:
            return self._viewer_features.rows(viewers)
        return tf.gather(self._viewer_features.table(), viewers)

    def _scored(self, columns: tf.Tensor | None) -> tf.Tensor:
        """The candidates that a batch is scored against: all, or those in [n] rows."""
        tower, features, prior = self._candidate_tower, self._title_features, self._prior_of_train
        if columns is None:
            return tower(features.table(), prior)
        return tower.some(columns, features.rows(columns), tf.gather(prior, columns))

    def _history_vectors(self, histories: Histories, kept: float = 1.0) -> tf.Tensor:
        """[count, size + 1] what the history tower gives, and log of one plus the ratings that stand in the history."""
        lengths = tf.cast(histories.lengths(), tf.float32)[:, None] / kept
        if not self._reads_history:
            return tf.zeros([histories.count, self._size + 1])
        return tf.concat([self._history_tower(histories, kept), tf.math.log1p(lengths)], axis=1)

    def _trained_query(
        self, features: tf.Tensor, history: tf.Tensor, moments: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        vector, log_length = history[:, : self._size], history[:, self._size :]
        return self._query_tower([vector, features, log_length, moments], training=training)

    def choose_weights(self, train: Ratings, validation: Ratings, read: Ratings) -> FlagshipConfiguration:
        """Chooses, on validation, what the parts of a score count for, and predicted stars in the ranking.

        Args:
          train: what has been learnt from so far.
          validation: the validation part.
          read: the part of `train` that holds the histories of viewers who are asked about.

        Returns:
          The configuration with what was chosen, which the model keeps.
        """
        chosen = choose_weights(self, train, validation, read)
        self.configuration = self.configuration.model_copy(update=chosen._asdict())
        return self.configuration

    def go_on_from(self, other: "Flagship") -> None:
        """Takes over where the chance of another model's samples has come to, to draw those of a `successor`."""
        self.stars_model.go_on_from(other.stars_model)

    def successor(self, training_part: Ratings) -> "Flagship":
        """The model to be finished, of all that it may read, validation included, with everything that was chosen.

        The stars' head, a few numbers, is taken over as it was trained.

        Args:
          training_part: of the data set that the model was made for.
        """
        other = Flagship.build_for(self.configuration, training_part)
        other._take_over(self)
        other.stars_model.take_over(self.stars_model)
        return other

    def last_batches(self, seed: int) -> tuple[tf.data.Dataset, int]:
        """Of a successor: samples the stars' factors again, and gives what retrieval is trained on with.

        For a third of its steps: what a viewer rated last is the most telling, and the validation part holds just that,
        also of viewers who rated nothing before.

        Args:
          seed: of questions, and of what each reads.

        Returns:
          The batches, and how many of them.
        """
        self.stars_model.resample(self._train)
        steps = self._steps_of_an_epoch() * self.configuration.epochs
        return _batches(self._queries(seed)), math.ceil(steps * _STEPS_OF_A_SUCCESSOR)

    def _take_over(self, other: "Flagship") -> None:
        """Starts where the towers of another have come to, made for a part of the same ratings.

        A table of features that has grown since, as of newcomers from a new place, starts afresh.
        """
        for own, learnt in zip(self._trained_parts, other._trained_parts, strict=True):
            for variable, value in zip(own.trainable_variables, learnt.trainable_variables, strict=True):
                if variable.shape == value.shape:
                    variable.assign(value)

    @property
    def _trained_parts(self) -> list[keras.layers.Layer]:
        tables = [self._viewer_features, self._title_features]
        return [self._history_tower, *tables, self._query_tower, self._candidate_tower]

    def bake(self, ratings: Ratings) -> Baked:
        """All vectors of viewers and titles, from the histories in these interactions.

        Args:
          ratings: interactions of the data set that the model was made for; more than it was trained on
            are welcome.
        """
        return self.bake_some(ratings, ratings)

    def bake_some(self, ratings: Ratings, read: Ratings) -> Baked:
        """The same, but of viewers only the histories in `read`, a part of these ratings."""
        solved = [self._neighbours.fit(ratings), self._implicit.fit(ratings)]
        trained_parts = self._candidate_tower.parts(self._title_features.table(), self._prior.fit(ratings))
        if self._untrained[0] is not read:  # the same after every epoch
            parts = [self._pool_untrained(part) for part in self._chunks(read)]
            self._untrained = (read, tf.concat(parts, axis=0))
        trained = tf.concat([self._history_vectors(part) for part in self._chunks(read)], axis=0)
        return Baked(
            viewers=self._viewer_features.table(),
            histories=tf.concat([trained, self._untrained[1], self.stars_model.pool_viewers(read)], axis=1),
            candidates=tf.concat([*trained_parts, *solved], axis=1),
            titles=self.stars_model.titles(),
            places=tf.constant(self._neighbours.places()),
        )

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, history_size] pooled histories, which `_parts_of` takes apart."""
        parts = [self._history_vectors(histories), self._pool_untrained(histories), self.stars_model.pool(histories)]
        return tf.concat(parts, axis=1)

    def _chunks(self, ratings: Ratings) -> Iterator[Histories]:
        return ViewerLists(ratings, self.space).chunks(READ_AT_ONCE)

    def _pool_untrained(self, histories: Histories) -> tf.Tensor:
        """What retrieval reads of histories beside the trained vectors."""
        means = viewer_means(histories, self.space.mean_stars)[:, None]
        return tf.concat([self._neighbours.pool(histories), self._implicit.pool(histories), means], axis=1)

    def _parts_of(self, histories: tf.Tensor) -> list[tf.Tensor]:
        """For the trained tower, neighbours and factors; the viewers' means [batch, 1]; and for the rating half."""
        sizes = [self._size + 1, self._neighbours.size, self._implicit.size, 1, self.stars_model.history_size]
        return tf.split(histories, sizes, axis=1)

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """Queries of viewers at moments; arguments are rows of `Baked` and [batch] int64 UTC seconds."""
        history, neighbours, implicit, _, _ = self._parts_of(histories)
        labels_of_newcomers = _LABELS_OF_NEWCOMERS * self.parts.newcomers * self._newness(histories)
        moments = self.parts.prior * self._prior.at(at)
        factors, labels = tf.split(neighbours, [self._neighbours.n_factors, self._neighbours.n_labels], axis=1)
        return tf.concat(
            [
                self._trained_query(viewers, history, moments),
                self.parts.neighbours * factors,
                (self.parts.content + labels_of_newcomers) * labels,
                self.parts.implicit * implicit,
            ],
            axis=1,
        )

    def steer(self, queries: tf.Tensor, taste: tf.Tensor, popularity: tf.Tensor) -> tf.Tensor:
        """Queries with their parts weighed anew.

        Args:
          queries: [batch, candidate_size] by `query`.
          taste: how much farther from the answer to an empty history, which the prior alone gives; 0 leaves it.
          popularity: share of the prior that is taken off; 0 leaves it.
        """
        solved = self._neighbours.size + self._implicit.size
        before, prior, after = tf.split(queries, [self._size + 1, self._prior.size, solved], axis=1)
        return tf.concat([before * (1.0 + taste), prior * (1.0 - popularity), after * (1.0 + taste)], axis=1)

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Predicted ratings.

        Args:
          viewers: [batch, ...] rows of `Baked.viewers`.
          histories: [batch, ...] rows of `Baked.histories`.
          at: [batch] int64 UTC seconds.
          titles: rows of `Baked.titles`: [batch, n, ...] for n titles of each, or [1, n, ...] for the same of all.

        Returns:
          [batch, n] stars.
        """
        return self.stars_model.stars(self._parts_of(histories)[-1], at, titles)

    def levels(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n, n_levels] the probability of each rating of the scale; arguments as those of `stars`."""
        return self.stars_model.levels(self._parts_of(histories)[-1], at, titles)

    def praise(self, histories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """What praise counts for at rest of each viewer, their mean, and how many times more below it, [batch, 1] each.

        It counts for more of a newcomer: what few titles say of who rates alike pulls even a hated title's like near.
        Of somebody of whom nothing is read the popularity prior alone speaks.
        """
        means, new = self._parts_of(histories)[3], self._newness(histories)
        weights = self.parts.praise + _PRAISE_OF_NEWCOMERS * self.parts.newcomers * new
        return weights * (1.0 - 2.0 ** -self._lengths(histories)), means, _MORE_BELOW_THE_MEAN * (1.0 - new)

    def _lengths(self, histories: tf.Tensor) -> tf.Tensor:
        """[batch, 1] how many ratings were read of each viewer."""
        return tf.math.expm1(self._parts_of(histories)[0][:, self._size :])

    def _newness(self, histories: tf.Tensor) -> tf.Tensor:
        """[batch, 1] 1 for somebody who rated nothing yet, half after each `NEWCOMER` ratings."""
        return 2.0 ** (-self._lengths(histories) / NEWCOMER)

    def n_read(self, histories: tf.Tensor) -> tf.Tensor:
        """[batch] int32 how many ratings were read of each viewer."""
        return tf.cast(tf.round(self._lengths(histories)[:, 0]), tf.int32)

    @property
    def n_ranked(self) -> int:
        """Titles that retrieval hands to the ranking."""
        return self.configuration.n_ranked

    @property
    def serving_parts(self) -> list[tf.Module]:
        """The layers that a served model needs beside what is baked."""
        own = [self._history_tower, self._query_tower, self._prior, self._neighbours, self._implicit, self.parts]
        return [*own, *self.stars_model.serving_parts]


def _batches(make: Callable[[], Iterator[dict[str, npt.NDArray[Any]]]]) -> tf.data.Dataset:
    """Batches of what is made, for as long as the data set is held: TensorFlow never lets go of a generator."""
    made = weakref.ref(make)

    def batches() -> Iterator[dict[str, npt.NDArray[Any]]]:
        make = made()
        if make is None:
            raise ReferenceError("the data set whose batches are asked for is gone")
        return make()

    dataset = tf.data.Dataset.from_generator(batches, output_signature=SIGNATURE).prefetch(2)
    dataset.made_by = make
    return dataset


def _retrieval_task(configuration: FlagshipConfiguration, space: FeatureSpace) -> SetRetrieval:
    negatives = configuration.negatives
    if negatives == "auto":
        negatives = "catalogue" if space.n_titles <= MOST_TITLES_SCORED else "sampled"
    shares = space.title_counts / space.title_counts.sum()
    ks = [k for k in _CUTOFFS_SHOWN if k in cutoffs_of(space.n_titles)]
    return SetRetrieval(shares, configuration.n_uniform_negatives if negatives == "sampled" else None, ks)
