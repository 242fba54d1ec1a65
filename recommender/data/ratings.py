"""The one noun that readers produce and everything else consumes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.schema import Kind, RatingScale, Schema
from recommender.errors import DataError

USER_ID = "user_id"
ITEM_ID = "item_id"
RATING = "rating"
TIMESTAMP = "timestamp"
TITLE = "title"


@dataclass(frozen=True, eq=False)
class Ratings:
    """Interactions, the catalogue and the users they speak of; checks itself when made.

    Attributes:
      name: the data set's name, as on the command line.
      interactions: one row each: `user_id` str, `item_id` str, `rating` float64 in stars and, unless the
        schema says there are none, `timestamp` int64 in UTC seconds. A viewer may have met a title more than
        once.
      items: the catalogue, one row per title: `item_id`, `title` (both unique), and the schema's item
        features.
      users: one row per user: `user_id` (unique), and the schema's user features.
      scale: the rating scale.
      schema: the kind of each feature.
      aliases: further item ids of the source -> the id in `items` that stands for them, where a source holds
        one title under several ids.

    Raises:
      DataError: if a column is missing, an id is repeated or unknown, or a rating lies outside the scale.
    """

    name: str
    interactions: pd.DataFrame
    items: pd.DataFrame
    users: pd.DataFrame
    scale: RatingScale
    schema: Schema
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = [USER_ID, ITEM_ID, RATING] + [TIMESTAMP] * self.schema.has_timestamps
        self._require("interactions", self.interactions, columns)
        self._require("items", self.items, [ITEM_ID, TITLE, *(f.name for f in self.schema.item_features)])
        self._require("users", self.users, [USER_ID, *(f.name for f in self.schema.user_features)])
        for table, frame, column in (
            ("items", self.items, ITEM_ID),
            ("items", self.items, TITLE),
            ("users", self.users, USER_ID),
        ):
            repeated = frame[column][frame[column].duplicated()]
            if len(repeated):
                raise DataError(
                    f"{self.name}: {table} holds {column} {repeated.iloc[0]!r} twice; keep one row of each."
                )
        for column, known in ((USER_ID, self.users[USER_ID]), (ITEM_ID, self.items[ITEM_ID])):
            strangers = self.interactions[column][~self.interactions[column].isin(known)]
            if len(strangers):
                raise DataError(
                    f"{self.name}: {column} {strangers.iloc[0]!r} is rated but not described; "
                    f"add it to the table of {'users' if column == USER_ID else 'items'} "
                    "or remove its ratings."
                )
        outside = self.interactions[~self.interactions[RATING].between(self.scale.low, self.scale.high)]
        if len(outside):
            raise DataError(
                f"{self.name}, interaction {outside.index[0]}: rating {outside[RATING].iloc[0]:g} is outside "
                f"{self.scale}; set the rating scale or remove the row."
            )

    def _require(self, table: str, frame: pd.DataFrame, columns: list[str]) -> None:
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise DataError(f"{self.name}: {table} lacks column {missing[0]!r}; it has {', '.join(frame.columns)}.")

    def __len__(self) -> int:
        return len(self.interactions)

    def __repr__(self) -> str:
        return (
            f"Ratings({self.name!r}: {len(self):,} interactions, {len(self.users):,} users, "
            f"{len(self.items):,} titles, {self.scale} stars)"
        )

    def take(self, rows: npt.NDArray[np.integer]) -> "Ratings":
        """The same data set with only these interactions, by position and in this order.

        Args:
          rows: [n] positions in `interactions`.

        Returns:
          Ratings with the same catalogue and users.
        """
        return replace(self, interactions=self.interactions.iloc[rows].reset_index(drop=True))

    def with_more(self, other: "Ratings") -> "Ratings":
        """The same data set with the interactions of both, these first."""
        interactions = pd.concat([self.interactions, other.interactions], ignore_index=True)
        return replace(self, interactions=interactions)

    @cached_property
    def user_rows(self) -> npt.NDArray[np.int32]:
        """[n_interactions] row in `users` of each interaction."""
        return pd.Index(self.users[USER_ID]).get_indexer(self.interactions[USER_ID]).astype(np.int32)

    @cached_property
    def item_rows(self) -> npt.NDArray[np.int32]:
        """[n_interactions] row in `items` of each interaction."""
        return pd.Index(self.items[ITEM_ID]).get_indexer(self.interactions[ITEM_ID]).astype(np.int32)

    @cached_property
    def stars(self) -> npt.NDArray[np.float32]:
        """[n_interactions] ratings in stars."""
        return self.interactions[RATING].to_numpy(np.float32)

    @cached_property
    def timestamps(self) -> npt.NDArray[np.int64]:
        """[n_interactions] UTC seconds; zeros where the data set has no times."""
        if not self.schema.has_timestamps:
            return np.zeros(len(self), np.int64)
        return self.interactions[TIMESTAMP].to_numpy(np.int64)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the content (all three tables, rows in order), the same whatever its source."""
        digest = hashlib.sha256()
        for frame, features in (
            (self.interactions, ()),
            (self.items, self.schema.item_features),
            (self.users, self.schema.user_features),
        ):
            table = frame.copy()
            for feature in features:
                if feature.kind is Kind.MULTI_CATEGORY:
                    table[feature.name] = ["|".join(values) for values in table[feature.name]]
            digest.update(table.to_csv(index=False, lineterminator="\n").encode())
        return digest.hexdigest()
