"""Who rated what in a few factors: a third opinion beside the trained towers and the titles that go together."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy import sparse

from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale
from recommender.evaluation import EaseSettings
from recommender.evaluation.ease import history_weights
from recommender.features import Histories
from recommender.models.flagship.neighbours import NEWCOMER
from recommender.models.flagship.one_thread import one_thread
from recommender.models.flagship.rating_settings import MANY_RATINGS
from recommender.models.layers import held, single

_ITERATIONS = 12
_ITERATIONS_OF_MANY = 6  # of many ratings; precision@10 of a million invented ones: .201 with 6, .199 with 12
_ENOUGH = 1_000_000  # ratings to alternate on; precision@10 is .201 with a quarter of a million invented ones, too
_FEW = 12  # columns of a row, for which a system of so many is solved instead of one of all factors
# Columns that add to a row's penalty. If all of a long catalogue did, a viewer's ratings would say next to nothing: of
# 20,000 invented titles validation's NDCG@10 is .098 with this limit, .083 without, .098 and .096 with 8,000 and 3,000;
# of the 9,123 of MovieLens latest-small it is .110 with any of them.
_MOST_PENALISED = 5_000
_AT_ONCE = 512  # rows whose matrices, 130 KB each, are solved together

Floats = npt.NDArray[np.float64]


class Penalties(NamedTuple):
    """What keeps factors from saying too much; found on dev parts cut from the training parts of MovieLens 100K.

    Attributes:
      unobserved: what a title not rated weighs, where one rated weighs 1.
      l2: penalty for each unit of weight; what was not rated adds that of at most 5,000 titles, or viewers.
    """

    unobserved: float = 0.3
    l2: float = 0.01


# Share of the size, and penalties, of each opinion that the mean is taken of.
_OPINIONS = ((0.75, Penalties(0.3, 0.007)), (1.0, Penalties(0.15, 0.01)), (1.0, Penalties(0.5, 0.01)))


class ManyOpinions(tf.Module):
    """The mean of three `ImplicitFactors` that differ in size and penalties: where one errs the others seldom do.

    Args:
      n_titles: of the catalogue.
      size: factors of the largest; 0 leaves all out.
      scale: of the stars.
      settings: how a history is read.
    """

    def __init__(self, n_titles: int, size: int, scale: RatingScale, settings: EaseSettings) -> None:
        super().__init__()
        self._parts = [
            ImplicitFactors(n_titles, round(share * size), scale, settings, penalties, seed)
            for seed, (share, penalties) in enumerate(_OPINIONS)
        ]
        self.size = sum(part.size for part in self._parts)
        self._fitted_to: Ratings | None = None
        self._of_candidates = np.zeros((n_titles, self.size), np.float32)

    def fit(self, ratings: Ratings) -> npt.NDArray[np.float32]:
        """[n_titles, size] the titles' side, learnt from these ratings; see `ImplicitFactors.fit`."""
        if ratings is self._fitted_to:  # as after every epoch
            return self._of_candidates
        self._fitted_to, self._of_candidates = ratings, np.zeros_like(self._of_candidates)
        first = 0
        for part in self._parts:
            self._of_candidates[:, first : first + part.size] = part.fit(ratings) / len(self._parts)
            first += part.size
        return self._of_candidates

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, size] the factors of viewers by their histories; zeros for an empty one."""
        return tf.concat([part.pool(histories) for part in self._parts], axis=1)


class ImplicitFactors(tf.Module):
    """Alternating least squares on who rated what, a viewer's factors solved anew from whatever history is read.

    As iALS in Hu, Koren and Volinsky (2008), with the penalties in proportion to the weights of Rendle et al. (2021,
    "Revisiting the performance of iALS on item recommendation benchmarks"): it minimises, over all pairs,

      sum of w (1 - u.v)^2 over what was rated + c sum of (u.v)^2 over everything + penalties.

    A history is read as that of `NeighbourTitles` is: newer ratings, and those with more stars, weigh more, and few
    stars may ask for the opposite. Of a newcomer, whose few titles say little of who rates alike, factors count for
    less.

    Args:
      n_titles: of the catalogue.
      size: factors; 0 leaves them out.
      scale: of the stars.
      settings: how a history is read.
      penalties: see there.
      seed: of where the titles' factors start.
    """

    def __init__(
        self,
        n_titles: int,
        size: int,
        scale: RatingScale,
        settings: EaseSettings,
        penalties: Penalties | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.size = size
        self._penalties, self._seed = penalties or Penalties(), seed
        self._scale, self._settings = scale, settings
        self._titles = held(np.zeros((n_titles, size)), tf.float16)
        self._gram = held(np.eye(size, dtype=np.float32))

    def fit(self, ratings: Ratings) -> npt.NDArray[np.float32]:
        """Learns the factors from these ratings.

        Returns:
          [n_titles, size] the titles' side: times what `pool` gives it is the score, whose deviation over all viewers
          and titles is 1.
        """
        if not self.size:
            return np.zeros((len(ratings.items), 0), np.float32)
        shape = (len(ratings.users), len(ratings.items))
        # Where somebody rated something is all that counts: a pair rated twice counts once.
        pairs = (np.ones(len(ratings), np.bool_), (ratings.user_rows, ratings.item_rows))
        rated = sparse.csr_matrix(pairs, shape)
        del pairs
        with one_thread():
            viewers, titles = _alternate(rated, self.size, self._penalties, self._seed)
        self._titles.assign(titles)
        self._gram.assign(self._penalties.unobserved * titles.T @ titles)
        return (titles / max(_deviation(viewers, titles), 1e-12)).astype(np.float32)

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, size] the factors of viewers by their histories; zeros for an empty one."""
        positions = tf.cast(histories.positions(), tf.float32)
        wanted = history_weights(positions, histories.stars, self._scale, self._settings)
        weights = tf.abs(wanted)
        read = single(self._titles, histories.items)
        summed = histories.summed
        outer = summed((weights[:, None] * read)[:, :, None] * read[:, None, :])
        penalties = self._penalties.l2 * summed(weights) + _shared_penalty(self._penalties, self._titles.shape[0])
        matrices = self._gram + outer + penalties[:, None, None] * tf.eye(self.size)
        known = 1.0 - 2.0 ** (-tf.cast(histories.lengths(), tf.float32) / NEWCOMER)[:, None]
        sums = known * summed(wanted[:, None] * read)
        return tf.linalg.cholesky_solve(tf.linalg.cholesky(matrices), sums[:, :, None])[:, :, 0]


