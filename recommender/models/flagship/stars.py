"""Stars: Bayesian factors whose viewers are folded in in closed form, and a head that turns them into levels.

The factors are sampled, not descended to: with some 80 ratings a viewer, a point estimate of every factor overfits
where the average over samples does not (Salakhutdinov and Mnih 2008). A few samples are kept as members of one model.
For each member a viewer's factor is the mean of a Gaussian posterior given the titles' factors, so that any history, of
a visitor or as of then, is read at ask time in the very way in which it is read for a known viewer.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras as keras
from scipy import sparse

from recommender.data.ratings import Ratings
from recommender.features import STRANGER, FeatureSpace, Histories, ViewerLists
from recommender.models.flagship.coarse_moment import CoarseMoment
from recommender.models.flagship.factor_chain import (
    FactorChain,
    Floats,
    TitlesDrawn,
    constant_group,
    feature_group,
    implicit_group,
)
from recommender.models.flagship.one_thread import one_thread
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.star_head import StarHead
from recommender.models.flagship.star_levels import level_of
from recommender.models.flagship.star_reader import StarReader
from recommender.models.layers import rows_of

READ_AT_ONCE = 8_192  # ratings whose outer products, 6 KB each, are held at once
_LEAST_PROBABILITY = 1e-6  # of a level that was chosen; its logarithm would be infinite
_EXAMPLE = ("history", "at", "title", "stars")
_FEW = 11  # a visitor's history has fewer ratings than this


class _Known(NamedTuple):
    """Ratings of viewers that the model knows.

    Attributes:
      viewers: [n] rows of viewers, the stranger not counted.
      titles: [n] catalogue rows.
      stars: [n].
      at: [n] UTC seconds.
    """

    viewers: npt.NDArray[np.int32]
    titles: npt.NDArray[np.int32]
    stars: npt.NDArray[np.float32]
    at: npt.NDArray[np.integer]

    def only(self, kept: npt.NDArray[np.bool_]) -> "_Known":
        """Those that a mask [n] leaves."""
        return _Known(self.viewers[kept], self.titles[kept], self.stars[kept], self.at[kept])


class BayesianStars(keras.layers.Layer):
    """The rating half: sampled factors, which are not trained, and a head, which is.

    The factors are sampled from a part of the ratings (`sample`); the head learns from the others, as it is asked:
    with whole histories, with parts of them and with next to none (`loss`); at the end the factors are sampled from all
    that there is (`resample`).

    Args:
      space: what the model's rows stand for.
      train: the training part.
      settings: sizes and budgets.
      reads_history: whether viewers are known by what they rated; if not, they are all strangers.
      timed: whether stars drift with the clock.
    """

    def __init__(
        self, space: FeatureSpace, train: Ratings, settings: RatingSettings, *, reads_history: bool, timed: bool
    ) -> None:
        super().__init__()
        self._space, self._settings, self._scale, self._train = space, settings, train.scale, train
        self._reads_history = reads_history
        self._deviation = max(float(train.stars.std()), 1e-3)
        self._n_directions = max(min(settings.implicit_size, space.n_viewers - 2, space.n_titles - 1), 1)
        n_held = min(round(len(train) * settings.held_out_share), settings.most_held_out)
        self._n_held = max(n_held, 1)
        self._reader = StarReader(
            space.n_titles, self._n_directions, settings, train.scale, space.mean_stars, self._deviation
        )
        clock = CoarseMoment(space.clock(settings.n_time_knots) if timed else None)
        self._head = StarHead(train.scale, settings, clock, space.mean_stars, self._deviation)
        self.title_size = settings.n_members * (settings.factor_size + 1) + 2
        self._titles = self.add_weight(
            "titles", (space.n_titles, self.title_size), initializer="zeros", trainable=False
        )
        self.history_size = self._reader.history_size
        self._titles_drawn: TitlesDrawn | None = None
        self._examples: dict[str, tf.Tensor] = {}
        self._pooled: tuple[Ratings | None, tf.Tensor] = (None, tf.zeros([0, self.history_size]))
        self.built = True

    @property
    def serving_parts(self) -> list[tf.Module]:
        """What a served model needs beside what is baked."""
        return [self._reader, self._head]

    def sample(self, seed: int) -> None:
        """Samples the factors from most of the training part, and lays the rest out for the head to learn from.

        Args:
          seed: of all chance.
        """
        self._rng = np.random.default_rng(seed)
        known = self._known(self._train)
        held = np.zeros(len(known.stars), np.bool_)
        held[self._rng.permutation(len(held))[: self._n_held]] = True
        self._draw(known.only(~held), known, self._settings.held_out_thin)
        self._examples = {name: tf.constant(column) for name, column in self._lay_out(known, held).items()}

    def go_on_from(self, other: "BayesianStars") -> None:
        """Takes over where another's chance, and its samples, have come to."""
        self._rng, self._titles_drawn = other._rng, other._titles_drawn

    def take_over(self, other: "BayesianStars") -> None:
        """Takes over the trained head and the chance of another's, and is not trained itself.

        Args:
          other: one with the same settings, made for a part of the same data.
        """
        self._head.set_weights(other._head.get_weights())
        self._rng, self._titles_drawn = other._rng, other._titles_drawn
        self.trainable = False

    def resample(self, ratings: Ratings) -> None:
        """Samples the factors again, from all of these ratings.

        Args:
          ratings: of the data set that the model was made for.
        """
        known = self._known(ratings)
        self._draw(known, known, self._settings.thin, self._titles_drawn)

    def examples(self, batch_size: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Ratings that the factors have not seen, drawn at random: the first arguments of `loss`."""
        n = tf.shape(self._examples["stars"])[0]
        chosen = tf.random.uniform([batch_size], maxval=n, dtype=tf.int32)
        history, at, title, stars = (tf.gather(self._examples[name], chosen) for name in _EXAMPLE)
        return history, at, title, stars

    def loss(
        self, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor, stars: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The head's loss.

        Args:
          histories: [batch, history_size] pooled without the rating itself.
          at: [batch] int64 UTC seconds.
          titles: [batch] catalogue rows.
          stars: [batch] what was given.

        Returns:
          Minus the log of the probability given to the stars; and the squared error of their mean, in squared stars.
        """
        levels = self._head(histories, at, rows_of(self._titles, titles)[:, None])[:, 0]
        likely = tf.gather(levels, level_of(stars, self._scale), batch_dims=1)
        error = tf.reduce_mean(tf.square(self._head.mean(levels) - stars))
        likelihood = tf.reduce_mean(tf.math.log(tf.maximum(likely, _LEAST_PROBABILITY)))
        return self._head.penalty() / self._n_held - likelihood, error

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, history_size] what is known of viewers by their histories; see `StarReader`."""
        read = histories if self._reads_history else histories.kept(tf.zeros_like(histories.rows, tf.bool))
        return self._reader(read)

    def pool_viewers(self, ratings: Ratings) -> tf.Tensor:
        """[n_viewers, history_size] of all viewers by these ratings; worked out once for each sampling of factors."""
        if self._pooled[0] is not ratings:
            lists = ViewerLists(ratings, self._space)
            self._pooled = (ratings, tf.concat([self.pool(part) for part in lists.chunks(READ_AT_ONCE)], axis=0))
        return self._pooled[1]

    def titles(self) -> tf.Tensor:
        """[n_titles, title_size] the whole catalogue."""
        return tf.convert_to_tensor(self._titles)

    def levels(self, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n, n_levels] probabilities of the ratings; see `StarHead.call`."""
        return self._head(histories, at, titles)

    def stars(self, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings: the means of `levels`, which lie inside the scale."""
        return self._head.stars(histories, at, titles)

    def _known(self, ratings: Ratings) -> _Known:
        viewers = self._space.viewer_of_user[ratings.user_rows]
        return _Known(viewers - 1, ratings.item_rows, ratings.stars, ratings.rated.seconds).only(viewers != STRANGER)

    def _draw(self, read: _Known, known: _Known, thin: int, start: TitlesDrawn | None = None) -> None:
        """Runs a chain, and keeps members of it.

        Args:
          read: ratings to learn from.
          known: these and others, of which it is known who rated what.
          thin: sweeps from one member to the next.
          start: where a chain of almost the same ratings has come to, from which it is not far.
        """
        settings, n_titles = self._settings, self._space.n_titles
        chain, directions = self._chain(read, known)
        if start is not None:
            chain.start_from(start)
        members = []
        with one_thread():
            for _ in range(settings.burn_in if start is None else settings.shorter_burn_in):
                chain.sweep()
            for _ in range(settings.n_members):
                for _ in range(thin - 1):
                    chain.sweep()
                members.append(chain.sample())
        self._titles_drawn = chain.titles_drawn
        del chain
        levels = level_of(tf.constant(read.stars), self._scale).numpy()
        shares = np.bincount(levels, minlength=self._scale.n_levels) + 1.0
        self._reader.assign(members, *directions, shares / shares.sum())
        counts = np.bincount(read.titles, minlength=n_titles)
        noise = np.mean([np.log(member.title_precisions) for member in members], axis=0)
        facts = np.stack([noise, 10.0 / (10.0 + counts)], axis=1)
        self._titles.assign(np.concatenate([*(member.mean_titles for member in members), facts], axis=1))
        self._pooled = (None, self._pooled[1])

    def _chain(self, read: _Known, known: _Known) -> tuple[FactorChain, tuple[Floats, Floats]]:
        """The chain, and directions of who rated what: [n_titles, n_directions] a title's, and the usual viewer's."""
        space, shrinkage = self._space, self._settings.implicit_shrinkage
        n_viewers, n_titles = space.n_viewers - 1, space.n_titles
        pairs = (np.ones(len(known.stars), np.bool_), (known.viewers, known.titles))
        seen = sparse.csr_matrix(pairs, (n_viewers, n_titles))
        by_viewer, directions = implicit_group(seen, self._n_directions, shrinkage)
        seen = seen.T.tocsr()
        by_title, _ = implicit_group(seen, self._n_directions, shrinkage)
        del pairs, seen
        features = [feature_group(feature, self._settings.implicit_size) for feature in space.title_features]
        stars = (read.stars - space.mean_stars).astype(np.float64)
        stars /= self._deviation
        chain = FactorChain(
            read.viewers,
            read.titles,
            stars,
            [constant_group(n_viewers), by_viewer],
            [constant_group(n_titles), by_title, *(group for group in features if group is not None)],
            self._settings.factor_size,
            self._rng,
        )
        return chain, (directions, (by_viewer.directions * by_viewer.scales).mean(axis=0))

    def _lay_out(self, known: _Known, held: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.generic]]:
        """The held-out ratings as examples, by `_EXAMPLE`.

        They are read with whole histories (twice), with parts of them, and with next to nothing.
        """
        rng, n_viewers = self._rng, self._space.n_viewers - 1
        asked = np.zeros(n_viewers, np.bool_)  # the histories of others are not read
        asked[known.viewers[held]] = True
        order = np.argsort(known.viewers, kind="stable")
        order = order[~held[order]]
        viewers = known.viewers[order]
        lengths = np.bincount(viewers, minlength=n_viewers)
        place = np.empty(len(order))  # of a rating among its viewer's, shuffled
        shuffled = np.lexsort((rng.random(len(order)), viewers))
        place[shuffled] = np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        wanted = np.flatnonzero(held)
        histories = []
        for longest in (np.full(n_viewers, np.inf), lengths * rng.random(n_viewers), rng.integers(0, _FEW, n_viewers)):
            read = order[(place < longest[viewers]) & asked[viewers]]
            pooled = self._pool_all(known, read, n_viewers)
            histories.append(pooled[known.viewers[wanted]])
        return {
            "history": np.concatenate([histories[0], *histories]),
            "title": np.tile(known.titles[wanted].astype(np.int64), 4),
            "at": np.tile(known.at[wanted].astype(np.int64), 4),
            "stars": np.tile(known.stars[wanted], 4),
        }

    def _pool_all(self, known: _Known, read: npt.NDArray[np.integer], n_viewers: int) -> npt.NDArray[np.float32]:
        """[n_viewers, history_size] histories that hold the ratings `read`, in order of viewers, some at once."""
        ends = np.cumsum(np.bincount(known.viewers[read], minlength=n_viewers))
        parts, first = [], 0
        while first < n_viewers:
            start = ends[first - 1] if first else 0
            last = max(int(np.searchsorted(ends, start + READ_AT_ONCE, side="right")), first + 1)
            part = read[start : ends[last - 1]]
            parts.append(
                self.pool(
                    Histories(
                        tf.constant(known.titles[part], tf.int32),
                        tf.constant(known.stars[part]),
                        tf.constant(known.at[part]),
                        tf.constant(known.viewers[part] - first, tf.int32),
                        tf.constant(last - first),
                    )
                ).numpy()
            )
            first = last
        return np.concatenate(parts)
