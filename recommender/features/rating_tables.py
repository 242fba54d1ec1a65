"""Who gave how many stars to which title, ready to be gathered by the batch."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.signatures import STRANGER
from recommender.data.ratings import Ratings
from recommender.features.space import FeatureSpace

_CHUNK_CELLS = 16_000_000  # 64 MB of float32
_DENSE_CELLS = 64_000_000  # 256 MB of float32; above it, rows are scattered from lists, 15 times slower


class RatingTable:
    """A table of stars with gaps: a row per viewer and a column per title, or the other way round.

    Args:
      rows: [n] row of each interaction.
      columns: [n] column of each interaction.
      stars: [n] stars; of two in one place the later in this order counts.
      n_rows: rows in all.
      n_columns: columns in all.
    """

    def __init__(
        self,
        rows: npt.NDArray[np.integer],
        columns: npt.NDArray[np.integer],
        stars: npt.NDArray[np.floating],
        n_rows: int,
        n_columns: int,
    ) -> None:
        self.n_rows, self.n_columns = n_rows, n_columns
        order = np.lexsort((np.arange(len(rows)), columns, rows))
        rows, columns, stars = rows[order], columns[order], stars[order].astype(np.float32)
        last = np.append((np.diff(rows) != 0) | (np.diff(columns) != 0), True)[: len(rows)]
        rows, columns, stars = rows[last], columns[last], stars[last]
        self._dense: tf.Tensor | None = None
        if n_rows * n_columns <= _DENSE_CELLS:
            dense = np.full((n_rows, n_columns), np.nan, np.float32)
            dense[rows, columns] = stars
            self._dense = tf.constant(dense)
        else:
            lengths = np.bincount(rows, minlength=n_rows)
            self._columns = tf.RaggedTensor.from_row_lengths(tf.constant(columns, tf.int32), lengths)
            self._stars = tf.RaggedTensor.from_row_lengths(tf.constant(stars), lengths)

    def chunks(self) -> Iterator[tf.Tensor]:
        """The whole table, at most 64 MB of it at once."""
        size = max(1, _CHUNK_CELLS // self.n_columns)
        for start in range(0, self.n_rows, size):
            yield self(tf.range(start, min(start + size, self.n_rows)))

    def __call__(self, rows: tf.Tensor) -> tf.Tensor:
        """Some rows of the table.

        Args:
          rows: [batch] int32.

        Returns:
          [batch, n_columns] stars; NaN where there is no rating.
        """
        if self._dense is not None:
            return tf.gather(self._dense, rows)
        columns, stars = tf.gather(self._columns, rows), tf.gather(self._stars, rows)
        places = tf.stack([tf.cast(columns.value_rowids(), tf.int32), columns.values], axis=1)
        blank = tf.fill([tf.shape(rows)[0], self.n_columns], np.float32("nan"))
        return tf.tensor_scatter_nd_update(blank, places, stars.values)


def rated_titles_and_raters(ratings: Ratings, space: FeatureSpace) -> tuple[RatingTable, RatingTable]:
    """The ratings of a data set as tables, from both sides.

    Args:
      ratings: interactions, taken in the order of time.
      space: what the model's rows stand for.

    Returns:
      The titles each viewer rated, [n_viewers, n_titles], and the viewers who rated each title, its transpose.
      Strangers' ratings are in neither.
    """
    order = np.argsort(ratings.timestamps, kind="stable")
    viewers = space.viewer_of_user[ratings.user_rows[order]]
    order, viewers = order[viewers != STRANGER], viewers[viewers != STRANGER]
    titles, stars = ratings.item_rows[order], ratings.stars[order]
    return (
        RatingTable(viewers, titles, stars, space.n_viewers, space.n_titles),
        RatingTable(titles, viewers, stars, space.n_titles, space.n_viewers),
    )
