"""Two dense towers and, where asked for, a rating head: the model of the public tutorials, by configuration."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED
from recommender.data.ratings import Ratings
from recommender.features import STRANGER, TITLE_TEXT, FeatureSpace, Histories, ViewerLists, rated_titles_and_raters
from recommender.models.configuration import HISTORY, TIMESTAMP, TITLE_ID, USER_ID
from recommender.models.served import Baked
from recommender.models.tasks import BatchRetrieval, CatalogueRetrieval, MeanSquaredStars
from recommender.models.two_tower.configuration import TwoTowerConfiguration
from recommender.models.two_tower.inputs import HashedIds, LikedFeatures, MomentEmbedding, feature_tables


class TwoTower(tfrs.Model):
    """A query tower over viewer, history and moment, a candidate tower over titles, and perhaps a rating head on both.

    Args:
      configuration: inputs, sizes and losses.
      space: fitted on the training part.
      train: the training part; its histories are what the model reads while it learns.
      rates: whether there is a rating head.
    """

    moment_is_popularity = False

    def __init__(
        self, configuration: TwoTowerConfiguration, space: FeatureSpace, train: Ratings, *, rates: bool
    ) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.space = space
        size, l2 = c.embedding_size, c.embedding_l2
        by_name = {feature.name: feature for feature in space.title_features}
        described = [feature for name, feature in by_name.items() if name != TITLE_TEXT]
        user_ids = ["", *space.users_of_viewers(train)]
        self._viewer_ids = HashedIds(user_ids, size, c.hash_bins, l2) if USER_ID in c.query_inputs else None
        self._viewer_features = feature_tables(space.viewer_features, space.n_viewers, size, l2)
        self._liked = LikedFeatures(described, space.n_titles, size, l2) if HISTORY in c.query_inputs else None
        describes_viewer = self._liked is not None and c.described == "viewer"
        self._rated_titles = None
        self._scores_catalogue = c.negatives == "catalogue" or (
            c.negatives == "auto" and space.n_titles <= MOST_TITLES_SCORED
        )
        if describes_viewer or (self._scores_catalogue and c.mask_rated):
            self._rated_titles = rated_titles_and_raters(train, space)[0]
        self._moment = None
        if TIMESTAMP in c.query_inputs:
            self._moment = MomentEmbedding(space.timestamps, c.n_time_buckets, size, by=c.time_buckets, l2=l2)
        item_ids = train.items["item_id"].tolist()
        self._title_ids = HashedIds(item_ids, size, c.hash_bins, l2) if TITLE_ID in c.candidate_inputs else None
        own = [by_name[name] for name in c.candidate_inputs if name in by_name]
        self._title_features = feature_tables(own, space.n_titles, size, l2)
        self._query_tower = _dense(
            c.query_layers,
            c.projection_size,
            activation=c.activation,
            cross_layers=c.cross_layers,
            batch_norm=c.batch_norm,
            dropout=c.dropout,
            l2=c.layer_l2,
        )
        self._candidate_tower = _dense(
            c.candidate_layers, c.projection_size if c.project_candidates else 0, activation=c.activation
        )
        frequency = (space.title_counts + 1.0) / (space.title_counts.sum() + space.n_titles)
        self._frequency = tf.constant(frequency, tf.float32)
        self._title_bias = None
        if c.title_bias:
            log_shares = keras.initializers.Constant(np.log(frequency).astype(np.float32))
            self._title_bias = self.add_weight(name="title_bias", shape=(space.n_titles,), initializer=log_shares)
        self._catalogue_task = CatalogueRetrieval()
        self._batch_task = BatchRetrieval()
        self._rating_head = _dense(c.rating_layers, 1) if rates else None
        self.rating_task = MeanSquaredStars()
        self._retrieval_loss = keras.metrics.Mean("retrieval_loss")
        self._rating_loss = keras.metrics.Mean("rating_loss")
        self._build_layers()

    @classmethod
    def build_for(cls, configuration: TwoTowerConfiguration, train: Ratings, *, rates: bool = False) -> "TwoTower":
        """An untrained model for a training part."""
        titles = [*configuration.title_features]
        if HISTORY in configuration.query_inputs:
            titles += [feature.name for feature in train.schema.item_features if feature.name not in titles]
        space = FeatureSpace.fit(
            train,
            viewer_features=configuration.viewer_features,
            title_features=titles,
        )
        return cls(configuration, space, train, rates=rates)

    @property
    def rates(self) -> bool:
        """Whether it has a rating head."""
        return self._rating_head is not None

    @property
    def reads_descriptions(self) -> bool:
        """Whether it knows viewers by the features of titles."""
        return self._liked is not None

    def _build_layers(self) -> None:
        """Gives every layer its weights, so that checkpoints can be loaded into a model that was never called."""
        at = tf.constant(self.space.timestamps[:1])
        query = self._tower_query(self._viewer_table()[:1], self._describe(tf.fill([1, self.space.n_titles], 3.0)), at)
        candidate = self._titles(tf.constant([0]))
        self.embedding_size = int(candidate.shape[1])
        if self._rating_head:
            self._rate(query[:, None, :], candidate[:, None, :])

    def compute_loss(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of the losses on a batch of `training_batches`."""
        c = self.configuration
        viewers, titles = batch["viewer"], batch["title"]
        asking = viewers
        if training:
            asking = tf.where(tf.random.uniform(tf.shape(viewers)) < c.stranger_share, STRANGER, viewers)
        histories = (
            self._describe(self._read_titles(viewers, titles)) if self._liked else tf.zeros([tf.size(viewers), 0])
        )
        query = self._tower_query(tf.gather(self._viewer_table(), asking), histories, batch["at"], training=training)
        retrieval_loss = self._retrieve(self._with_one(query), batch)
        self._retrieval_loss.update_state(retrieval_loss)
        loss = c.retrieval_weight * retrieval_loss
        if self._rating_head:
            stars = self._rate(query[:, None, :], self._titles(titles)[:, None, :])
            rating_loss = self.rating_task(labels=batch["stars"][:, None], predictions=stars)
            self._rating_loss.update_state(rating_loss)
            loss += c.rating_weight * rating_loss
        return loss

    def _retrieve(self, query: tf.Tensor, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """The mean retrieval loss of a batch."""
        titles, weight = batch["title"], batch["weight"]
        if self._scores_catalogue:
            rated = None
            if self._rated_titles is not None and self.configuration.mask_rated:
                rated = tf.cast(~tf.math.is_nan(self._rated_titles(batch["viewer"])), tf.float32)
            return self._catalogue_task(query, self._candidates(), titles, sample_weight=weight, masked=rated)
        frequency = self._frequency if self.configuration.sampling_correction else None
        return self._batch_task(query, self._candidates(), titles, sample_weight=weight, frequency=frequency)

    def _read_titles(self, viewers: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n_titles] stars, NaN for gaps, of the titles to be described: without the target, or it alone."""
        places = tf.stack([tf.range(tf.shape(titles)[0]), titles], axis=1)
        if self._rated_titles is None or self.configuration.described == "target":
            blank = tf.fill([tf.shape(titles)[0], self.space.n_titles], float("nan"))
            return tf.tensor_scatter_nd_update(blank, places, tf.ones(tf.shape(titles)))
        gaps = tf.fill(tf.shape(titles), float("nan"))
        return tf.tensor_scatter_nd_update(self._rated_titles(viewers), places, gaps)

    def _viewer_table(self) -> tf.Tensor:
        """[n_viewers, size] ids and features of all viewers."""
        parts = [self._viewer_ids.table()] if self._viewer_ids else []
        parts += [table.table() for table in self._viewer_features]
        return tf.concat([tf.zeros([self.space.n_viewers, 0]), *parts], axis=1)

    def _titles(self, rows: tf.Tensor) -> tf.Tensor:
        """[n, embedding_size] some titles as their tower sees them."""
        parts = [self._title_ids.table()] if self._title_ids else []
        parts += [table.table() for table in self._title_features]
        return self._candidate_tower(tf.gather(tf.concat(parts, axis=1), rows))

    def _candidates(self) -> tf.Tensor:
        """[n_titles, candidate_size] all titles, with the bias as one number more."""
        titles = self._titles(tf.range(self.space.n_titles))
        return titles if self._title_bias is None else tf.concat([titles, self._title_bias[:, None]], axis=1)

    def _with_one(self, query: tf.Tensor) -> tf.Tensor:
        """[batch, candidate_size]: a 1 for the title's bias, so that BruteForce serves it."""
        return query if self._title_bias is None else tf.concat([query, tf.ones_like(query[:, :1])], axis=1)

    def _tower_query(
        self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        parts = [viewers, histories] + ([self._moment(at)] if self._moment else [])
        return self._query_tower(tf.concat(parts, axis=1), training=training)

    def _rate(self, query: tf.Tensor, candidate: tf.Tensor) -> tf.Tensor:
        """[batch, n] stars of [batch, n, size] queries beside [batch, n, size] candidates."""
        assert self._rating_head is not None, "only a model with a rating head is asked for stars"
        return self.space.mean_stars + self._rating_head(tf.concat([query, candidate], axis=-1))[..., 0]

    def bake(self, ratings: Ratings) -> Baked:
        """All vectors of viewers and titles; see `Servable`."""
        histories = tf.concat([self.pool(part) for part in ViewerLists(ratings, self.space).chunks()], axis=0)
        candidates = self._candidates()
        return Baked(self._viewer_table(), histories, candidates, candidates[:, : self.embedding_size])

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, history_size] the mean features of the titles liked."""
        if not self._liked:
            return tf.zeros([histories.count, 0])
        return self._describe(histories.stars_table(self.space.n_titles))

    def _describe(self, stars: tf.Tensor) -> tf.Tensor:
        """[batch, n_titles] stars with NaN for gaps to the mean features of the titles liked."""
        return self._liked(stars) if self._liked else tf.zeros([tf.shape(stars)[0], 0])

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, candidate_size] queries; arguments are rows of `Baked` and [batch] int64 UTC seconds."""
        return self._with_one(self._tower_query(viewers, histories, at))

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings of [batch or 1, n, size] titles, not clipped."""
        query = self._tower_query(viewers, histories, at)[:, None, :]
        batch, n = tf.shape(query)[0], tf.shape(titles)[1]
        return self._rate(tf.repeat(query, n, axis=1), tf.broadcast_to(titles, [batch, n, titles.shape[-1]]))

    @property
    def serving_parts(self) -> list[tf.Module]:
        """The layers that a served model needs beside what is baked."""
        parts = [self._moment, self._liked, self._query_tower, self._rating_head]
        return [part for part in parts if part is not None]


def _dense(
    hidden: Sequence[int],
    size: int,
    *,
    activation: str = "relu",
    cross_layers: int = 0,
    batch_norm: bool = False,
    dropout: float = 0.0,
    l2: float = 0.0,
) -> keras.Sequential:
    """Cross layers, hidden layers, and a linear layer of `size` numbers, which is left out if that is 0."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    layers = [tfrs.layers.dcn.Cross(kernel_regularizer=penalty) for _ in range(cross_layers)]
    for units in hidden:
        layers.append(keras.layers.Dense(units, activation=activation, kernel_regularizer=penalty))
        layers += [keras.layers.BatchNormalization()] if batch_norm else []
        layers += [keras.layers.Dropout(dropout)] if dropout else []
    layers += [keras.layers.Dense(size, kernel_regularizer=penalty)] if size else []
    return keras.Sequential(layers or [keras.layers.Activation("linear")])
