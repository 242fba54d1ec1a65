"""Where titles lie among each other: cosines of a model's candidates."""

import numpy as np
import numpy.typing as npt

from recommender.data.ranking import best_rows
from recommender.serving.variety import directions


class TitleSpace:
    """Directions of titles.

    Args:
      candidates: [n_titles, size] their places; with size 0 no title is near another.
    """

    def __init__(self, candidates: npt.NDArray[np.float32]) -> None:
        self._directions = directions(candidates)

    def cosines(self, row: int, others: npt.NDArray[np.integer] | None = None) -> npt.NDArray[np.float32]:
        """[n] cosines in [-1, 1] of one title with some others, or with all."""
        chosen = self._directions if others is None else self._directions[others]
        cosines: npt.NDArray[np.float32] = chosen @ self._directions[row]
        return cosines

    def likeness(self, rows: npt.NDArray[np.integer], others: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """[n, n_others] cosines of some titles with others."""
        cosines: npt.NDArray[np.float32] = self._directions[rows] @ self._directions[others].T
        return cosines

    def nearest(self, row: int, k: int) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.float32]]:
        """The k titles nearest to one, without itself.

        Returns:
          Rows [k] and cosines [k], nearest first; none if titles have no place.
        """
        if not self._directions.shape[1]:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        cosines = self.cosines(row)
        k = max(1, k)
        order = best_rows(cosines[None], k + 1)[0]
        order = order[order != row][:k]
        return order, cosines[order]
