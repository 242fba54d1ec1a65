"""The reference rows that every model must beat: the same best-seller list for everybody, of all time or of late."""

import numpy as np
import numpy.typing as npt

from recommender.data.ratings import Ratings
from recommender.evaluation.metrics import Floats
from recommender.evaluation.rankings import Ranking

N_MOMENTS = 256  # at which recent popularity is worked out; between two of them lies 0.4% of the ratings
_DAY = 86_400.0  # seconds


class Popularity(Ranking):
    """Ranks titles by how often they were rated in the training part, and rates none of them.

    Args:
      training_part: the training part.
    """

    same_at_every_moment = True

    def __init__(self, training_part: Ratings) -> None:
        self.counts = np.bincount(training_part.item_rows, minlength=len(training_part.items)).astype(np.float32)

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] number of training ratings of each title, the same in each row."""
        return np.broadcast_to(self.counts, (len(user_rows), len(self.counts)))


class RecentPopularity(Ranking):
    """Ranks titles by how often they were rated before the moment of asking, older ratings counting less.

    A rating counts 2^(-age / half-life). The counts are worked out at some moments, between which equally many
    ratings lie, and a question is answered by the last of them that is not after it: it is never told of what comes
    later, and from the data's end on the counts are those of the end. Before the first they are zeros.

    Args:
      training_part: the training part; without times every rating counts 1.
      half_life_days: age at which a rating counts half; infinite for all-time popularity.
      n_moments: at which they are worked out.

    Attributes:
      moments: [n_moments] UTC seconds, ascending; the last is that of the last rating.
      counts: [n_moments, n_titles] float32 decayed counts.
    """

    def __init__(self, training_part: Ratings, half_life_days: float, n_moments: int = N_MOMENTS) -> None:
        order = np.argsort(training_part.timestamps, kind="stable")
        times, titles = training_part.timestamps[order], training_part.item_rows[order]
        n, n_titles = len(times), len(training_part.items)
        places = -(-n * np.arange(1, n_moments + 1) // n_moments) - 1
        self.moments = times[places] if n else np.zeros(n_moments, np.int64)
        self.counts = np.zeros((n_moments, n_titles), np.float32)
        so_far, start, before = np.zeros(n_titles), 0, self.moments[0]
        stops = np.searchsorted(times, self.moments, side="right")
        for row, (moment, stop) in enumerate(zip(self.moments, stops, strict=True)):
            new = _decay(moment - times[start:stop], half_life_days)
            so_far = so_far * _decay(moment - before, half_life_days)
            so_far += np.bincount(titles[start:stop], new, n_titles)
            self.counts[row], start, before = so_far, stop, moment

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] decayed counts of each title as of the moment, the same for every viewer."""
        rows = np.searchsorted(self.moments, timestamps, side="right") - 1
        scores: Floats = self.counts[np.maximum(rows, 0)]
        scores[rows < 0] = 0.0
        return scores


def counts_at_the_end(training_part: Ratings, half_life_days: float) -> npt.NDArray[np.float64]:
    """[n_titles] the last row of `RecentPopularity.counts`, without the others."""
    ages = training_part.timestamps.max(initial=0) - training_part.timestamps
    weights = _decay(ages, half_life_days)
    return np.bincount(training_part.item_rows, weights, len(training_part.items)).astype(np.float64)


def _decay(seconds: npt.ArrayLike, half_life_days: float) -> npt.NDArray[np.float64]:
    shares: npt.NDArray[np.float64] = np.exp2(-np.asarray(seconds, np.float64) / (half_life_days * _DAY))
    return shares
