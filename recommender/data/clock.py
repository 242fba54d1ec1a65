"""Timestamps as numbers a network can read: a smooth position among quantiles; and the minutes that clocks show."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MINUTE = 60


def minute_of(seconds: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """[...] the minutes in which moments lie, UTC seconds of their starts: from then on a rating counts as given.

    Clocks are set to the minute, so who turns one to the minute of a rating finds it there.
    """
    return np.asarray(seconds, np.int64) // MINUTE * MINUTE


@dataclass(frozen=True)
class Clock:
    """The span of the training part and where its interactions lie in it.

    Attributes:
      origin: UTC seconds of the first training interaction; subtracted in int64, because float32 has a spacing of 64 s
        at today's timestamps.
      last: UTC seconds of the last training interaction.
      knots: [n_knots] seconds since the origin, strictly increasing: quantiles of the training timestamps.
    """

    origin: int
    last: int
    knots: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, timestamps: npt.NDArray[np.int64], n_knots: int) -> "Clock":
        """Learns the span and the quantiles.

        Args:
          timestamps: [n] UTC seconds of the training part.
          n_knots: how many quantiles, at least 2; equal ones are merged.

        Returns:
          The clock; with a single moment in the data it has two knots one second apart.
        """
        origin = int(timestamps.min())
        seconds = (timestamps - origin).astype(np.float64)
        knots = np.unique(np.quantile(seconds, np.linspace(0, 1, n_knots)).round()).astype(np.float32)
        if len(knots) < 2:
            knots = np.array([0.0, 1.0], np.float32)
        return cls(origin, int(timestamps.max()), knots)

    @property
    def span_seconds(self) -> float:
        """Length of the training span, at least one second."""
        return max(float(self.last - self.origin), 1.0)
