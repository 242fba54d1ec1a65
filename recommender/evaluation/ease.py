"""A strong reference row: the linear model from titles to titles that has a closed form."""

import numpy as np
import numpy.typing as npt

from recommender.data.catalogue_limits import MOST_TITLES_OF_EASE
from recommender.data.ratings import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.errors import ConfigurationError
from recommender.evaluation.metrics import Floats

_CELLS = 2**22  # viewers x titles held at once


class Ease:
    """Ranks titles by a weighted sum of those the viewer rated, and rates none of them.

    Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8: with X the table of who rated
    what and P = (X'X + regularisation I)^-1, the weights B = I - P diag(1 / diag P) reproduce X best among those with
    a diagonal of zeros. Stars play no part, nor does the moment.

    Args:
      training_part: the training part.
      regularisation: lambda of the paper, above 0; greater ones let fewer viewers decide less.

    Attributes:
      weights: [n_titles, n_titles] float32 B: from the title rated (row) to the title scored (column).

    Raises:
      ConfigurationError: if the catalogue is too large for a square matrix, or the regularisation is not above 0.
    """

    def __init__(self, training_part: Ratings, regularisation: float = 300.0) -> None:
        n_titles = len(training_part.items)
        if n_titles > MOST_TITLES_OF_EASE:
            raise ConfigurationError(
                f"{training_part.name}: {n_titles:,} titles make a matrix of {4e-9 * n_titles**2:.1f} GB, "
                f"and EASE inverts it; it takes up to {MOST_TITLES_OF_EASE:,} "
                f"titles. Choose another model, or leave rare titles out."
            )
        if not regularisation > 0:
            raise ConfigurationError(f"EASE's regularisation is {regularisation:g}; it must be above 0.")
        self._rated = RatingsByViewer(training_part)
        self.weights = _weights(_cooccurrences(self._rated, len(training_part.users)), regularisation)

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] sums of weights from the titles each viewer rated; the same at every moment."""
        users, places = np.unique(user_rows, return_inverse=True)
        scores: Floats = (self._rated.rated_mask(users).astype(np.float32) @ self.weights)[places]
        return scores

    def rate(
        self,
        user_rows: npt.NDArray[np.integer],
        item_rows: npt.NDArray[np.integer],
        timestamps: npt.NDArray[np.int64],
    ) -> None:
        """None: who rated what says nothing about stars."""


def _cooccurrences(rated: RatingsByViewer, n_users: int) -> npt.NDArray[np.float32]:
    """[n_titles, n_titles] viewers who rated both; whole numbers, exact in float32 up to 16 million viewers."""
    counts = np.zeros((rated.n_titles, rated.n_titles), np.float32)
    size = max(_CELLS // rated.n_titles, 1)
    for start in range(0, n_users, size):
        chunk = rated.rated_mask(np.arange(start, min(start + size, n_users))).astype(np.float32)
        counts += chunk.T @ chunk
    return counts


def _weights(counts: npt.NDArray[np.float32], regularisation: float) -> npt.NDArray[np.float32]:
    """B of these counts, which are overwritten."""
    diagonal = np.diag_indices_from(counts)
    counts[diagonal] += np.float32(regularisation)
    weights = np.linalg.inv(counts)
    weights /= -np.diag(weights)  # column by column
    weights[diagonal] = 0.0
    return weights
