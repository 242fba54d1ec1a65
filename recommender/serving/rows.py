"""From names to rows: which row of the model a viewer or a title has."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle.manifest import Identifiers
from recommender.bundle.signatures import STRANGER
from recommender.data.catalogue_limits import MOST_TITLES_AS_OBJECTS
from recommender.errors import UnknownTitleError, UnknownUserError


class ModelRows:
    """Viewer rows (`STRANGER`, then the users in order) and catalogue rows (titles from 0) by name.

    Args:
      identifiers: of the bundle.

    Attributes:
      item_ids: [n_titles] ids as an array of objects, to be taken by row.
      titles: [n_titles] titles likewise.
      texts_of_ids, texts_of_titles: [n_titles] the same as pandas holds texts, which makes a frame of a whole catalogue
        at once.
    """

    def __init__(self, identifiers: Identifiers) -> None:
        self.item_ids = np.array(identifiers.item_ids, dtype=object)
        self.titles = np.array(identifiers.titles, dtype=object)
        is_long = len(self.titles) > MOST_TITLES_AS_OBJECTS
        texts: Any = pd.StringDtype("pyarrow", na_value=np.nan) if is_long else "str"
        self.texts_of_ids, self.texts_of_titles = (pd.array(part, texts) for part in (self.item_ids, self.titles))
        self._identifiers = identifiers
        self._viewers = {user: row for row, user in enumerate(identifiers.users, start=STRANGER + 1)}
        self._by_title = {title: row for row, title in enumerate(identifiers.titles)}
        self._by_id = {item: row for row, item in enumerate(identifiers.item_ids)}

    def row_of_viewer(self, user_id: str | None) -> int:
        """The row of a user; the stranger's for None.

        Raises:
          UnknownUserError: if the model was not trained on the user.
        """
        if user_id is None:
            return STRANGER
        row = self._viewers.get(str(user_id))
        if row is None:
            raise UnknownUserError(str(user_id), self._identifiers.users)
        return row

    def row_of_title(self, title: str) -> int:
        """The row of one title; errors as for `rows_of_titles`."""
        return int(self.rows_of_titles([title])[0])

    def rows_of_titles(self, titles: Sequence[str]) -> npt.NDArray[np.int32]:
        """[n] rows of titles.

        Raises:
          UnknownTitleError: for the first that is not in the catalogue.
        """
        rows = [self._by_title.get(title, -1) for title in titles]
        if -1 in rows:
            raise UnknownTitleError(titles[rows.index(-1)], self._identifiers.titles)
        return np.array(rows, np.int32)

    def rows_of_ids(self, item_ids: Iterable[str]) -> npt.NDArray[np.int64]:
        """[n] rows of titles by their ids; -1 for one that is not in the catalogue."""
        return np.array([self._by_id.get(item, -1) for item in item_ids], np.int64)
