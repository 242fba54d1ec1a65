"""The flagship: retrieval and rating in one model that reads the viewer's history."""

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED
from recommender.data.ratings import Ratings
from recommender.features import (
    STRANGER,
    FeatureSpace,
    Histories,
    RatingTable,
    ViewerLists,
    rated_titles_and_raters,
)
from recommender.models.configuration import HISTORY, RATERS, TIMESTAMP, USER_ID
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.flagship.neighbours import NeighbourTitles
from recommender.models.flagship.pooling import PooledRatings, RatingSums, TimeBasis
from recommender.models.flagship.towers import CandidateTower, QueryTower, RatedTitleTower, RatingHead
from recommender.models.layers import FeatureTable, IdTable
from recommender.models.served import Baked
from recommender.models.tasks import CatalogueRetrieval, SampledRetrieval


class Flagship(tfrs.Model):
    """Towers for retrieval, factors of their own for rating, one loss over both.

    Vectors of viewers and of titles' content hold the numbers for retrieval first (`embedding_size`), then those for
    rating (a bias and `rating_size`). Pooled histories hold them as [log count, mean, vector] of either, and then what
    the neighbours need. An input that is left out leaves numbers of width 0, or an empty history.

    Args:
      configuration: sizes and weights, with inputs by name (see `ModelConfiguration.fitted_to`).
      space: fitted on the training part.
      train: the training part; its histories are what the model reads while it learns.
    """

    def __init__(self, configuration: FlagshipConfiguration, space: FeatureSpace, train: Ratings) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.space = space
        self._rated_titles, self._raters = rated_titles_and_raters(train, space)
        queries, timed = c.query_inputs, TIMESTAMP in c.query_inputs
        self._reads_history, self._reads_raters = HISTORY in queries, RATERS in c.candidate_inputs
        time_size, rating_time_size = (c.time_size, c.rating_time_size) if timed else (0, 0)
        self._retrieval_time = TimeBasis(space.clock(c.n_time_knots) if timed else None)
        self._rating_time = TimeBasis(space.clock(c.n_rating_time_knots) if timed else None)
        self._size = c.embedding_size
        self._vector_size = vector_size = c.embedding_size + 1 + c.rating_size
        id_size = 0
        if USER_ID in queries:  # beside a history the query needs no id: it changed validation by less than its noise
            id_size = 1 + c.rating_size if self._reads_history else vector_size

        def pooled(expected: npt.NDArray[np.float32], size: int, l2: float, stddev: float) -> PooledRatings:
            return PooledRatings(expected, size, shrinkage=c.mean_shrinkage, l2=l2, stddev=stddev)

        self._viewer_features = FeatureTable(space.viewer_features, space.n_viewers, vector_size, c.rating_l2)
        self._viewer_ids = IdTable(space.n_viewers, id_size, l2=c.rating_l2, stddev=0.02)
        self._title_features = FeatureTable(space.title_features, space.n_titles, vector_size, c.rating_l2)
        self._retrieval_history = pooled(space.title_stars, c.embedding_size, c.retrieval_l2, c.stddev)
        self._rating_history = pooled(space.title_stars, c.rating_size, c.rating_l2, 0.05)
        self._rating_raters = pooled(space.viewer_stars, c.rating_size, c.rating_l2, 0.05)
        self._neighbours = NeighbourTitles(
            space.n_titles, c.neighbour_size * self._reads_history, c.neighbour_penalty, c.neighbour_weight
        )
        self._query_tower = QueryTower(c.embedding_size, self._retrieval_time.size, time_size, dropout=c.query_dropout)
        self._candidate_tower = CandidateTower(
            space.title_counts, c.embedding_size, time_size, l2=c.retrieval_l2, stddev=c.stddev
        )
        self._rated_title_tower = RatedTitleTower(
            space.title_stars - space.mean_stars, c.rating_size, rating_time_size, l2=c.rating_l2
        )
        self._rating_head = RatingHead(
            space.mean_stars,
            c.rating_size,
            self._rating_time.size,
            rating_time_size,
            hidden=c.hidden,
            dropout=c.rating_dropout,
            l2=c.rating_l2,
        )
        self.retrieval_task = _retrieval_task(c, space)
        self.rating_task = tfrs.tasks.Ranking(loss=keras.losses.MeanSquaredError())
        self._retrieval_loss = keras.metrics.Mean("retrieval_loss")
        self._rating_loss = keras.metrics.Mean("rating_loss")

    @classmethod
    def build_for(cls, configuration: FlagshipConfiguration, train: Ratings) -> "Flagship":
        """An untrained flagship for a training part."""
        space = FeatureSpace.fit(
            train,
            viewer_features=configuration.viewer_features,
            title_features=configuration.title_features,
            shrinkage=configuration.mean_shrinkage,
        )
        return cls(configuration, space, train)

    @property
    def embedding_size(self) -> int:
        """Numbers of a candidate that are its place among the titles."""
        return self._size

    def compute_loss(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of both losses on a batch of `training_batches`; each target is left out of what is read."""
        c = self.configuration
        viewers, titles, at = batch["viewer"], batch["title"], batch["at"]
        rated, retrieval_sums, rating_sums = self._read_histories(viewers, titles, training)
        if training:
            viewers = tf.where(tf.random.uniform(tf.shape(viewers)) < c.stranger_share, STRANGER, viewers)
        vectors = tf.gather(self._viewer_vectors(), viewers)
        content = self._title_features.table()

        query = self._query_tower(
            [vectors[:, : self._size], self._retrieval_history.pooled(retrieval_sums), self._retrieval_time(at)],
            training=training,
        )
        retrieval_loss = self.retrieval_task(
            query,
            self._candidate_tower(content[:, : self._size]),
            titles,
            sample_weight=batch["weight"],
            masked=rated,
        )
        viewer_side = self._rating_head.viewers(
            [vectors[:, self._size :], self._rating_history.pooled(rating_sums), self._rating_time(at)],
            training=training,
        )
        title_side = self._rating_head.titles(self._rated_titles_of(batch, content, training), training=training)
        rating_loss = self.rating_task(
            labels=batch["stars"][:, None],
            predictions=self._rating_head.stars(viewer_side, title_side)[:, None],
        )
        self._retrieval_loss.update_state(retrieval_loss)
        self._rating_loss.update_state(rating_loss)
        return c.retrieval_weight * retrieval_loss + c.rating_weight * rating_loss

    def _read_histories(
        self, viewers: tf.Tensor, titles: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, RatingSums, RatingSums]:
        """[batch, n_titles] what each viewer rated, and sums over it (in training a random part) without the target."""
        unique, places = tf.unique(viewers)  # a viewer's history is summed once a batch
        stars = self._rated_titles(unique)
        keep = self._mask(stars, self._reads_history, self.configuration.history_keep, training)
        target = tf.stack([places, titles], axis=1)
        target_stars, target_kept = tf.gather_nd(stars, target), tf.gather_nd(keep, target) > 0
        both = []
        for history in (self._retrieval_history, self._rating_history):
            sums = RatingSums(*(tf.gather(part, places) for part in history.sums(stars, keep)))
            both.append(history.without(sums, titles, target_stars, target_kept))
        rated = tf.gather(tf.cast(~tf.math.is_nan(stars), tf.float32), places)
        return rated, both[0], both[1]

    def _mask(self, stars: tf.Tensor, read: bool, shares: tuple[float, float], training: bool) -> tf.Tensor:
        """[rows, columns] ones and, in training, zeros: the share of ones is drawn for each row. Zeros if not read."""
        if not read:
            return tf.zeros_like(stars)
        if not training:
            return tf.ones_like(stars)
        share = tf.random.uniform([tf.shape(stars)[0], 1], *shares)
        share = tf.where(tf.random.uniform(tf.shape(share)) < self.configuration.blank_share, 0.0, share)
        return tf.cast(tf.random.uniform(tf.shape(stars)) < share, tf.float32)

    def _rated_titles_of(self, batch: dict[str, tf.Tensor], content: tf.Tensor, training: bool) -> tf.Tensor:
        """[batch, ...] the titles' side of the rating head, from raters among whom the batch's viewer is not."""
        unique, places = tf.unique(batch["title"])
        stars = self._raters(unique)
        keep = self._mask(stars, self._reads_raters, self.configuration.rater_keep, training)
        target = tf.stack([places, batch["viewer"]], axis=1)
        sums = RatingSums(*(tf.gather(part, places) for part in self._rating_raters.sums(stars, keep)))
        sums = self._rating_raters.without(
            sums, batch["viewer"], tf.gather_nd(stars, target), tf.gather_nd(keep, target) > 0
        )
        content = tf.gather(content[:, self._size :], batch["title"])
        return self._rated_title_tower([batch["title"], content, self._rating_raters.pooled(sums)])

    def _viewer_vectors(self) -> tf.Tensor:
        """[n_viewers, embedding_size + 1 + rating_size] demographics and ids."""
        ids = self._viewer_ids.table()
        return self._viewer_features.table() + tf.pad(ids, [[0, 0], [self._vector_size - ids.shape[1], 0]])

    def bake(self, ratings: Ratings) -> Baked:
        """All vectors of viewers and titles, from the histories in these interactions.

        Args:
          ratings: interactions of the data set that the model was made for; more than it was trained on
            are welcome.
        """
        rated_titles, raters = rated_titles_and_raters(ratings, self.space)
        if self._neighbours.size:
            self._neighbours.fit(_rated_together(rated_titles))
        content, titles = self._title_features.table(), tf.range(self.space.n_titles)
        pooled_raters = [
            self._rating_raters(rated_by, self._mask(rated_by, self._reads_raters, (1.0, 1.0), False))
            for rated_by in raters.chunks()
        ]
        candidates = self._candidate_tower(content[:, : self._size])
        return Baked(
            viewers=self._viewer_vectors(),
            histories=tf.concat([self.pool(part) for part in ViewerLists(ratings, self.space).chunks()], axis=0),
            candidates=tf.concat([candidates, self._neighbours.of_candidates], axis=1),
            titles=self._rated_title_tower([titles, content[:, self._size :], tf.concat(pooled_raters, axis=0)]),
        )

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, history_size] pooled histories, which `_parts_of` takes apart."""
        stars = histories.stars_table(self.space.n_titles)
        keep = self._mask(stars, self._reads_history, (1.0, 1.0), False)
        parts = [self._retrieval_history(stars, keep), self._rating_history(stars, keep), self._neighbours.pool(stars)]
        return tf.concat(parts, axis=1)

    def _parts_of(self, histories: tf.Tensor) -> list[tf.Tensor]:
        """Pooled for retrieval [batch, embedding_size + 2], for rating [batch, rating_size + 2], and for neighbours."""
        return tf.split(histories, [self._size + 2, self.configuration.rating_size + 2, self._neighbours.size], axis=1)

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """Queries of viewers at moments; arguments are rows of `Baked` and [batch] int64 UTC seconds."""
        history, _, neighbours = self._parts_of(histories)
        query = self._query_tower([viewers[:, : self._size], history, self._retrieval_time(at)])
        return tf.concat([query, neighbours], axis=1)

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """Predicted ratings, not clipped.

        Args:
          viewers: [batch, ...] rows of `Baked.viewers`.
          histories: [batch, ...] rows of `Baked.histories`.
          at: [batch] int64 UTC seconds.
          titles: rows of `Baked.titles`: [batch, n, ...] for n titles of each, or [1, n, ...] for the same of all.

        Returns:
          [batch, n] stars.
        """
        _, history, _ = self._parts_of(histories)
        side = self._rating_head.viewers([viewers[:, self._size :], history, self._rating_time(at)])
        return self._rating_head.stars(side[:, None, :], titles)

    @property
    def serving_parts(self) -> list[tf.Module]:
        """The layers that a served model needs beside what is baked."""
        return [
            self._retrieval_time,
            self._rating_time,
            self._retrieval_history,
            self._rating_history,
            self._neighbours,
            self._query_tower,
            self._rating_head,
        ]


def _retrieval_task(configuration: FlagshipConfiguration, space: FeatureSpace) -> CatalogueRetrieval | SampledRetrieval:
    negatives = configuration.negatives
    if negatives == "auto":
        negatives = "catalogue" if space.n_titles <= MOST_TITLES_SCORED else "sampled"
    if negatives == "sampled":
        shares = space.title_counts / space.title_counts.sum()
        return SampledRetrieval(shares, configuration.n_uniform_negatives, corrected=configuration.sampling_correction)
    # Other titles of the viewer being masked, these are accuracies among unseen titles.
    return CatalogueRetrieval(
        batch_metrics=[
            keras.metrics.SparseTopKCategoricalAccuracy(k, f"top_{k}_unseen") for k in (10, 100) if k <= space.n_titles
        ]
    )


def _rated_together(rated_titles: RatingTable) -> npt.NDArray[np.float32]:
    """[n_titles, n_titles] how many viewers rated both titles."""
    counts = np.zeros((rated_titles.n_columns, rated_titles.n_columns), np.float32)
    for stars in rated_titles.chunks():
        presence = (~np.isnan(stars.numpy())).astype(np.float32)
        counts += presence.T @ presence
    return counts
