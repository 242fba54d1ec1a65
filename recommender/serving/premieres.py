"""From when on titles can be recommended: nobody is advised to watch what is not out yet."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from recommender.data.clock import minute_of
from recommender.data.ratings import ITEM_ID, Ratings
from recommender.data.titles import spoken_name
from recommender.serving.rows import ModelRows


def premieres(ratings: Ratings, rows: ModelRows, titles: Sequence[str]) -> npt.NDArray[np.int64]:
    """From when on each title is out: somebody has rated it, and its year, where its name says one, has begun.

    Args:
      ratings: the data set, with times.
      rows: the model's rows.
      titles: [n_titles] the catalogue.

    Returns:
      [n_titles] UTC seconds; of a title that nobody ever rated its year alone decides.
    """
    since = np.array([_first_second(spoken_name(title).year) for title in titles], np.int64)
    if not len(ratings):
        return since
    order = np.argsort(ratings.timestamps, kind="stable")
    rated, first = np.unique(ratings.item_rows[order], return_index=True)
    found = rows.rows_of_ids(ratings.items[ITEM_ID].iloc[rated])
    known = found >= 0
    since[found[known]] = np.maximum(since[found[known]], ratings.timestamps[order[first[known]]])
    return minute_of(since)


def _first_second(year: int | None) -> int:
    return 0 if year is None or year <= 1970 else int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
