"""What each viewer has rated, newest first, without a frame for each of them."""

import numpy as np
import pandas as pd

from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings


class SeenTitles:
    """The ratings sorted once, so that one viewer's are a slice.

    Args:
      ratings: the data set.
    """

    def __init__(self, ratings: Ratings) -> None:
        order = np.lexsort((-ratings.timestamps, ratings.user_rows))
        columns = [ITEM_ID, RATING] + [TIMESTAMP] * ratings.schema.has_timestamps
        self._sorted = ratings.interactions[columns].iloc[order]
        self._sorted.insert(1, TITLE, ratings.items[TITLE].array.take(ratings.item_rows[order]))
        self._starts = np.searchsorted(ratings.user_rows[order], np.arange(len(ratings.users) + 1))
        self._rows = {user: row for row, user in enumerate(ratings.users[USER_ID])}

    def of(self, user_id: str) -> pd.DataFrame:
        """Columns `item_id`, `title`, `rating` and, where the data have times, `timestamp`; newest first."""
        row = self._rows.get(user_id)
        start, stop = (0, 0) if row is None else (self._starts[row], self._starts[row + 1])
        return self._sorted.iloc[start:stop].reset_index(drop=True)
