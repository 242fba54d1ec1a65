"""What viewers rated, as a model that is joined with its ratings needs it: what they have seen, and what it read."""

from copy import copy
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from recommender.bundle.manifest import Manifest
from recommender.bundle.signatures import History
from recommender.bundle.training_data import training_part_of
from recommender.data.clock import minute_of
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, Ratings
from recommender.data.seen import RatingsByViewer, counts_as_seen
from recommender.serving.changes import Supposed
from recommender.serving.rows import ModelRows


def history_of(read: pd.DataFrame) -> History:
    """What was read of a viewer, to be asked about in parts.

    Args:
      read: columns `title`, `stars` and, where the data have times, `timestamp`, oldest first, as `history_read` gives
        it; each title once.
    """
    stars = dict(zip(read["title"].astype(str), read["stars"].astype(float), strict=True))
    return History(stars, read["timestamp"].tolist() if "timestamp" in read else None)


_MOST_KEPT = 256  # of viewers as of moments, who are asked about several times by one page


class ViewerHistories:
    """The histories of all viewers.

    Args:
      ratings: the data set; None where it is not here, and every history is empty.
      manifest: of the bundle.
      rows: of the bundle.
    """

    def __init__(self, ratings: Ratings | None, manifest: Manifest, rows: ModelRows) -> None:
        self._ratings, self._manifest, self._rows = ratings, manifest, rows
        self._all = None if ratings is None else RatingsByViewer(ratings)
        self._by: int | None = None
        self._supposed: Supposed | None = None
        self._keep()

    def as_of(self, at: int) -> "ViewerHistories":
        """The same as they stood at a moment, UTC seconds: without what was rated in a later minute."""
        _ = self._read  # worked out once for all moments
        then = copy(self)
        then._by = at
        return then

    def as_if(self, supposed: Supposed) -> "ViewerHistories":
        """The same with one viewer's ratings as they are supposed to be."""
        changed = copy(self)
        changed._supposed = supposed
        changed._keep()
        return changed

    def _keep(self) -> None:
        """Keeps answers, shared with all that is `as_of` a moment, and so asked with that moment."""
        self._kept_rated = lru_cache(_MOST_KEPT)(self._find_rated)
        self._kept_read = lru_cache(_MOST_KEPT)(self._find_read)

    def rated(self, user_id: str) -> pd.DataFrame:
        """What a viewer rated; see `Recommender.rated`."""
        return self._kept_rated(user_id, by=self._by).copy(deep=False)

    def _find_rated(self, user_id: str, *, by: int | None) -> pd.DataFrame:
        self._rows.row_of_viewer(user_id)
        if self._all is None:
            return pd.DataFrame(columns=["item_id", "title", "rating", "timestamp"])
        return self._changed(user_id, _until(by, self._all.rated_by(user_id)), by)

    def instead_of_baked(self, user_id: str | None) -> History | None:
        """What is read of a viewer as of a moment or as supposed; None where that is what was read in training."""
        as_trained = self._by is None and not self._is_changed(user_id)
        if as_trained or user_id is None or not self._manifest.reads_history:
            return None
        return history_of(self.read(user_id, earlier=False))

    def seen_rows(self, user_id: str | None, history: History | None) -> set[int] | None:
        """Catalogue rows of what was seen, in a given history and by a viewer; `counts_as_seen` decides.

        None if there is neither a history nor a viewer whose ratings are here: then nobody can say.
        """
        rows = None
        if history is not None:
            titles = np.array(list(history.stars), object)[counts_as_seen(list(history.stars.values()))]
            rows = set(self._rows.rows_of_titles(titles.tolist()).tolist())
        if user_id is not None and self._all is not None:
            rated = self.rated(user_id)
            found = self._rows.rows_of_ids(rated["item_id"][counts_as_seen(rated["rating"])])
            rows = (rows or set()) | set(found[found >= 0].tolist())
        return rows

    def read(self, user_id: str, *, earlier: bool) -> pd.DataFrame:
        """What the model read of a viewer in training; see `Recommender.history_read`."""
        return self._kept_read(user_id, by=self._by, earlier=earlier).copy(deep=False)

    def _find_read(self, user_id: str, *, by: int | None, earlier: bool) -> pd.DataFrame:
        self._rows.row_of_viewer(user_id)
        frame = self._find_rated(user_id, by=by)
        if self._read is not None:
            frame = self._changed(user_id, _until(by, self._read.rated_by(user_id)), by)
        frame = frame[self._rows.rows_of_ids(frame["item_id"]) >= 0]
        frame = (frame if earlier else frame.drop_duplicates("item_id"))[::-1]
        return frame.drop(columns="item_id").rename(columns={"rating": "stars"}).reset_index(drop=True)

    def last_read(self, user_id: str) -> int | None:
        """UTC seconds of a viewer's last rating in the training part; None without one, or if nobody can say."""
        self._rows.row_of_viewer(user_id)
        if self._read is None or not self._manifest.has_clock:
            return None
        rated = self._read.rated_by(user_id)
        return int(rated[TIMESTAMP].iloc[0]) if len(rated) else None

    def _is_changed(self, user_id: str | None) -> bool:
        return self._supposed is not None and user_id == self._supposed.user

    def _changed(self, user_id: str, rated: pd.DataFrame, by: int | None) -> pd.DataFrame:
        """A viewer's ratings, newest first, as they are supposed to be: what was never given comes as the newest."""
        supposed = self._supposed
        if supposed is None or user_id != supposed.user or not supposed.changes.ratings:
            return rated
        stars = dict(supposed.changes.ratings)
        asked = rated[TITLE].isin(list(stars))
        given = rated[TITLE].map({title: given for title, given in stars.items() if given is not None})
        rated = rated.assign(**{RATING: given.fillna(rated[RATING])})
        rated = rated[~asked | (given.notna() & ~rated.duplicated(ITEM_ID))]
        new = [(title, given) for title, given in supposed.changes.ratings if given is not None]
        new = [(title, given) for title, given in new if title not in set(rated[TITLE])]
        if not new or (by is not None and by < minute_of(supposed.at)):
            return rated.reset_index(drop=True)
        titles = [title for title, _ in reversed(new)]
        added = pd.DataFrame(
            {
                ITEM_ID: self._rows.item_ids[self._rows.rows_of_titles(titles)],
                TITLE: titles,
                RATING: [given for _, given in reversed(new)],
            }
        )
        if TIMESTAMP in rated:
            added[TIMESTAMP] = max([supposed.at, *rated[TIMESTAMP].head(1)])
        return pd.concat([added.astype(rated.dtypes.to_dict()), rated], ignore_index=True)

    @property
    def knows_what_was_read(self) -> bool:
        """Whether the training part can be told from the test part: the data and the files of their split are here."""
        return self._read is not None

    @cached_property
    def _read(self) -> RatingsByViewer | None:
        part = None if self._ratings is None else training_part_of(self._ratings, self._manifest)
        return None if part is None else RatingsByViewer(part)


def _until(by: int | None, rated: pd.DataFrame) -> pd.DataFrame:
    """What was rated by a moment; all of it for None."""
    return rated if by is None else rated[minute_of(rated[TIMESTAMP]) <= by].reset_index(drop=True)
