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
        self._ratings = ratings
        self._order = np.lexsort((-ratings.timestamps, ratings.user_rows))
        self._starts = np.searchsorted(ratings.user_rows[self._order], np.arange(len(ratings.users) + 1))
        self._rows = {user: row for row, user in enumerate(ratings.users[USER_ID])}

    def of(self, user_id: str) -> pd.DataFrame:
        """Columns `item_id`, `title`, `rating` and, where the data have times, `timestamp`; newest first."""
        row = self._rows.get(user_id)
        places = self._order[:0] if row is None else self._order[self._starts[row] : self._starts[row + 1]]
        ratings = self._ratings
        columns = [ITEM_ID, RATING] + [TIMESTAMP] * ratings.schema.has_timestamps
        frame = ratings.interactions[columns].iloc[places].reset_index(drop=True)
        frame.insert(1, TITLE, ratings.items[TITLE].to_numpy()[ratings.item_rows[places]])
        return frame
