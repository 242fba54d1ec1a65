"""Which titles each viewer has met, without a table of all viewers by all titles."""

import numpy as np
import numpy.typing as npt

from recommender.data.ratings import Ratings
from recommender.evaluation.metrics import Booleans


class MetTitles:
    """The interactions in order of viewer, so that one viewer's titles are a slice.

    Args:
      ratings: the interactions.
    """

    def __init__(self, ratings: Ratings) -> None:
        order = np.argsort(ratings.user_rows, kind="stable")
        self._items = ratings.item_rows[order]
        self._starts = np.searchsorted(ratings.user_rows[order], np.arange(len(ratings.users) + 1))
        self.n_titles = len(ratings.items)

    def of(self, user_rows: npt.NDArray[np.integer]) -> Booleans:
        """[n, n_titles] whether each of these viewers has met each title."""
        starts = self._starts[user_rows]
        counts = self._starts[user_rows + 1] - starts
        # Places in `_items`, one viewer's after another's: each viewer's count on from their start.
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(starts - (ends - counts), counts)
        met = np.zeros((len(user_rows), self.n_titles), np.bool_)
        met[np.repeat(np.arange(len(user_rows)), counts), self._items[places]] = True
        return met
