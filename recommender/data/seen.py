"""What counts as seen, and who rated what, without a table of all viewers by all titles."""

from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings

# Worked out once for as long as the ratings are there: a training asks for the same order dozens of times.
_IN_ORDER: WeakKeyDictionary[Ratings, npt.NDArray[np.int32]] = WeakKeyDictionary()
_KEPT = 32  # viewers whose ratings are kept as a frame: one change of a page looks a dozen times at the same viewer's


def counts_as_seen(stars: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a rating of so many stars makes its title a seen one, which lists leave out: any rating does.

    Args:
      stars: [...] ratings.

    Returns:
      [...] the answer for each; whatever speaks of seen titles asks here.
    """
    return np.ones(np.shape(stars), np.bool_)


def ratings_in_order(ratings: Ratings) -> npt.NDArray[np.int32]:
    """The ratings that a model reads as histories: viewer after viewer, the oldest of each first.

    Ratings of one second are in the order of the data set, and of a title rated more than once the last counts.

    Args:
      ratings: the interactions.

    Returns:
      [n] positions in `ratings.interactions`, the same array each time, which refuses to be changed.
    """
    found = _IN_ORDER.get(ratings)
    if found is None:
        found = _IN_ORDER[ratings] = _in_order(ratings)
        found.flags.writeable = False
    return found


def _in_order(ratings: Ratings) -> npt.NDArray[np.int32]:
    order = np.lexsort((ratings.rated.seconds, ratings.user_rows)).astype(np.int32)
    newest_first = order[::-1]
    pairs = ratings.user_rows[newest_first].astype(np.int64) * len(ratings.items) + ratings.item_rows[newest_first]
    last = np.zeros(len(order), np.bool_)
    last[np.unique(pairs, return_index=True)[1]] = True
    return order[last[::-1]]


class RatingsByViewer:
    """The interactions in order of viewer, newest first, so that one viewer's are a slice.

    Args:
      ratings: the interactions.
    """

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings
        self._order = np.lexsort((-ratings.rated.seconds, ratings.user_rows)).astype(np.int32)
        self._items = ratings.item_rows[self._order]
        self._is_seen = counts_as_seen(ratings.stars[self._order])
        self._starts = np.searchsorted(ratings.user_rows[self._order], np.arange(len(ratings.users) + 1))
        self._rows: dict[str, int] | None = None
        self._frame_of = lru_cache(maxsize=_KEPT)(self._look_up)
        self.n_titles = len(ratings.items)

    def rated_by(self, user_id: str) -> pd.DataFrame:
        """Columns `item_id`, `title`, `rating` and, where the data have times, `timestamp`; newest first.

        Nobody of that id: no row.
        """
        return self._frame_of(user_id).copy(deep=False)

    def _look_up(self, user_id: str) -> pd.DataFrame:
        if self._rows is None:
            self._rows = {user: row for row, user in enumerate(self._ratings.users[USER_ID])}
        row = self._rows.get(user_id)
        start, stop = (0, 0) if row is None else (self._starts[row], self._starts[row + 1])
        columns = [ITEM_ID, RATING] + [TIMESTAMP] * self._ratings.schema.has_timestamps
        rated = self._ratings.take(self._order[start:stop]).interactions[columns]
        rated.insert(1, TITLE, self._ratings.items[TITLE].array.take(self._items[start:stop]))
        return rated

    def rated_mask(self, user_rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """[n, n_titles] whether each of these viewers rated each title."""
        return self._mask(user_rows)

    def seen_mask(self, user_rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """[n, n_titles] whether each of these viewers has seen each title; see `counts_as_seen`."""
        return self._mask(user_rows, self._is_seen)

    def _mask(
        self, user_rows: npt.NDArray[np.integer], counted: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.bool_]:
        starts = self._starts[user_rows]
        counts = self._starts[user_rows + 1] - starts
        # Places in `_items`, one viewer's after another's: each viewer's count on from their start.
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(starts - (ends - counts), counts)
        viewers = np.repeat(np.arange(len(user_rows)), counts)
        if counted is not None:
            kept = counted[places]
            viewers, places = viewers[kept], places[kept]
        mask = np.zeros((len(user_rows), self.n_titles), np.bool_)
        mask[viewers, self._items[places]] = True
        return mask
