"""A trained model as it is served: baked vectors, TFRS's index, and functions with fixed signatures."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recommender.bundle.scorer import SignatureScorer
from recommender.bundle.signatures import POPULARITY, PRAISE, SAME_MOMENT, TASTE
from recommender.data.ratings import Ratings
from recommender.features import FeatureSpace, Histories, given_history
from recommender.models.head_ranking import praised, rank_head
from recommender.models.layers import rows_of, single


class Baked(NamedTuple):
    """All that serving needs of viewers and titles once the histories have been read.

    Attributes:
      viewers: [n_viewers, viewer_size] ids and demographics, as vectors; row 0 is the stranger.
      histories: [n_viewers, history_size] pooled histories.
      candidates: [n_titles, candidate_size] candidates of the retrieval index.
      titles: [n_titles, title_size] the titles' side of the rating head.
      places: [n_titles, embedding_size] where titles lie among each other; None for the first numbers of candidates.
    """

    viewers: tf.Tensor
    histories: tf.Tensor
    candidates: tf.Tensor
    titles: tf.Tensor
    places: tf.Tensor | None = None


class TrainingData(NamedTuple):
    """What a model is trained on.

    Attributes:
      batches: without end, or of one epoch, again in each.
      steps: of an epoch.
      validation: batches to see the losses on.
    """

    batches: tf.data.Dataset
    steps: int
    validation: tf.data.Dataset


class Servable(Protocol):
    """What a model of the zoo must offer to be served; see `Flagship` for the meaning of each."""

    space: FeatureSpace
    moment_is_popularity: bool  # whether a query reads of its moment only what everybody watched around it

    @property
    def embedding_size(self) -> int:
        """First numbers of a candidate that are its place among the titles; 0 if they are in no space."""

    def bake(self, ratings: Ratings) -> Baked:
        """All vectors of viewers and titles, from the histories in these interactions."""

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, history_size] histories to rows of `Baked.histories`."""

    def query(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
        """[batch, candidate_size] queries."""

    def stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings of [batch or 1, n, title_size] titles, not clipped."""

    @property
    def serving_parts(self) -> Sequence[tf.Module]:
        """The layers that these functions use."""


@runtime_checkable
class Ranking(Servable, Protocol):
    """A model whose lists are retrieved by score and then ranked by score and praise; see `Flagship`."""

    @property
    def n_ranked(self) -> int:
        """Titles that retrieval hands to the ranking."""

    def praise(self, histories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """What praise counts for at rest, the viewers' means, how many times more below them; [batch, 1] each."""

    def n_read(self, histories: tf.Tensor) -> tf.Tensor:
        """[batch] int32 how many ratings were read of each viewer."""

    def steer(self, queries: tf.Tensor, taste: tf.Tensor, popularity: tf.Tensor) -> tf.Tensor:
        """Queries with two dials turned."""

    def levels(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n, n_levels] the probability of each rating of the scale."""


@runtime_checkable
class BakesSome(Servable, Protocol):
    """A model that can leave out of what it bakes the histories of viewers who are not asked about."""

    def bake_some(self, ratings: Ratings, read: Ratings) -> Baked:
        """What `bake` gives, but of viewers only the histories in `read`, a part of these ratings."""


class CatalogueIndex(tfrs.layers.factorized_top_k.BruteForce):
    """TFRS's exact index, able to leave titles out of a ranking of any length."""

    def scores(self, queries: tf.Tensor, rows: tf.Tensor | None = None) -> tf.Tensor:
        """[batch, n] inner products of [batch, size] queries with the candidates in [n] rows, or with all."""
        return self._compute_score(queries, self._candidates if rows is None else rows_of(self._candidates, rows))

    def call(
        self, queries: tf.Tensor, k: tf.Tensor | int | None = None, excluded: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The best titles of each query.

        Args:
          queries: [batch, size].
          k: length of the list.
          excluded: [batch, width] rows to leave out.

        Returns:
          Scores and catalogue rows, [batch, k] each, best first; a title left out scores -inf.
        """
        scores = self.scores(queries) if excluded is None else without(self.scores(queries), excluded)
        best, columns = tf.math.top_k(scores, k=self._k if k is None else k)
        return best, tf.gather(self._identifiers, columns)

    def replace(self, candidates: tf.Tensor) -> None:
        """Puts other candidates, of the same shape, in the place of those indexed."""
        self._candidates.assign(candidates)

    @property
    def vectors(self) -> tf.Tensor:
        """[n, size] the candidates."""
        return tf.convert_to_tensor(self._candidates)

    def embeddings(self, rows: tf.Tensor, size: int) -> tf.Tensor:
        """[n, size] the first numbers of some candidates: their place among the titles, without bias and time."""
        return rows_of(self._candidates, rows)[:, :size]


def without(scores: tf.Tensor, excluded: tf.Tensor) -> tf.Tensor:
    """[batch, n] the same, -inf for the titles in the rows `excluded` [batch, width]."""
    batch = tf.repeat(tf.range(tf.shape(excluded)[0]), tf.shape(excluded)[1])
    places = tf.stack([batch, tf.reshape(excluded, [-1])], axis=1)
    return tf.tensor_scatter_nd_update(scores, places, tf.fill([tf.shape(places)[0]], -np.inf))


def _spec(shape: Sequence[int | None], dtype: tf.DType, name: str) -> tf.TensorSpec:
    return tf.TensorSpec(shape, dtype, name=name)


_VIEWERS = _spec([None], tf.int32, "viewer")
_MOMENTS = _spec([None], tf.int64, "at")
_TITLES = _spec([None], tf.int32, "items")
_RATINGS = (
    _spec([None], tf.int32, "history_items"),
    _spec([None], tf.float32, "history_stars"),
    _spec([None], tf.int64, "history_times"),
    _spec([None, None], tf.bool, "history_kept"),
)
_DIALS, _POPULAR_AT = _spec([3], tf.float32, "dials"), _spec([None], tf.int64, "popular_at")
_HISTORY = (*_RATINGS, _DIALS, _POPULAR_AT)


class ServedModel(tf.Module):
    """The functions behind a bundle's signatures; also what validation and test are measured on.

    In every signature a viewer is a model row (0 the stranger), an item a catalogue row, and a moment int64 UTC
    seconds. A history of [length] titles, oldest first, is read in place of the baked one if `history_kept` has rows:
    one for all of the batch, or one for each, which says which of the titles are read. What everybody watched is read
    at `popular_at` [batch or 1], so that it can be held while the moment is turned; see `SAME_MOMENT`.

    Args:
      model: a trained model, or one in training (see `refresh`).
      ratings: the interactions whose histories are baked; stars are clipped to their scale.
      rates: whether the model predicts ratings; if not, all stars are NaN.
      read: a part of the ratings; histories of others may be left out where nobody asks about these viewers.
    """

    def __init__(self, model: Servable, ratings: Ratings, *, rates: bool, read: Ratings | None = None) -> None:
        super().__init__()
        self._rates = rates
        self._bake_some = model.bake_some if isinstance(model, BakesSome) else None
        self._bake, self._pool, self._query, self._stars = model.bake, model.pool, model.query, model.stars
        self._parts = list(model.serving_parts)  # tracked, so that a SavedModel holds these layers and no others
        self._scale = ratings.scale
        self._n_titles, self._viewer_of_user = model.space.n_titles, model.space.viewer_of_user
        self._embedding_size = model.embedding_size
        self._moment_is_popularity = model.moment_is_popularity
        self._praise = self._n_read = self._steer = self._levels = None
        self._n_ranked = 1
        if isinstance(model, Ranking) and rates:
            self._praise, self._n_ranked, self._n_read = model.praise, model.n_ranked, model.n_read
            self._steer, self._levels = model.steer, model.levels
        baked = self._baked(ratings, read)
        # In half precision, as nothing but the likeness of titles is read there.
        self._places = None if baked.places is None else tf.Variable(tf.cast(baked.places, tf.float16), False)
        self._viewers, self._histories, self._titles = (
            tf.Variable(part, trainable=False) for part in (baked.viewers, baked.histories, baked.titles)
        )
        self._index = CatalogueIndex()
        self._index.index(baked.candidates)
        self._share_graphs()

    def _share_graphs(self) -> None:
        """Makes one graph each of what several signatures do: all that is exported is read at every start."""

        def rows(table: tf.Variable, *batch: None) -> tf.TensorSpec:
            return tf.TensorSpec([*batch, None, *table.shape[1:]], table.dtype)

        who = [rows(self._viewers), rows(self._histories), _MOMENTS]
        scores = tf.TensorSpec([None, self._n_titles])
        self._ask = tf.function(self._query_of, input_signature=[*who, _DIALS, _POPULAR_AT], autograph=False)
        self._ranked = tf.function(self._rank, input_signature=[scores, *who, _DIALS], autograph=False)
        titles = rows(self._titles, None)
        self._probabilities = tf.function(self._levels_of, input_signature=[*who, titles], autograph=False)

    def _baked(self, ratings: Ratings, read: Ratings | None) -> Baked:
        return self._bake(ratings) if read is None or self._bake_some is None else self._bake_some(ratings, read)

    def refresh(self, ratings: Ratings, read: Ratings | None = None) -> None:
        """Bakes again: after more training, or from more ratings; see the class for the arguments."""
        baked = self._baked(ratings, read)
        self._viewers.assign(baked.viewers)
        self._histories.assign(baked.histories)
        self._titles.assign(baked.titles)
        if self._places is not None:
            self._places.assign(tf.cast(baked.places, tf.float16))
        self._index.replace(baked.candidates)

    @property
    def candidates(self) -> npt.NDArray[np.float32]:
        """[n_titles, candidate_size] what the exact index holds."""
        candidates: npt.NDArray[np.float32] = self._index.vectors.numpy()
        return candidates

    @property
    def scorer(self) -> SignatureScorer:
        """The model as evaluation asks it, for rows of the data set that it was made for."""
        return SignatureScorer(self, self._viewer_of_user, np.arange(self._n_titles), rates=self._rates)

    @property
    def signatures(self) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """The functions to export, by name."""
        return {
            "retrieve": self.retrieve,
            "rate": self.rate,
            "score": self.score,
            "rate_pairs": self.rate_pairs,
            "embed": self.embed,
            "query": self.query,
        }

    @tf.function(
        input_signature=[
            _VIEWERS,
            _MOMENTS,
            _spec([], tf.int32, "k"),
            _spec([None, None], tf.int32, "excluded"),
            *_HISTORY,
        ],
        autograph=False,
    )
    def retrieve(
        self,
        viewer: tf.Tensor,
        at: tf.Tensor,
        k: tf.Tensor,
        excluded: tf.Tensor,
        history_items: tf.Tensor,
        history_stars: tf.Tensor,
        history_times: tf.Tensor,
        history_kept: tf.Tensor,
        dials: tf.Tensor,
        popular_at: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """The best k titles of [batch] viewers at [batch] moments, [batch, k] each.

        `items` in the order of `ranked`, their retrieval `scores` and `stars`, and the place `retrieved` (from 1) that
        the retrieval score alone gives them.
        """
        viewers, histories = self._who(viewer, history_items, history_stars, history_times, history_kept)
        scores = self._index.scores(self._ask(viewers, histories, at, dials, popular_at))
        ranked, stars_of_all = self._ranked(scores, viewers, histories, at, dials)
        ranked, items = tf.math.top_k(without(ranked, excluded), k)
        found = tf.gather(scores, items, batch_dims=1)
        # A list of all titles has them nearly in order, which are sorted in a tenth of the time.
        listed = tf.pad(tf.where(tf.equal(ranked, -np.inf), ranked, found), [[0, 0], [0, self._n_titles - k]])
        competing = tf.where(k < self._n_titles, without(scores, excluded), listed)
        ahead = self._n_titles - tf.searchsorted(tf.sort(competing, axis=1), found, side="right")
        if self._praise is None:
            stars = self._clipped_stars(viewers, histories, at, rows_of(self._titles, items))
        else:
            stars = tf.gather(stars_of_all, items, batch_dims=1)
        return {"items": items, "scores": found, "ranked": ranked, "stars": stars, "retrieved": ahead + 1}

    @tf.function(input_signature=[_spec([], tf.int32, "viewer"), _MOMENTS, _TITLES, *_HISTORY], autograph=False)
    def rate(
        self,
        viewer: tf.Tensor,
        at: tf.Tensor,
        items: tf.Tensor,
        history_items: tf.Tensor,
        history_stars: tf.Tensor,
        history_times: tf.Tensor,
        history_kept: tf.Tensor,
        dials: tf.Tensor,
        popular_at: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """One viewer, [n_moments] moments and [n_items] items: `stars`, `scores`, `ranked`, [n_moments, n_items] each.

        `ranked` is what the items would be ordered by in the head of a list.
        And `probabilities` [n_moments, n_items, n_levels] of the ratings of the scale, no level of a model without.
        """
        viewer = tf.repeat(viewer[None], tf.shape(at)[0])
        viewers, histories = self._who(viewer, history_items, history_stars, history_times, history_kept)
        stars = self._clipped_stars(viewers, histories, at, rows_of(self._titles, items)[None])
        scores = self._index.scores(self._ask(viewers, histories, at, dials, popular_at), items)
        likely = self._probabilities(viewers, histories, at, rows_of(self._titles, items)[None])
        return {
            "stars": stars,
            "scores": scores,
            "ranked": scores + self._praised(stars, histories, dials),
            "probabilities": likely,
        }

    @tf.function(input_signature=[_VIEWERS, _MOMENTS, *_HISTORY], autograph=False)
    def score(
        self,
        viewer: tf.Tensor,
        at: tf.Tensor,
        history_items: tf.Tensor,
        history_stars: tf.Tensor,
        history_times: tf.Tensor,
        history_kept: tf.Tensor,
        dials: tf.Tensor,
        popular_at: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Every title for [batch] viewers at [batch] moments: `scores` and `ranked`, [batch, n_titles] each.

        Lists are in order of `ranked`; of a model without a ranking of its own both are the same.
        """
        viewers, histories = self._who(viewer, history_items, history_stars, history_times, history_kept)
        scores = self._index.scores(self._ask(viewers, histories, at, dials, popular_at))
        return {"scores": scores, "ranked": self._ranked(scores, viewers, histories, at, dials)[0]}

    @tf.function(input_signature=[_VIEWERS, _MOMENTS, _TITLES], autograph=False)
    def rate_pairs(self, viewer: tf.Tensor, at: tf.Tensor, items: tf.Tensor) -> dict[str, tf.Tensor]:
        """One item for each of [batch] viewers and moments: `stars` [batch], `probabilities` [batch, n_levels]."""
        titles = rows_of(self._titles, items)[:, None, :]
        viewers, histories = tf.gather(self._viewers, viewer), tf.gather(self._histories, viewer)
        return {
            "stars": self._clipped_stars(viewers, histories, at, titles)[:, 0],
            "probabilities": self._probabilities(viewers, histories, at, titles)[:, 0],
        }

    @tf.function(input_signature=[_TITLES], autograph=False)
    def embed(self, items: tf.Tensor) -> dict[str, tf.Tensor]:
        """Places of items among the titles: `candidates` [n_items, embedding_size]."""
        if self._places is None:
            return {"candidates": self._index.embeddings(items, self._embedding_size)}
        return {"candidates": single(self._places, items)}

    @tf.function(input_signature=[_VIEWERS, _MOMENTS, *_HISTORY], autograph=False)
    def query(
        self,
        viewer: tf.Tensor,
        at: tf.Tensor,
        history_items: tf.Tensor,
        history_stars: tf.Tensor,
        history_times: tf.Tensor,
        history_kept: tf.Tensor,
        dials: tf.Tensor,
        popular_at: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """What [batch] viewers ask an index at [batch] moments: `queries` [batch, candidate_size]."""
        viewers, histories = self._who(viewer, history_items, history_stars, history_times, history_kept)
        return {"queries": self._ask(viewers, histories, at, dials, popular_at)}

    def _query_of(
        self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, dials: tf.Tensor, popular_at: tf.Tensor
    ) -> tf.Tensor:
        """[batch, candidate_size] queries, as the dials stand."""
        if self._moment_is_popularity:
            at = tf.where(popular_at == SAME_MOMENT, at, popular_at)
        queries = self._query(viewers, histories, at)
        if self._steer is None:
            return queries
        turned = tf.where(tf.math.is_nan(dials), 0.0, dials)
        return self._steer(queries, turned[TASTE], turned[POPULARITY])

    def _rank(
        self, scores: tf.Tensor, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, dials: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """What lists are ordered by: scores, and in the head of each list praise as well.

        The head is as many titles longer as the model has read: these may stand in it, and are not listed. So it is the
        same whether they are left out or not.

        Returns:
          [batch, n_titles] ranked, and the predicted ratings it took: [batch, n_titles], or [batch, 0] where it took
          none.
        """
        if self._praise is None or self._n_read is None:
            return scores, scores[:, :0]
        stars = self._clipped_stars(viewers, histories, at, self._titles[None])
        praised = self._praised(stars, histories, dials)
        return rank_head(scores, praised, self._n_ranked + self._n_read(histories)), stars

    def _praised(self, stars: tf.Tensor, histories: tf.Tensor, dials: tf.Tensor) -> tf.Tensor:
        """[batch, n] what praise adds to scores; zeros of a model that gives none."""
        if self._praise is None:
            return tf.zeros_like(stars)
        at_rest, means, below = self._praise(histories)
        weight = tf.where(tf.math.is_nan(dials[PRAISE]), at_rest, dials[PRAISE])
        return weight * praised(stars, means, below)

    def _levels_of(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n, n_levels] of the ratings of the scale; no level of a model that gives none."""
        if self._levels is None:
            return tf.zeros([tf.shape(viewers)[0], tf.shape(titles)[1], 0])
        return self._levels(viewers, histories, at, titles)

    def _who(
        self,
        viewer: tf.Tensor,
        history_items: tf.Tensor,
        history_stars: tf.Tensor,
        history_times: tf.Tensor,
        history_kept: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Rows of `Baked.viewers` and `Baked.histories`, the latter from the given history if there is one."""
        n_rows, batch = tf.shape(history_kept)[0], tf.shape(viewer)[0]
        histories = tf.cond(
            n_rows > 0,
            lambda: tf.gather(
                self._pooled(history_items, history_stars, history_times, history_kept),
                tf.minimum(tf.range(batch), n_rows - 1),
            ),
            lambda: tf.gather(self._histories, viewer),
        )
        return tf.gather(self._viewers, viewer), histories

    @tf.function(input_signature=_RATINGS, autograph=False)
    def _pooled(
        self, history_items: tf.Tensor, history_stars: tf.Tensor, history_times: tf.Tensor, history_kept: tf.Tensor
    ) -> tf.Tensor:
        """[rows of `history_kept`, ...] a given history as `Baked.histories` has it; one graph for all signatures."""
        return self._pool(given_history(history_items, history_stars, history_times, history_kept))

    def _clipped_stars(self, viewers: tf.Tensor, histories: tf.Tensor, at: tf.Tensor, titles: tf.Tensor) -> tf.Tensor:
        """[batch, n] predicted ratings inside the scale."""
        if not self._rates:
            return tf.fill([tf.shape(viewers)[0], tf.shape(titles)[1]], np.float32("nan"))
        return tf.clip_by_value(self._stars(viewers, histories, at, titles), self._scale.low, self._scale.high)
