"""The reference row that every model must beat: the same best-seller list for everybody."""

import numpy as np
import numpy.typing as npt

from recommender.data.ratings import Ratings
from recommender.evaluation.metrics import Floats


class Popularity:
    """Ranks titles by how often they were rated in the training part, and rates none of them.

    Args:
      training_part: the training part.
    """

    def __init__(self, training_part: Ratings) -> None:
        self.counts = np.bincount(training_part.item_rows, minlength=len(training_part.items)).astype(np.float32)

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] number of training ratings of each title, the same in each row."""
        return np.broadcast_to(self.counts, (len(user_rows), len(self.counts)))

    def rate(
        self,
        user_rows: npt.NDArray[np.integer],
        item_rows: npt.NDArray[np.integer],
        timestamps: npt.NDArray[np.int64],
    ) -> None:
        """None: popularity says nothing about stars."""
