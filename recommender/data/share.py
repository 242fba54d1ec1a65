"""Which part of the data one of several processes learns from."""

from dataclasses import dataclass

import numpy as np

from recommender.data.ratings import Ratings


@dataclass(frozen=True)
class Share:
    """One of several equal shares of the viewers.

    Attributes:
      index: which, from 0.
      count: how many shares there are; of one there is everything in it.
    """

    index: int = 0
    count: int = 1

    def part_of(self, ratings: Ratings) -> Ratings:
        """The ratings of the viewers in this share; no viewer is in two."""
        if self.count == 1:
            return ratings
        return ratings.take(np.flatnonzero(ratings.user_rows % self.count == self.index))

    def size_of(self, whole: int) -> int:
        """So much of a whole, rounded up."""
        return -(-whole // self.count)


WHOLE = Share()
