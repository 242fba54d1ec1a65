"""The reference row for stars: what a title and a viewer give on average, and nothing of who likes what."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.data.ratings import Ratings
from recommender.data.seen import ratings_in_order
from recommender.evaluation.metrics import Floats

_MOST_SWEEPS = 200
_STILL = 1e-6  # stars; of a scale of five it is below what float32 can tell


class Means:
    """Stars are mean + viewer's offset + title's offset; titles are ranked by them.

    The offsets minimise the squared errors plus `user_shrinkage` and `item_shrinkage` times the squares of the offsets
    (Koren, 2010, "Factor in the Neighbors", section 2.1), solved by turns until nothing moves. So a title's offset is
    the mean of what its viewers gave beyond their own, shrunken as if `item_shrinkage` ratings more had been 0.

    Args:
      training_part: the training part; of a title that a viewer rated twice the last rating counts.
      user_shrinkage: in ratings, above 0.
      item_shrinkage: in ratings, above 0.

    Attributes:
      mean: of all stars.
      user_offsets: [n_users] stars; 0 for a viewer without ratings.
      item_offsets: [n_titles] stars; 0 for a title without ratings.
    """

    same_at_every_moment = True

    def __init__(self, training_part: Ratings, user_shrinkage: float = 5.0, item_shrinkage: float = 5.0) -> None:
        rows = ratings_in_order(training_part)
        users, titles = training_part.user_rows[rows], training_part.item_rows[rows]
        stars = training_part.stars[rows].astype(np.float64)
        self._scale = training_part.scale
        self.mean = float(stars.mean())
        n_users, n_titles = len(training_part.users), len(training_part.items)
        rated = sparse.csr_matrix((np.ones(len(rows)), (users, titles)), (n_users, n_titles))
        by_title = rated.T.tocsr()
        sums_of_users = np.bincount(users, stars - self.mean, n_users)
        sums_of_titles = np.bincount(titles, stars - self.mean, n_titles)
        of_users = np.bincount(users, minlength=n_users) + user_shrinkage
        of_titles = np.bincount(titles, minlength=n_titles) + item_shrinkage
        self.user_offsets = np.zeros(n_users)
        for _ in range(_MOST_SWEEPS):
            self.item_offsets = (sums_of_titles - by_title @ self.user_offsets) / of_titles
            moved = (sums_of_users - rated @ self.item_offsets) / of_users
            still = np.abs(moved - self.user_offsets).max() < _STILL
            self.user_offsets = moved
            if still:
                break

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] predicted stars, not clipped; the same at every moment."""
        scores: Floats = (self.mean + self.user_offsets[user_rows, None] + self.item_offsets).astype(np.float32)
        return scores

    def rate(
        self,
        user_rows: npt.NDArray[np.integer],
        item_rows: npt.NDArray[np.integer],
        timestamps: npt.NDArray[np.int64],
    ) -> Floats:
        """[n] predicted stars inside the scale."""
        stars = self.mean + self.user_offsets[user_rows] + self.item_offsets[item_rows]
        return np.clip(stars, self._scale.low, self._scale.high)
