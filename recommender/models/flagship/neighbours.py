"""Titles that go together, in closed form: a second opinion beside the trained towers."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.data.ratings import Ratings
from recommender.evaluation import EaseSettings
from recommender.evaluation.ease import content_share, content_vectors, history_weights, inverse_of, viewer_shares
from recommender.features import Histories
from recommender.models.flagship.one_thread import one_thread
from recommender.models.layers import held, single

_ITERATIONS = 12  # of the subspace; the 64th eigenvalue of MovieLens 100K is 0.8 of the 32nd, and 0.8^12 is 0.07
_MOST_PLACED = 64  # of the eigenvalues that say where a title lies: the first hold what is alike, later ones exceptions
_MOST_OF_COSINES = 64  # eigenvalues in catalogues too long for the inverse, where each takes long to find
_MOST_TOGETHER = 100  # titles that a title's row keeps where a catalogue is too long for the inverse
_MOST_OF_FACTORS = 0.7  # of a title's place, however often it was rated: labels keep films of one year apart
_RARE = 20.0  # ratings at which who rated a title says half of that
_LABELS_FOR_RATERS = 0.1  # for as much of what its raters do not say of a title do its labels speak
NEWCOMER = 5.0  # ratings after which labels and praise count for half of what is added to them of a newcomer
_LONGEST = 500  # of a viewer's newest ratings that are counted together there
_PRODUCTS = 10_000_000  # pairs of ratings that are counted at once: half a gigabyte of them with 50 million


class NeighbourTitles(tf.Module):
    """The largest part of EASE's weights between titles, as two narrow tables, and what labels the titles share.

    With X the [n_viewers, n_titles] matrix of who rated what, W what each viewer counts for (`viewer_shares`) and
    P = (X'WX + lambda I)^-1, EASE's weights are B = I - P / diag(P) (Steck 2019, eq. 8). With D = diag(P)^-1/2,
    D B D^-1 = I - D P D is symmetric: its largest eigenvalues and their vectors give B as the product of a table for
    histories and one for candidates. In a catalogue too long for the inverse, the symmetric matrix is that of the
    shrunken cosines of the titles that were most often rated by the same viewers, a hundred for each.

    A history is read as the reference `signed-ease` reads it: newer ratings, and those with more stars, weigh more,
    and few stars may speak against a title (`history_weights`).

    The towers are not trained beside these scores, which have seen the targets of training: the sum of two models that
    were fitted apart is better than each, and better than the two fitted together.

    Args:
      train: the training part, for the titles' labels and the scale.
      size: eigenvalues to keep.
      settings: as validation chose them for the reference.

    Attributes:
      n_factors, n_labels: numbers of the two parts of `size`.
    """

    def __init__(self, train: Ratings, size: int, settings: EaseSettings) -> None:
        super().__init__()
        n_titles = len(train.items)
        self._settings, self._scale = settings, train.scale
        if n_titles > MOST_TITLES_SQUARED:
            size = min(size, _MOST_OF_COSINES)
        self.n_factors = min(size, max(n_titles - 2, 1)) if size else 0
        self._n_placed = min(self.n_factors, _MOST_PLACED)
        self._given_labels = content_vectors(train, settings.features if size else ())
        self._labels = held(self._given_labels, tf.float16)
        self.n_labels = self._given_labels.shape[1]
        self._factors = held(np.zeros((n_titles, self.n_factors)), tf.float16)
        self.size = self.n_factors + self.n_labels
        self.place_size = self._n_placed + self.n_labels + 1 if self.n_factors else 0
        self._places = np.zeros((n_titles, self.place_size), np.float32)
        self._fitted_to: Ratings | None = None
        self._of_candidates = np.zeros((n_titles, self.size), np.float32)

    def fit(self, ratings: Ratings) -> npt.NDArray[np.float32]:
        """Learns the tables from these ratings.

        Returns:
          [n_titles, size] the titles' side; times what `pool` gives it is the score.
        """
        n_titles = self._factors.shape[0]
        if not self.n_factors:
            return np.zeros((n_titles, self.size), np.float32)
        if ratings is self._fitted_to:  # as after every epoch
            return self._of_candidates
        self._fitted_to = ratings
        if n_titles <= MOST_TITLES_SQUARED:
            scale, values, vectors = _ease_factors(ratings, self._settings, self.n_factors)
        else:
            scale, values, vectors = _cosine_factors(ratings, self._settings.ease_l2, self.n_factors)
        factors = scale[:, None] * vectors
        largest = max(np.abs(factors).max(), 1e-12)
        self._factors.assign(factors / largest)  # at most 1: half precision has few digits below 1e-4
        self._places = self._placed((vectors * np.maximum(values, 0.0))[:, : self._n_placed], ratings)
        of_candidates = [largest * vectors * values / scale[:, None], self._given_labels]
        self._of_candidates = np.concatenate(of_candidates, axis=1, dtype=np.float32, casting="same_kind")
        return self._of_candidates

    def places(self) -> npt.NDArray[np.float32]:
        """[n_titles, place_size] where each title lies among the others, of the ratings fitted last.

        The cosine of two titles is that of their factors for as much as both have been rated, and for the rest that of
        their labels: of a title that few have rated, its labels know more. But not all: that hardly anybody rated it
        is a place of its own, the last number. Else every film would be most like those of the same genres that nobody
        knows.
        """
        return self._places

    def _placed(self, factors: npt.NDArray[np.float64], ratings: Ratings) -> npt.NDArray[np.float32]:
        counts = np.bincount(ratings.item_rows, minlength=len(factors))
        labels = self._given_labels
        most = _MOST_OF_FACTORS if labels.shape[1] else 1.0
        of_factors = most * counts / (counts + _RARE)
        of_labels = 1.0 - most + _LABELS_FOR_RATERS * (most - of_factors) if labels.shape[1] else np.zeros(len(factors))
        shares = np.sqrt([of_factors, of_labels, 1.0 - of_factors - of_labels])[:, :, None]
        directions = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-12)
        unknown = np.ones((len(factors), 1))
        return np.concatenate(
            [shares[0] * directions, shares[1] * labels, shares[2] * unknown], axis=1, dtype=np.float32
        )

    def pool(self, histories: Histories) -> tf.Tensor:
        """[count, size] of histories."""
        positions = tf.cast(histories.positions(), tf.float32)
        weights = history_weights(positions, histories.stars, self._scale, self._settings)[:, None]
        summed = histories.summed
        factors = summed(weights * single(self._factors, histories.items))
        labels = summed(weights * single(self._labels, histories.items))
        share = content_share(summed(tf.abs(weights)), self._settings)
        return tf.concat([factors, share * labels], axis=1)


Factors = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _rated(ratings: Ratings, longest: int | None = None) -> Any:
    """[n_users, n_titles] ones where somebody rated something; of long histories the newest ratings alone."""
    from scipy import sparse

    users, items = ratings.user_rows, ratings.item_rows
    if longest is not None:
        order = np.lexsort((-ratings.timestamps, users))
        starts = np.searchsorted(users[order], np.arange(len(ratings.users)))
        order = order[np.arange(len(order)) - starts[users[order]] < longest]
        users, items = users[order], items[order]
    shape = (len(ratings.users), len(ratings.items))
    table = sparse.csr_matrix((np.ones(len(users), np.float32), (users, items)), shape)
    table.data[:] = 1.0  # a pair rated twice counts once
    return table


def _ease_factors(ratings: Ratings, settings: EaseSettings, size: int) -> Factors:
    """The scale D^-1 [n], the largest eigenvalues [size] of I - D P D, and their vectors [n, size]."""
    rated = _rated(ratings)
    lengths = np.diff(rated.indptr)
    rated.data *= np.repeat(np.sqrt(viewer_shares(lengths, settings.viewer_exponent)), lengths)
    together = (rated.T @ rated).toarray()
    together[np.diag_indices_from(together)] += np.float32(settings.ease_l2)
    inverse = inverse_of(together)
    scale = np.sqrt(inverse.diagonal())
    with one_thread():
        values, vectors = _largest(np.eye(len(inverse)) - inverse / np.outer(scale, scale), size)
    return scale, values, vectors


def _cosine_factors(ratings: Ratings, shrinkage: float, size: int) -> Factors:
    """The same of cosines n_ij / sqrt((n_i + shrinkage) (n_j + shrinkage)), the largest of each title's row alone."""
    from scipy.sparse import linalg

    rated = _rated(ratings, _LONGEST)
    counts = np.asarray(rated.sum(axis=0), np.float64).ravel()
    together = _most_alike(rated, 1.0 / np.sqrt(counts + shrinkage))
    symmetric = together.maximum(together.T).tocsr()
    # Titles that go with no other have no part in it, and are most of a catalogue of which most was hardly rated.
    linked = np.flatnonzero(np.diff(symmetric.indptr))
    if len(linked) <= 2 * size:
        linked = np.arange(symmetric.shape[0])
    start = np.random.default_rng(0).normal(size=len(linked))
    with one_thread():
        values, found = linalg.eigsh(symmetric[linked][:, linked].astype(np.float64), k=size, which="LA", v0=start)
    vectors = np.zeros((len(counts), size))
    vectors[linked] = found
    return np.ones(len(counts)), values, vectors


def _most_alike(rated: Any, lengths: npt.NDArray[np.float64]) -> Any:
    """[n_titles, n_titles] the largest cosines of each title's row, counted some titles at a time.

    All counts at once would fill a square of titles: of 5 million ratings, 20,000 titles and 3 GB.
    """
    from scipy import sparse

    by_title = rated.T.tocsr()
    products = np.cumsum(by_title @ np.diff(rated.indptr))
    parts, first = [], 0
    while first < len(lengths):
        limit = (products[first - 1] if first else 0) + _PRODUCTS
        last = max(int(np.searchsorted(products, limit, side="right")), first + 1)
        part = (by_title[first:last] @ rated).tocsr()
        rows = np.repeat(np.arange(last - first), np.diff(part.indptr))
        part.data = part.data * lengths[part.indices] * lengths[first + rows]
        part.data[part.indices == first + rows] = 0.0
        for row in np.flatnonzero(np.diff(part.indptr) > _MOST_TOGETHER):
            values = part.data[part.indptr[row] : part.indptr[row + 1]]  # a view
            values[np.argpartition(-values, _MOST_TOGETHER)[_MOST_TOGETHER:]] = 0.0
        part.eliminate_zeros()
        parts.append(part.astype(np.float32))
        first = last
    return sparse.vstack(parts, format="csr")


def _largest(matrix: npt.NDArray[np.float64], size: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The largest eigenvalues [size] of a symmetric matrix and their vectors [n, size], by subspace iteration."""
    start = np.random.default_rng(0).normal(size=(len(matrix), min(2 * size, len(matrix))))
    basis = np.linalg.qr(start)[0]
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(matrix @ basis)[0]
    values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
    largest = np.argsort(-values)[:size]
    return values[largest], basis @ vectors[:, largest]
