"""The steps of a model's clock: between two of their edges it learned nothing of its own about a moment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recommender.bundle.training_data import split_again
from recommender.data.clock import Clock
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


@dataclass(frozen=True)
class ClockGrain:
    """The steps of a model's clock.

    Attributes:
      edges: [n] UTC seconds, increasing. Scores run straight from one to the next, or keep to a bucket between two.
      star_edges: the same of predicted stars, which may drift more slowly.
      straight: whether scores run straight between the edges; if not, they are those of a bucket.
      exact: whether the edges are those of the model; if not, they are quantiles of the ratings at hand.
    """

    edges: npt.NDArray[np.int64]
    star_edges: npt.NDArray[np.int64]
    straight: bool
    exact: bool

    def width_at(self, at: int) -> int:
        """Seconds from one edge to the next around a moment; those of the first or last step outside of them."""
        return _width(self.edges, at)

    def star_width_at(self, at: int) -> int:
        """The same for predicted stars."""
        return _width(self.star_edges, at)


def _width(edges: npt.NDArray[np.int64], at: int) -> int:
    place = int(np.clip(np.searchsorted(edges, at, side="right"), 1, len(edges) - 1))
    return int(edges[place] - edges[place - 1])


def training_moments(recommender: "Recommender") -> tuple[npt.NDArray[np.int64], bool] | None:
    """When the ratings were given that the model learned from.

    Returns:
      [n] UTC seconds, sorted, and whether they are exactly those; if the split cannot be made again, they are those of
      all ratings at hand. None without ratings, or where they have no times.
    """
    ratings, manifest = recommender.ratings, recommender.manifest
    if ratings is None or not manifest.has_clock or not ratings.schema.has_timestamps:
        return None
    exact = ratings.checksum == manifest.data.checksum
    timestamps = ratings.timestamps
    if exact:
        try:
            train = split_again(ratings, manifest.split).train
            exact = len(train) == manifest.split.n_train  # else it was cut with another share
            timestamps = train.timestamps if exact else timestamps
        except RecommenderError:  # the files of the split are gone
            exact = False
    return np.sort(timestamps), exact


def clock_grain(recommender: "Recommender") -> ClockGrain | None:
    """The steps of a model's clock, worked out again as for its training.

    Returns:
      None for a model that does not read the clock or has no steps, and without ratings, from whose quantiles it has
      them.
    """
    configuration, found = recommender.manifest.configuration, training_moments(recommender)
    n = configuration.get("n_time_knots") or configuration.get("n_time_buckets")
    if found is None or not n or not recommender.manifest.reads_clock:
        return None
    timestamps, exact = found
    edges = star_edges = _quantiles(timestamps, int(n))
    if configuration.get("time_buckets") == "equal":
        edges = star_edges = np.linspace(edges[0], edges[-1], int(n)).astype(np.int64)
    if "n_rating_time_knots" in configuration:
        star_edges = _quantiles(timestamps, int(configuration["n_rating_time_knots"]))
    return ClockGrain(edges, star_edges, straight="n_time_knots" in configuration, exact=exact)


def _quantiles(timestamps: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    clock = Clock.fit(timestamps, n)
    return clock.origin + clock.knots.astype(np.int64)
