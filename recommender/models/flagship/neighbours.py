"""Titles that go together, in closed form: a second opinion beside the trained towers."""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED

_ITERATIONS = 12  # of the subspace; the 64th eigenvalue of MovieLens 100K is 0.8 of the 32nd, and 0.8^12 is 0.07


class NeighbourTitles(tf.Module):
    """The largest part of EASE's weights between titles, as two narrow tables.

    With X the [n_viewers, n_titles] matrix of who rated what and P = (X'X + penalty I)^-1, EASE's weights are
    B = I - P / diag(P) (Steck 2019, eq. 8). With D = diag(P)^-1/2, D B D^-1 = I - D P D is symmetric: its largest
    eigenvalues and their vectors give B as the product of a table for histories and one for candidates.

    The towers are not trained beside these scores: trained beside them (and with the viewer's own influence on B taken
    out) the sum was no better than the towers alone, whereas the sum of two models fitted apart is better than each.
    Few eigenvalues do as well as all, and raise the titles that a viewer has seen, on which B was fitted, less.

    Args:
      n_titles: of the catalogue.
      size: eigenvalues to keep; none in catalogues too large for the inverse.
      penalty: EASE's, in ratings.
      weight: of these scores in the sum.
    """

    def __init__(self, n_titles: int, size: int, penalty: float, weight: float) -> None:
        super().__init__()
        self.size = min(size, n_titles) if n_titles <= MOST_TITLES_SQUARED else 0
        self._penalty, self._weight = penalty, weight
        self._fitted: npt.NDArray[np.float32] | None = None
        blank = np.zeros((n_titles, self.size), np.float32)
        self.of_histories = tf.Variable(blank, trainable=False)
        self.of_candidates = tf.Variable(blank, trainable=False)

    def fit(self, together: npt.NDArray[np.float32]) -> None:
        """Learns the tables; the same counts again cost nothing.

        Args:
          together: [n_titles, n_titles] how many viewers rated both titles (X'X).
        """
        if not self.size or (self._fitted is not None and np.array_equal(together, self._fitted)):
            return
        self._fitted = together
        inverse = np.linalg.inv(together + np.float32(self._penalty) * np.eye(self.of_histories.shape[0]))
        scale = np.sqrt(inverse.diagonal())
        values, vectors = _largest(np.eye(len(inverse)) - inverse / np.outer(scale, scale), self.size)
        self.of_histories.assign(scale[:, None] * vectors)
        self.of_candidates.assign(self._weight * vectors * values / scale[:, None])

    def pool(self, stars: tf.Tensor) -> tf.Tensor:
        """[batch, n_titles] stars with NaN for gaps to [batch, size]; times `of_candidates` these are the scores."""
        return tf.matmul(tf.cast(~tf.math.is_nan(stars), tf.float32), self.of_histories)


def _largest(matrix: npt.NDArray[np.float64], size: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The largest eigenvalues [size] of a symmetric matrix and their vectors [n, size], by subspace iteration."""
    start = np.random.default_rng(0).normal(size=(len(matrix), min(2 * size, len(matrix))))
    basis = np.linalg.qr(start)[0]
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(matrix @ basis)[0]
    values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
    largest = np.argsort(-values)[:size]
    return values[largest], basis @ vectors[:, largest]
