"""What viewers rated, in order: flat lists with a row for each rating, so that nothing is as wide as the catalogue."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from recommender.bundle.signatures import STRANGER
from recommender.data.ratings import Ratings
from recommender.data.seen import ratings_in_order
from recommender.features.space import FeatureSpace


class Histories(NamedTuple):
    """The ratings that some queries read, one query's after another's and the oldest of each first.

    Attributes:
      items: [n] int32 catalogue rows.
      stars: [n] float32.
      times: [n] int64 UTC seconds.
      rows: [n] int32 which query reads the rating, ascending.
      count: [] int32 how many queries there are.
    """

    items: tf.Tensor
    stars: tf.Tensor
    times: tf.Tensor
    rows: tf.Tensor
    count: tf.Tensor

    def lengths(self) -> tf.Tensor:
        """[count] int32 how many ratings each query reads."""
        return self.summed(tf.ones_like(self.rows))

    def summed(self, values: tf.Tensor) -> tf.Tensor:
        """[count, ...] the sums over each query's ratings of [n, ...] values."""
        sums = tf.math.segment_sum(values, self.rows)  # a third quicker than unsorted; ends with the last that reads
        return tf.pad(sums, [[0, self.count - tf.shape(sums)[0]]] + [[0, 0]] * (values.shape.rank - 1))

    def positions(self) -> tf.Tensor:
        """[n] int32 how many ratings of the same query are newer: 0 for the newest."""
        return tf.gather(tf.cumsum(self.lengths()), self.rows) - 1 - tf.range(tf.size(self.rows))

    def ages(self) -> tf.Tensor:
        """[n] float32 days between each rating and the newest of the same query."""
        last = tf.math.unsorted_segment_max(self.times, self.rows, self.count)
        return tf.cast(tf.gather(last, self.rows) - self.times, tf.float32) / 86_400.0

    def stars_table(self, n_titles: int) -> tf.Tensor:
        """[count, n_titles] stars, NaN for gaps, for a model that reads so; of a title rated twice the later counts."""
        places = tf.stack([self.rows, self.items], axis=1)
        shape = tf.stack([self.count, n_titles])
        later = tf.tensor_scatter_nd_max(tf.fill(shape, -1), places, tf.range(tf.size(self.rows)))
        return tf.where(later < 0, np.float32("nan"), tf.gather(tf.pad(self.stars, [[0, 1]]), tf.maximum(later, 0)))

    def kept(self, keep: tf.Tensor) -> "Histories":
        """Only the ratings for which [n] `keep` is true; the queries stay as many."""
        places = tf.where(keep)[:, 0]
        items, stars, times, rows = (
            tf.gather(part, places) for part in (self.items, self.stars, self.times, self.rows)
        )
        return Histories(items, stars, times, rows, self.count)


def given_history(items: tf.Tensor, stars: tf.Tensor, times: tf.Tensor, kept: tf.Tensor) -> Histories:
    """One list of ratings, or several parts of it.

    Args:
      items: [length] int32 catalogue rows, oldest first.
      stars: [length] stars.
      times: [length] int64 UTC seconds.
      kept: [rows, length] bool: which of the list each row holds.
    """
    places = tf.where(kept)  # in order of the rows, and in each in order of the list
    column = places[:, 1]
    return Histories(
        tf.gather(items, column),
        tf.gather(stars, column),
        tf.gather(times, column),
        tf.cast(places[:, 0], tf.int32),
        tf.shape(kept)[0],
    )


class ViewerLists:
    """The histories of all viewers of a data set: what each rated, oldest first.

    Ratings of one second are in the order of the data set, and of a title rated more than once the last counts.

    Args:
      ratings: interactions.
      space: what the model's rows stand for; strangers' ratings are in no list.

    Attributes:
      items, stars, times: [n] of all ratings, viewer after viewer.
      starts: [n_viewers + 1] where each viewer's begin.
    """

    def __init__(self, ratings: Ratings, space: FeatureSpace) -> None:
        order = ratings_in_order(ratings)
        viewers = space.viewer_of_user[ratings.user_rows[order]]
        order, viewers = order[viewers != STRANGER], viewers[viewers != STRANGER]
        self.items = ratings.item_rows[order]
        self.stars = ratings.stars[order]
        self.times = ratings.rated.seconds[order]
        self.starts = np.searchsorted(viewers, np.arange(space.n_viewers + 1))

    def chunks(self, at_once: int = 200_000) -> Iterator[Histories]:
        """The histories of all viewers, in order of their rows, so many ratings at a time, or one viewer."""
        n_viewers, first = len(self.starts) - 1, 0
        while first < n_viewers:
            limit = self.starts[first] + at_once
            last = max(int(np.searchsorted(self.starts, limit, side="right")) - 1, first + 1)
            yield self.between(first, min(last, n_viewers))
            first = last

    def between(self, first: int, last: int) -> Histories:
        """The histories of the viewers in rows `first` to `last` (without it)."""
        part = slice(self.starts[first], self.starts[last])
        lengths = np.diff(self.starts[first : last + 1])
        return Histories(
            tf.constant(self.items[part]),
            tf.constant(self.stars[part]),
            tf.constant(self.times[part], tf.int64),
            tf.constant(np.repeat(np.arange(last - first), lengths), tf.int32),
            tf.constant(last - first),
        )
