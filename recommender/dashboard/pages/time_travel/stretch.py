"""The stretch of time that the page Time travel shows, and the moments of it that the model is asked about."""

from dataclasses import dataclass

import numpy as np

from recommender.dashboard.choices.current import Options, to_seconds
from recommender.data.clock import MINUTE
from recommender.data.ranking import Rows

ALL = "all"
_DAY = 86_400
SPANS = {ALL: 0, "year": 365 * _DAY, "month": 30 * _DAY, "week": 7 * _DAY, "day": _DAY, "hours": _DAY // 4}
SPAN_NAMES = {"all": "All", "year": "Year", "month": "Month", "week": "Week", "day": "Day", "hours": "6 hours"}
MOST_MOMENTS, _FEWEST_MOMENTS = 160, 48
_MOST_CELLS = 8_000_000  # moments times titles: sixty thousand titles are asked about at 133 moments
_BEYOND = 0.05  # of a stretch that is shown beyond the training span


@dataclass(frozen=True)
class Stretch:
    """A stretch of time and the moments of it that are asked about.

    Attributes:
      start, end: UTC seconds.
      n: how many moments, at equal distance.
    """

    start: int
    end: int
    n: int

    @property
    def moments(self) -> Rows:
        """[at most n] UTC seconds, to the minute where they are more than one apart."""
        moments = np.linspace(self.start, self.end, self.n).astype(np.int64)
        return np.unique(moments // MINUTE * MINUTE if self.end - self.start > self.n * MINUTE else moments)

    def inside(self, first: int, last: int) -> Rows:
        """[n] those of its moments that lie between two others; the first of these two if none does."""
        moments = self.moments
        found = moments[(moments >= first) & (moments <= last)]
        return found if len(found) else np.array([first], np.int64)


_SHORT = ("day", "hours")  # in which nothing happens unless the viewer rates


def spans_of(options: Options) -> list[str]:
    """The names of the spans that are shorter than the data, after the whole of it."""
    length = (options.last - options.first).total_seconds()
    return [name for name, seconds in SPANS.items() if seconds < length]


def spans_worth_showing(options: Options, at: int, rated_at: Rows) -> list[str]:
    """Those of `spans_of` that show more than noise: a day or less only if the viewer rated something within it.

    Args:
      options: what may be chosen.
      at: the clock, UTC seconds.
      rated_at: [n] UTC seconds at which the viewer rated.
    """
    nearest = np.abs(rated_at - at).min(initial=np.iinfo(np.int64).max)
    return [name for name in spans_of(options) if name not in _SHORT or nearest <= SPANS[name] / 2]


def stretch_around(options: Options, at: int, span: str, n_titles: int) -> Stretch:
    """The stretch of a span's length around the clock.

    It moves in steps of a quarter of its length, so that it stays while the clock turns a little.

    Args:
      options: what may be chosen.
      at: the clock, UTC seconds.
      span: one of `SPANS`.
      n_titles: length of the catalogue; long ones are asked about at fewer moments.
    """
    first, last, length = to_seconds(options.first), to_seconds(options.last), SPANS[span]
    n = min(MOST_MOMENTS, max(_FEWEST_MOMENTS, _MOST_CELLS // n_titles))
    if not length:
        beyond = max(MINUTE, int((last - first) * _BEYOND))
        return Stretch(max(0, first - beyond), last + beyond, n)
    quarter, beyond = length // 4, int(length * _BEYOND)
    start = (at - length // 2 + quarter // 2) // quarter * quarter
    start = max(0, first - beyond, min(start, last + beyond - length))
    return Stretch(start, start + length, n)
