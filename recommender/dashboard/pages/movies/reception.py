"""How a title was received: how many viewers rated it, how well, and when."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.data.ratings import Ratings

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_PARTS = 30  # of the span, so that each is a column wide enough to be pointed at
_MOST_BARS = 50


@dataclass(frozen=True)
class Reception:
    """What all viewers together gave one title.

    Attributes:
      n_ratings: how many rated it.
      mean: of their stars; NaN without any, as where the data have no ratings.
      spread: standard deviation of their stars; NaN with fewer than two.
      stars: `stars` (each step that was given, or each of the scale where there are few) and `count`.
      parts: `from`, `next` (UTC), `count`, `mean`: equal parts of the data's span; None where the data have no times.
      times: [n_ratings] UTC seconds of the ratings, ascending; None likewise.
    """

    n_ratings: int
    mean: float
    spread: float
    stars: pd.DataFrame
    parts: pd.DataFrame | None
    times: npt.NDArray[np.int64] | None

    def n_by(self, at: int) -> int:
        """How many had rated it by a moment, UTC seconds; where there are times."""
        return 0 if self.times is None else int(np.searchsorted(self.times, at, side="right"))


@st.cache_data(max_entries=300, show_spinner=False)
def received(_recommender: "Recommender", version: str, item_id: str) -> Reception | None:
    """The `reception` of a title, worked out once for each model; None without ratings."""
    return None if _recommender.ratings is None else reception(_recommender.ratings, item_id)


def reception(ratings: Ratings, item_id: str) -> Reception:
    """How a title was received; one that nobody rated, or that the data do not have, has no ratings."""
    item_rows = np.flatnonzero((ratings.items["item_id"] == item_id).to_numpy())
    own = ratings.take(np.flatnonzero(np.isin(ratings.item_rows, item_rows)))
    stars = own.stars.astype(float)
    if not ratings.schema.has_ratings:
        stars = np.full(len(own), np.nan)
    scale = ratings.scale
    few = scale.step > 0 and (scale.high - scale.low) / scale.step <= _MOST_BARS
    if not few:  # a scale without steps, or of too many: each bar holds a stretch of it
        width = (scale.high - scale.low) / _MOST_BARS
        stars_shown = np.round(scale.low + np.round((stars - scale.low) / width) * width, 6) if width > 0 else stars
    else:
        stars_shown = stars
    steps = np.arange(scale.low, scale.high + scale.step / 2, scale.step) if few else np.unique(stars_shown)
    values, counts = np.unique(stars_shown, return_counts=True)
    given = dict(zip(values.tolist(), counts.tolist(), strict=True))
    shown = sorted({*np.round(steps, 6).tolist(), *given})
    return Reception(
        n_ratings=len(own),
        mean=float(stars.mean()) if len(own) else float("nan"),
        spread=float(stars.std(ddof=1)) if len(own) > 1 else float("nan"),
        stars=pd.DataFrame({"stars": shown, "count": [given.get(step, 0) for step in shown]}),
        parts=_parts(ratings.timestamps, own.timestamps, stars) if ratings.schema.has_timestamps else None,
        times=np.sort(own.timestamps) if ratings.schema.has_timestamps else None,
    )


def _parts(times: np.ndarray, own_times: np.ndarray, stars: np.ndarray) -> pd.DataFrame:
    """Of equal parts of all times, how many ratings a title has in each, and their mean."""
    first, last = int(times.min()), max(int(times.max()), int(times.min()) + _PARTS)
    edges = np.linspace(first, last, _PARTS + 1)
    part = np.clip(np.searchsorted(edges, own_times, side="right") - 1, 0, _PARTS - 1)
    counts = np.bincount(part, minlength=_PARTS)
    sums = np.bincount(part, weights=stars, minlength=_PARTS)
    with np.errstate(invalid="ignore"):
        means = np.where(counts > 0, sums / counts, np.nan)
    stamps = pd.to_datetime(edges.astype(np.int64), unit="s", utc=True)
    return pd.DataFrame({"from": stamps[:-1], "next": stamps[1:], "count": counts, "mean": means})