def _alternate(rated: Any, size: int, penalties: Penalties, seed: int) -> tuple[Floats, Floats]:
    """Factors of the rows [n_rows, size] and columns [n_columns, size] of a sparse matrix, by where it holds something.

    Of very many ratings those of some viewers, who lie evenly among all, are alternated on, and all of them once more.
    """
    titles = np.random.default_rng(seed).normal(0.0, 0.1 / np.sqrt(size), (rated.shape[1], size))
    every = max(rated.nnz // _ENOUGH, 1)
    some = rated[::every]
    by_title = some.T.tocsr()
    for _ in range(_ITERATIONS if rated.nnz <= MANY_RATINGS else _ITERATIONS_OF_MANY):
        titles = _solved(by_title, _solved(some, titles, penalties), penalties)
    if every > 1:
        titles = _solved(rated.T.tocsr(), _solved(rated, titles, penalties), penalties)
    return _solved(rated, titles, penalties), titles


def _solved(rated: Any, others: Floats, penalties: Penalties) -> Floats:
    """[n_rows, size] the best factors of rows, given those of columns [n_columns, size]; zeros for an empty row."""
    size = others.shape[1]
    unobserved, l2 = penalties
    shared = unobserved * others.T @ others
    lengths = np.diff(rated.indptr)
    own = l2 * lengths + _shared_penalty(penalties, len(others))
    solved = np.zeros((rated.shape[0], size))
    few = min(_FEW, size // 2)
    for length in range(1, few + 1):
        base = np.linalg.inv(shared + (l2 * length + _shared_penalty(penalties, len(others))) * np.eye(size))
        for rows in _some_at_once(np.flatnonzero(lengths == length), _AT_ONCE * size // length):
            read = others[rated.indices[rated.indptr[rows][:, None] + np.arange(length)]]
            solved[rows] = _solved_by_few(read, base)
    holding = np.flatnonzero(lengths > few)
    for first in range(0, len(holding), _AT_ONCE):
        rows = holding[first : first + _AT_ONCE]
        # A product for each row: the outer products of all columns would be wider than anything else that is held.
        matrices, sums = np.empty((len(rows), size, size)), np.empty((len(rows), size, 1))
        for place, row in enumerate(rows):
            read = others[rated.indices[rated.indptr[row] : rated.indptr[row + 1]]]
            matrices[place], sums[place, :, 0] = read.T @ read, read.sum(axis=0)
        matrices += shared
        matrices[:, np.arange(size), np.arange(size)] += own[rows, None]
        solved[rows] = np.linalg.solve(matrices, sums)[:, :, 0]
    return solved


def _shared_penalty(penalties: Penalties, n_others: int) -> float:
    """The penalty of a row for what it does not hold of so many columns."""
    return penalties.l2 * penalties.unobserved * min(n_others, _MOST_PENALISED)


def _some_at_once(rows: npt.NDArray[np.int64], n: int) -> list[npt.NDArray[np.int64]]:
    return np.array_split(rows, -(-len(rows) // n)) if len(rows) else []


def _solved_by_few(read: Floats, base: npt.NDArray[np.floating]) -> Floats:
    """The best factors of rows that hold few columns each: of a long catalogue most titles.

    With X a row's [length, size] part of `read` and B^-1 the `base`, (B + X'X)^-1 X' 1 = B^-1 X' (I + X B^-1 X')^-1 1:
    a system as small as the row is short, and a base that all rows of one length share.

    Args:
      read: [n, length, size] the factors of the columns that each row holds.
      base: [size, size].

    Returns:
      [n, size].
    """
    projected = read @ base
    systems = np.eye(read.shape[1]) + projected @ read.transpose(0, 2, 1)
    weights = np.linalg.solve(systems, np.ones((*read.shape[:2], 1)))
    return np.asarray((weights.transpose(0, 2, 1) @ projected)[:, 0], np.float64)


def _deviation(viewers: Floats, titles: Floats) -> float:
    """The deviation of all products of [n, size] viewers and [m, size] titles, without making them."""
    squares = np.sum((viewers.T @ viewers / len(viewers)) * (titles.T @ titles / len(titles)))
    mean = viewers.mean(axis=0) @ titles.mean(axis=0)
    return float(np.sqrt(max(squares - mean**2, 0.0)))
